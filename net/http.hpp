#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/system/result.hpp>

#include "base/result.hpp"

namespace net {

using Headers = std::vector<std::pair<std::string, std::string>>;

// The value of the first field of that name (names compare without case), or null.
const std::string* find_header(const Headers& headers, std::string_view name);

// What is asked. The connection adds Host, Content-Length (where a body is there or the method has one) and nothing
// else.
struct HttpRequest {
  std::string method = "GET";
  std::string target;  // begins with '/'; the endpoint's base path is put in front of it
  Headers headers;
  std::string body;
};

// The response before its body.
struct ResponseHead {
  int status = 0;
  Headers headers;
};

struct HttpResponse {
  int status = 0;
  Headers headers;
  std::string body;
};

// What is known of a request whose exchange failed.
enum class Delivery : std::uint8_t {
  not_sent,  // the server cannot have it: trying again is safe
  stale,     // a kept connection was closed before anything of a response came: the server most likely closed it before
             // the request arrived; trying again is safe for what may happen twice
  unknown,   // the server may have carried it out
};

// A failed exchange.
struct Failure {
  base::Error error;
  Delivery delivery = Delivery::not_sent;

  friend bool operator==(const Failure&, const Failure&) = default;
};

// Asked for by boost::system::result where value() is called on a failure: a bug of the caller.
[[noreturn]] BOOST_NORETURN inline void throw_exception_from_error(const Failure& f, const boost::source_location&) {
  throw std::runtime_error(f.error.message);
}

template <class T>
using Outcome = boost::system::result<T, Failure>;

// Percent-encodes all but RFC 3986's unreserved characters: for one path segment, or one name or value of a query.
std::string percent_encode(std::string_view text);

}  // namespace net
