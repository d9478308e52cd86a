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

// The value of the first field with that name (case-insensitive); null: none.
const std::string* find_header(const Headers& headers, std::string_view name);

// A request. The connection adds only Host and Content-Length (if there is a body, or the method requires one).
struct HttpRequest {
  std::string method = "GET";
  std::string target;  // begins with '/'; the endpoint's base path precedes it
  Headers headers;
  std::string body;
};

// The response without its body.
struct ResponseHead {
  int status = 0;
  Headers headers;
};

struct HttpResponse {
  int status = 0;
  Headers headers;
  std::string body;
};

// What is known about a request whose exchange failed.
enum class Delivery : std::uint8_t {
  not_sent,  // the server cannot have received it: a retry is safe
  stale,    // a kept connection was closed before a response began: the server most likely closed it before the request
            // arrived; a retry is safe for requests that may be carried out twice
  unknown,  // the server may have carried it out
};

// A failed exchange.
struct Failure {
  base::Error error;
  Delivery delivery = Delivery::not_sent;

  friend bool operator==(const Failure&, const Failure&) = default;
};

// Required by boost::system::result: called when value() is used on a failure, which is a bug of the caller.
[[noreturn]] BOOST_NORETURN inline void throw_exception_from_error(const Failure& f, const boost::source_location&) {
  throw std::runtime_error(f.error.message);
}

template <class T>
using Outcome = boost::system::result<T, Failure>;

// Percent-encodes all but RFC 3986's unreserved characters: for a path segment, or a name or value of a query.
std::string percent_encode(std::string_view text);

}  // namespace net
