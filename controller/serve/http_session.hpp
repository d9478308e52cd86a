#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include "controller/serve/http_server.hpp"
#include "controller/serve/renderer.hpp"

namespace knm {

// State that all sessions of a server share; outlives them.
struct HttpShared {
  Routes routes;
  HttpLimits limits;
  std::shared_ptr<Renderer> renderer;
  std::uint64_t count = 0;  // incremented with every wait
};

// One connection. Must outlive the coroutine of converse(), which ends at its next step after a close from outside.
class HttpSession {
 public:
  HttpSession(boost::asio::ip::tcp::socket socket, HttpShared* shared)
      : stream_(std::move(socket)), seat_(stream_.get_executor()), shared_(shared) {}

  // Reads and answers requests until the client disconnects, fails or is too slow. Never throws because of a client.
  boost::asio::awaitable<void> converse();

  void close() {
    stream_.close();
    seat_.leave();
  }
  // Accepts no further request: the server stops.
  void finish();

  // The order in which sessions are closed: first those that wait for their client, of these the one that waits
  // longest.
  std::pair<bool, std::uint64_t> worth() const { return {replying_, waits_since_}; }
  // Moves it to the end of that order, so that it is not chosen again while it closes.
  void touch() { waits_since_ = ++shared_->count; }

 private:
  // The form of an answer.
  struct Form {
    bool head = false;
    bool keep_alive = false;
    unsigned version = 11;
  };
  struct Taking;

  boost::asio::awaitable<bool> exchange();
  boost::asio::awaitable<HttpReply> answer(const std::string& method, const std::string& target);
  boost::asio::awaitable<bool> send(HttpReply reply, Form form);
  boost::asio::awaitable<void> linger();

  boost::beast::tcp_stream stream_;
  Renderer::Seat seat_;
  HttpShared* shared_;
  boost::beast::flat_buffer buffer_{shared_->limits.header_bytes + 1};
  bool replying_ = false;          // an answer is being sent; else it waits for the client
  bool last_ = false;              // see finish()
  std::uint64_t waits_since_ = 0;  // the server's count at the beginning of the wait
};

}  // namespace knm
