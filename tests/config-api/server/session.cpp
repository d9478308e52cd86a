#include "tests/config-api/server/session.hpp"

#include <chrono>
#include <sstream>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include "net/as_result.hpp"
#include "tests/config-api/server/control.hpp"
#include "tests/config-api/server/server.hpp"

namespace standin {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

constexpr std::size_t kGreatestHeader = 64 * 1024;          // bytes
constexpr std::size_t kGreatestReadBody = 8 * 1024 * 1024;  // bytes; the core refuses far less, but has to see it
constexpr std::chrono::seconds kIdle{600};                  // between requests
constexpr std::chrono::seconds kSlow{60};                   // for the rest of a request that has begun

Request make_request(const http::request<http::string_body>& message) {
  Request request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  request.body = message.body();
  for (const auto& field : message) {
    if (field.name() == http::field::host) {
      request.host = std::string(field.value());
    } else {
      request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    }
  }
  return request;
}

http::response<http::string_body> make_message(const Response& response, bool keep_alive) {
  http::response<http::string_body> message(static_cast<http::status>(response.status), 11);
  message.set(http::field::content_type, response.content_type);
  for (const auto& [name, value] : response.headers) message.set(name, value);
  message.body() = response.body;
  message.keep_alive(keep_alive);
  message.prepare_payload();
  return message;
}

std::chrono::microseconds to_duration(double milliseconds) {
  return std::chrono::microseconds(static_cast<std::int64_t>(milliseconds * 1000));
}

bool is_watch(const Request& request) {
  return request.method == "GET" && request.target.substr(0, request.target.find('?')) == "/watch";
}

int status_of(boost::system::error_code error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) return 431;
  return error == http::error::body_limit ? 413 : 400;
}

}  // namespace

Session::Session(asio::ip::tcp::socket socket, Server& server, bool control_only)
    : stream_(std::move(socket)), timer_(stream_.get_executor()), server_(server), control_only_(control_only) {
  boost::system::error_code ignored;
  // Without it each answer waits for the client's delayed acknowledgement: 40 ms.
  stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
}

void Session::close() {
  closed_ = true;
  stream_.close();
  timer_.cancel();
}

void Session::reset() {
  boost::system::error_code ignored;
  stream_.socket().set_option(asio::socket_base::linger(true, 0), ignored);
  close();
}

asio::awaitable<void> Session::run() {
  while (!closed_ && co_await serve_one()) {
  }
  boost::system::error_code ignored;
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  stream_.close();
}

asio::awaitable<bool> Session::serve_one() {
  http::request_parser<http::string_body> parser;
  parser.header_limit(kGreatestHeader);
  parser.body_limit(kGreatestReadBody);
  if (buffer_.size() == 0) {
    stream_.expires_after(kIdle);
    const auto [error, count] = co_await stream_.async_read_some(buffer_.prepare(16 * 1024), net::as_result);
    if (error) co_return false;
    buffer_.commit(count);
  }
  const auto arrived = std::chrono::steady_clock::now();
  stream_.expires_after(kSlow);
  const auto [header_error, header_bytes] = co_await http::async_read_header(stream_, buffer_, parser, net::as_result);
  if (!header_error && beast::iequals(parser.get()[http::field::expect], "100-continue")) {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    co_await asio::async_write(stream_, asio::buffer(kContinue), net::as_result);
  }
  auto error = header_error;
  if (!error) std::tie(error, std::ignore) = co_await http::async_read(stream_, buffer_, parser, net::as_result);
  if (closed_) co_return false;
  if (error) {
    co_await refuse_unreadable(error);
    co_return false;
  }
  stream_.expires_never();
  const Request request = make_request(parser.get());
  const bool keep_alive = parser.keep_alive();
  control_ = is_control_request(request);
  if (control_) {
    const Response response = answer_control(server_, request);
    co_return co_await send(response, keep_alive);
  }
  if (control_only_) co_return co_await send({404, "text/html", "only /_control is served here", {}}, keep_alive);
  co_return co_await serve_api(request, arrived, keep_alive);
}

asio::awaitable<void> Session::refuse_unreadable(boost::system::error_code error) {
  // Nobody is told about a connection that ended or was too slow.
  if (error == http::error::end_of_stream || error == http::error::partial_message || error == beast::error::timeout ||
      error.category() == asio::error::get_system_category()) {
    co_return;
  }
  const Response response{status_of(error), "text/html", "Bad request: " + error.message(), {}};
  if (!co_await send(response, false)) {
    // Read on for a while, so that the answer is not lost in a reset for unread bytes.
    boost::system::error_code ignored;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    co_await wait_for_end(1000);
  }
}

asio::awaitable<bool> Session::serve_api(const Request& request, asio::steady_timer::time_point arrived,
                                         bool keep_alive) {
  if (server_.is_down()) co_return false;
  Service& service = server_.service();
  const Course course = service.begin(request);
  const std::optional<Fault> fault = course.fault;
  if (course.latency_ms > 0) co_await sleep_until(server_.schedule(arrived, to_duration(course.latency_ms)));
  if (closed_ || service.frozen()) {
    service.end(request, 0, fault);
    if (!closed_) co_await wait_for_end(0);
    co_return false;
  }
  if (!fault && is_watch(request)) {
    auto watch = ConfigApi::watch(request);
    service.end(request, watch.query ? 200 : watch.refusal.status, fault);
    if (!watch.query) co_return co_await send(watch.refusal, keep_alive);
    co_await WatchStream(stream_, service, watch.query).run();
    co_return false;
  }
  Response response;
  if (!fault || is_executed(*fault)) response = service.execute(request, course.kind);
  if (fault == Fault::refuse || fault == Fault::error_before || fault == Fault::error_after) {
    response = service.answer_of(*fault);
  }
  const bool silent = fault == Fault::reset_before || fault == Fault::reset_after || fault == Fault::stall_before ||
                      fault == Fault::stall_after;
  service.end(request, silent ? 0 : response.status, fault);
  if (fault == Fault::stall_before || fault == Fault::stall_after) {
    co_await wait_for_end(service.faults().stall_ms());
    co_return false;
  }
  if (silent) {
    reset();
    co_return false;
  }
  if (fault == Fault::half_answer) {
    co_await send_half(response);
    co_return false;
  }
  co_return co_await send(response, keep_alive);
}

asio::awaitable<bool> Session::send(const Response& response, bool keep_alive) {
  auto message = make_message(response, keep_alive);
  stream_.expires_after(kSlow);
  const auto [error, count] = co_await http::async_write(stream_, message, net::as_result);
  co_return !error && keep_alive && !closed_;
}

asio::awaitable<void> Session::send_half(const Response& response) {
  std::ostringstream whole;
  whole << make_message(response, true);
  const std::string text = whole.str();
  // Half of the body; without one, half of the header.
  const std::size_t length = response.body.empty() ? text.size() / 2 : text.size() - (response.body.size() + 1) / 2;
  stream_.expires_after(kSlow);
  co_await asio::async_write(stream_, asio::buffer(text, length), net::as_result);
}

asio::awaitable<void> Session::wait_for_end(double milliseconds) {
  if (milliseconds > 0) {
    stream_.expires_after(to_duration(milliseconds));
  } else {
    stream_.expires_never();
  }
  for (std::array<char, 1024> scratch{}; !closed_;) {
    const auto [error, count] = co_await stream_.async_read_some(asio::buffer(scratch), net::as_result);
    if (error) co_return;
  }
}

asio::awaitable<void> Session::sleep_until(asio::steady_timer::time_point time) {
  timer_.expires_at(time);
  co_await timer_.async_wait(net::as_result);
}

}  // namespace standin
