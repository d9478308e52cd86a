#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include "controller/serve/http_server.hpp"

namespace knm {

// One connection. Closing its stream from outside ends its coroutine at its next step.
struct HttpSession {
  explicit HttpSession(boost::asio::ip::tcp::socket socket) : stream(std::move(socket)) {}

  boost::beast::tcp_stream stream;
  bool replying = false;          // an answer is under way; else it waits for the client
  bool last = false;              // no request after this one: the server stops
  std::uint64_t waits_since = 0;  // the server's count when it last began to wait: the lowest is silent longest
};

// What all sessions of a server share; outlives them.
struct HttpShared {
  Routes routes;
  HttpLimits limits;
  std::uint64_t count = 0;  // grows with every wait
};

// Reads requests and answers them until the client leaves, errs or is too slow. Never throws for anything that a client
// does.
boost::asio::awaitable<void> converse(std::shared_ptr<HttpSession> session, HttpShared& shared);

}  // namespace knm
