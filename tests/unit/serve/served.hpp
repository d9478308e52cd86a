#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include "controller/serve/http_server.hpp"
#include "controller/serve/renderer.hpp"

namespace knm {

namespace asio = boost::asio;

// A server on a free port of 127.0.0.1 with its own thread.
class Served {
 public:
  Served(Routes routes, HttpLimits limits, RenderLimits renders = {}) {
    auto server = HttpServer::listen(context_.get_executor(), {"127.0.0.1", 0}, std::move(routes), limits,
                                     std::make_shared<Renderer>(context_.get_executor(), renders));
    server_ = std::move(server.value());
    asio::co_spawn(context_, server_->run(),
                   asio::bind_cancellation_slot(stop_.slot(), [this](const std::exception_ptr& failure) {
                     if (failure) {
                       stopped_.set_exception(failure);
                     } else {
                       stopped_.set_value();
                     }
                   }));
    thread_ = std::thread([this] { context_.run(); });
  }
  ~Served() { stop(); }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;

  std::uint16_t port() const { return server_->address().port; }

  // Returns after run(); the thread then has nothing left to do.
  void stop() {
    if (!thread_.joinable()) return;
    asio::post(context_, [this] { stop_.emit(asio::cancellation_type::terminal); });
    stopped_.get_future().get();
    thread_.join();
  }

 private:
  asio::io_context context_;
  asio::cancellation_signal stop_;
  std::unique_ptr<HttpServer> server_;
  std::promise<void> stopped_;
  std::thread thread_;
};

// A blocking client that sends the given bytes.
class Client {
 public:
  explicit Client(const Served& served) : socket_(context_) {
    socket_.connect({asio::ip::address_v4::loopback(), served.port()});
  }

  void send(std::string_view bytes) {
    boost::system::error_code closed_already;
    asio::write(socket_, asio::buffer(bytes), closed_already);
  }

  // Reads until the server closes the connection. Otherwise the time limit of the test ends the wait.
  std::string rest() {
    std::string received;
    boost::system::error_code end;
    asio::read(socket_, asio::dynamic_buffer(received), end);
    return std::exchange(pending_, {}) + received;
  }

  // Reads one answer with its Content-Length (without a body for HEAD); the connection stays open.
  std::string answer(bool head = false) {
    const auto header = asio::read_until(socket_, asio::dynamic_buffer(pending_), "\r\n\r\n");
    const auto length_at = pending_.find("Content-Length: ");
    const std::size_t body = head || length_at > header ? 0 : std::stoul(pending_.substr(length_at + 16));
    if (pending_.size() < header + body) {
      asio::read(socket_, asio::dynamic_buffer(pending_), asio::transfer_exactly(header + body - pending_.size()));
    }
    auto result = pending_.substr(0, header + body);
    pending_.erase(0, header + body);
    return result;
  }

  std::string get(const std::string& path) {
    send("GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n");
    return answer();
  }

  // Closes the sending side.
  void half_close() { socket_.shutdown(asio::ip::tcp::socket::shutdown_send); }

  // Closes with a reset, as the kernel does for a crashed client.
  void abort() {
    socket_.set_option(asio::socket_base::linger(true, 0));
    socket_.close();
  }

 private:
  asio::io_context context_;
  asio::ip::tcp::socket socket_;
  std::string pending_;
};

}  // namespace knm
