#pragma once

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>

#include "contrail-client/answer/list_parser.hpp"
#include "contrail-client/codec.hpp"

namespace contrail {

// What is known about a request without an answer.
enum class Reached : std::uint8_t {
  not_sent,  // the server cannot have received it: a retry is safe
  unknown,   // the server may have carried it out: read before a retry
};

struct Failure {
  Error error;
  Reached reached = Reached::not_sent;

  friend bool operator==(const Failure&, const Failure&) = default;
};

// Required by boost::system::result: called when value() is used on a failure, which is a bug of the caller.
[[noreturn]] BOOST_NORETURN inline void throw_exception_from_error(const Failure& f, const boost::source_location&) {
  throw std::runtime_error(f.error.message);
}

// A response of any status, or the reason why there is none. An error that is an HTML page has the text of the page.
using Answer = boost::system::result<Response, Failure>;

// Receives an answer without an end.
class Follower {
 public:
  virtual ~Follower() = default;
  // The answer begins, with status 200. `server`: its URL.
  virtual void opened(const std::string& server) = 0;
  // Bytes of its body; an error ends it.
  virtual base::Result<void> take(std::string_view bytes) = 0;
  // How long the next byte may take.
  virtual std::chrono::milliseconds patience() const = 0;
};

// The interface of the config API; tests use a server in memory instead of the client.
class Api {
 public:
  virtual ~Api() = default;

  // One request and its whole answer within `timeout`, which includes the wait for a connection. A read may be sent
  // twice; no other request is repeated.
  virtual boost::asio::awaitable<Answer> exchange(Request request, std::chrono::milliseconds timeout) = 0;

  // A request made by list(): its objects are passed to `sink` one by one as the answer arrives, only what
  // `wanted` accepts (null: all), and unreadable ones to `unreadable` (null: such an object is a failure). The response
  // then has no body, unless its status is not 200. After a failure the objects so far are not the whole list.
  virtual boost::asio::awaitable<Answer> list(Type type, Request request, ListParser::Sink sink,
                                              std::chrono::milliseconds timeout, ListParser::Filter wanted = {},
                                              ListParser::UnreadableSink unreadable = {}) = 0;

  // A GET whose answer has no end, such as watch::watch_request(): returns when it has ended all the same. `timeout` is
  // for its beginning. A response with status 200, which then has no body, means that the server has ended it; one with
  // another status, that it was never opened. Whether a failure came before or after the beginning, `follower` knows.
  virtual boost::asio::awaitable<Answer> follow(Request request, Follower& follower,
                                                std::chrono::milliseconds timeout) = 0;

  // Why the config API does not let this client in; empty: it does, as far as known.
  virtual std::string access_fault() const { return {}; }
  // The URL of the server in use; empty: not known.
  virtual std::string address() const { return {}; }
};

}  // namespace contrail
