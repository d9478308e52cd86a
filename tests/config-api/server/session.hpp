#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "tests/config-api/config_api.hpp"
#include "tests/config-api/server/service.hpp"

namespace standin {

class Server;

/// One client's connection, from accept to close. run() ends when the client goes, after close(), or when a fault ends
/// it.
class Session {
 public:
  /// @param control_only refuses anything but /_control
  Session(boost::asio::ip::tcp::socket socket, Server& server, bool control_only);

  boost::asio::awaitable<void> run();
  /// Ends run() soon; whatever it waits for is cancelled.
  void close();
  /// Spared when the API goes down: it is the one that said so, or on the control address.
  [[nodiscard]] bool is_control() const { return control_only_ || control_; }

 private:
  using HttpRequest = boost::beast::http::request<boost::beast::http::string_body>;

  /// False: the connection is to be closed.
  boost::asio::awaitable<bool> serve_one();
  boost::asio::awaitable<bool> serve_api(const Request& request, boost::asio::steady_timer::time_point arrived,
                                         bool keep_alive);
  boost::asio::awaitable<bool> send(const Response& response, bool keep_alive);
  boost::asio::awaitable<void> send_half(const Response& response);
  boost::asio::awaitable<void> refuse_unreadable(boost::system::error_code error);
  /// Until the client closes, close() is called or the time is over (0: never).
  boost::asio::awaitable<void> wait_for_end(double milliseconds);
  boost::asio::awaitable<void> sleep_until(boost::asio::steady_timer::time_point time);
  void reset();

  boost::beast::tcp_stream stream_;
  boost::asio::steady_timer timer_;
  boost::beast::flat_buffer buffer_;
  Server& server_;
  bool control_only_;
  bool control_ = false;  // the last request was for /_control
  bool closed_ = false;
};

}  // namespace standin
