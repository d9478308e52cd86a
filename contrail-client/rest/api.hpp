#pragma once

#include <chrono>
#include <cstdint>
#include <stdexcept>

#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>

#include "contrail-client/answer/list_parser.hpp"
#include "contrail-client/codec.hpp"

namespace contrail {

// What is known of a request that got no answer.
enum class Reached : std::uint8_t {
  not_sent,  // the server cannot have it: sending it again is safe
  unknown,   // the server may have carried it out: look before sending it again
};

struct Failure {
  Error error;
  Reached reached = Reached::not_sent;

  friend bool operator==(const Failure&, const Failure&) = default;
};

// Asked for by boost::system::result where value() is called on a failure: a bug of the caller.
[[noreturn]] BOOST_NORETURN inline void throw_exception_from_error(const Failure& f, const boost::source_location&) {
  throw std::runtime_error(f.error.message);
}

// A response of any status, or why there is none.
using Answer = boost::system::result<Response, Failure>;

// The config API as those see it who write to it; in tests a server in memory takes the place of the client.
class Api {
 public:
  virtual ~Api() = default;

  // One request and its whole answer within `timeout`, which includes any wait for a connection. A read may be sent
  // twice, nothing else is ever repeated.
  virtual boost::asio::awaitable<Answer> exchange(Request request, std::chrono::milliseconds timeout) = 0;

  // A request made by list(): its objects go to `sink` one by one while the answer comes in, those only that `wanted`
  // accepts (null: all), and those that cannot be read to `unreadable` (null: they are a failure). The response has no
  // body then, unless its status is not 200. After a failure the objects that came before it are not the whole list.
  virtual boost::asio::awaitable<Answer> list(Type type, Request request, ListParser::Sink sink,
                                              std::chrono::milliseconds timeout, ListParser::Filter wanted = {},
                                              ListParser::UnreadableSink unreadable = {}) = 0;
};

}  // namespace contrail
