#include "tests/config-api/server/server.hpp"

#include <charconv>
#include <stdexcept>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "net/as_result.hpp"

namespace standin {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// What a connection throws ends the program: a state file that cannot be written.
void rethrow(std::exception_ptr error) {
  if (error) std::rethrow_exception(error);
}

[[noreturn]] void fail_to_listen(const std::string& address, const std::string& why, const std::string& flag) {
  throw std::runtime_error("cannot listen on " + address + ": " + why +
                           ". Stop the program that has the address (ss -ltnp shows it), or name another with " + flag +
                           " HOST:PORT; port 0 takes a free one");
}

tcp::endpoint parse_endpoint(const std::string& text, const std::string& flag) {
  const auto colon = text.rfind(':');
  unsigned port = 0;
  boost::system::error_code error;
  const auto address = asio::ip::make_address(text.substr(0, colon == std::string::npos ? 0 : colon), error);
  const char* begin = text.data() + (colon == std::string::npos ? 0 : colon + 1);
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(begin, end, port);
  if (error || parsed.ec != std::errc() || parsed.ptr != end || port > 65535) {
    throw std::runtime_error(flag + " " + text + ": expected ADDRESS:PORT, for example 127.0.0.1:8082");
  }
  return {address, static_cast<std::uint16_t>(port)};
}

void open(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, boost::system::error_code& error) {
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    boost::system::error_code ignored;
    acceptor.close(ignored);
  }
}

void open_or_fail(tcp::acceptor& acceptor, const std::string& address, const std::string& flag) {
  boost::system::error_code error;
  open(acceptor, parse_endpoint(address, flag), error);
  if (error) fail_to_listen(address, error.message(), flag);
}

std::string url_of(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  return "http://" + (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" +
         std::to_string(endpoint.port());
}

}  // namespace

Server::Server(asio::io_context& context, const Options& options, Service& service)
    : context_(context), service_(service), api_(context), control_(context), up_timer_(context) {
  open_or_fail(api_, options.listen, "--listen");
  endpoint_ = api_.local_endpoint();
  if (!options.control.empty()) open_or_fail(control_, options.control, "--control");
  if (options.down_seconds > 0) go_down(options.down_seconds);
}

std::string Server::url() const { return url_of(endpoint_); }
std::string Server::control_url() const { return has_control() ? url_of(control_.local_endpoint()) : ""; }

void Server::start() {
  if (!down_) asio::co_spawn(context_, accept(api_, false), asio::detached);
  if (has_control()) asio::co_spawn(context_, accept(control_, true), asio::detached);
}

void Server::stop() {
  stopping_ = true;
  boost::system::error_code ignored;
  api_.close(ignored);
  control_.close(ignored);
  up_timer_.cancel();
  for (Session* session : std::vector<Session*>(sessions_.begin(), sessions_.end())) session->close();
}

asio::awaitable<void> Server::accept(Acceptor& acceptor, bool control_only) {
  while (acceptor.is_open()) {
    auto [error, socket] = co_await acceptor.async_accept(net::as_result);
    if (error == asio::error::operation_aborted || !acceptor.is_open()) co_return;
    if (error) {  // out of descriptors, most likely: some will be free again
      asio::steady_timer pause(context_, std::chrono::milliseconds(10));
      co_await pause.async_wait(net::as_result);
      continue;
    }
    asio::co_spawn(context_, hold(std::make_shared<Session>(std::move(socket), *this, control_only)), rethrow);
  }
}

asio::awaitable<void> Server::hold(std::shared_ptr<Session> session) {
  sessions_.insert(session.get());
  service_.stats().connected();
  co_await session->run();
  service_.stats().disconnected();
  sessions_.erase(session.get());
}

void Server::close_sessions() {
  for (Session* session : std::vector<Session*>(sessions_.begin(), sessions_.end())) {
    if (!session->is_control()) session->close();
  }
}

void Server::go_down(double seconds) {
  down_ = true;
  boost::system::error_code ignored;
  api_.close(ignored);
  close_sessions();
  up_timer_.cancel();
  if (seconds <= 0) return;
  up_timer_.expires_after(std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6)));
  asio::co_spawn(context_, go_up_later(), asio::detached);
}

asio::awaitable<void> Server::go_up_later() {
  const auto [error] = co_await up_timer_.async_wait(net::as_result);
  if (!error && !stopping_) go_up();
}

void Server::go_up() {
  if (!down_) return;
  up_timer_.cancel();
  boost::system::error_code error;
  open(api_, endpoint_, error);
  if (error) {  // another process took the port meanwhile: try until it is free again
    up_timer_.expires_after(std::chrono::milliseconds(50));
    asio::co_spawn(context_, go_up_later(), asio::detached);
    return;
  }
  down_ = false;
  asio::co_spawn(context_, accept(api_, false), asio::detached);
}

void Server::thaw() {
  if (!service_.frozen()) return;
  service_.thaw();
  close_sessions();
}

std::chrono::steady_clock::time_point Server::schedule(std::chrono::steady_clock::time_point arrived,
                                                       std::chrono::microseconds duration) {
  if (!service_.faults().serial()) return arrived + duration;
  busy_until_ = std::max(busy_until_, arrived) + duration;
  return busy_until_;
}

}  // namespace standin
