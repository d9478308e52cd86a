#pragma once

#include <memory>
#include <set>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "tests/config-api/server/options.hpp"
#include "tests/config-api/server/service.hpp"
#include "tests/config-api/server/session.hpp"

namespace standin {

/// Sockets: accepts connections, knows them all, takes the API down and up again. One thread; runs until stop().
class Server {
 public:
  /// Opens what is to listen. @throws std::runtime_error naming the address and the way out
  Server(boost::asio::io_context& context, const Options& options, Service& service);

  void start();
  /// Closes everything; the io_context runs empty soon after.
  void stop();

  [[nodiscard]] std::string url() const;
  [[nodiscard]] std::string control_url() const;  // empty: no control address

  Service& service() { return service_; }
  [[nodiscard]] bool is_down() const { return down_; }
  /// Refuses connections and closes those that are open, but for control ones. @param seconds 0: until go_up()
  void go_down(double seconds);
  void go_up();
  /// Closes the connections that wait in a frozen server.
  void thaw();
  [[nodiscard]] bool has_control() const { return control_.is_open(); }

  /// When a request that came at `arrived` and takes so long is done: in a serial server after those before it.
  std::chrono::steady_clock::time_point schedule(std::chrono::steady_clock::time_point arrived,
                                                 std::chrono::microseconds duration);

 private:
  using Acceptor = boost::asio::ip::tcp::acceptor;

  boost::asio::awaitable<void> accept(Acceptor& acceptor, bool control_only);
  boost::asio::awaitable<void> hold(std::shared_ptr<Session> session);
  boost::asio::awaitable<void> go_up_later();
  void close_sessions();

  boost::asio::io_context& context_;
  Service& service_;
  Acceptor api_;
  Acceptor control_;
  boost::asio::ip::tcp::endpoint endpoint_;  // of the API, its port chosen
  boost::asio::steady_timer up_timer_;
  std::set<Session*> sessions_;
  std::chrono::steady_clock::time_point busy_until_;
  bool down_ = false;
  bool stopping_ = false;
};

}  // namespace standin
