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

// What all sessions of a server share; outlives them.
struct HttpShared {
  Routes routes;
  HttpLimits limits;
  std::shared_ptr<Renderer> renderer;
  std::uint64_t count = 0;  // grows with every wait
};

// One connection. Must outlive the coroutine of converse(); closing it from outside ends that at its next step.
class HttpSession {
 public:
  HttpSession(boost::asio::ip::tcp::socket socket, HttpShared* shared)
      : stream_(std::move(socket)), seat_(stream_.get_executor()), shared_(shared) {}

  // Reads requests and answers them until the client leaves, errs or is too slow. Never throws for anything that a
  // client does.
  boost::asio::awaitable<void> converse();

  void close() {
    stream_.close();
    seat_.leave();
  }
  // No request after this one: the server stops.
  void finish();

  // What orders sessions by how little is lost if they are closed: those that wait for their client first, of these the
  // one that waits longest.
  std::pair<bool, std::uint64_t> worth() const { return {replying_, waits_since_}; }
  // Marks it as closed lately, so that it is not the least worth again while it ends.
  void touch() { waits_since_ = ++shared_->count; }

 private:
  // How an answer is written.
  struct Form {
    bool head = false;
    bool keep_alive = false;
    unsigned version = 11;
  };

  boost::asio::awaitable<bool> exchange();
  boost::asio::awaitable<HttpReply> answer(const std::string& method, const std::string& target);
  boost::asio::awaitable<bool> send(HttpReply reply, Form form);
  boost::asio::awaitable<bool> send_shared(const HttpReply& reply, Form form);
  boost::asio::awaitable<void> linger();

  boost::beast::tcp_stream stream_;
  Renderer::Seat seat_;
  HttpShared* shared_;
  boost::beast::flat_buffer buffer_{shared_->limits.header_bytes + 1};
  bool replying_ = false;          // an answer is under way; else it waits for the client
  bool last_ = false;              // see finish()
  std::uint64_t waits_since_ = 0;  // the server's count when it last began to wait
};

}  // namespace knm
