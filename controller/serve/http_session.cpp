#include "controller/serve/http_session.hpp"

#include <array>
#include <optional>
#include <string>
#include <tuple>
#include <variant>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

namespace knm {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

// The number of bytes still read from a client before the close, so that it gets the answer and not a reset.
constexpr std::size_t linger_bytes = 1 << 18;
constexpr std::chrono::seconds linger_time{1};

using Parser = http::request_parser<http::empty_body>;

// The answer to an unreadable request; nullopt if the client disconnected.
std::optional<HttpReply> answer_to(const error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return HttpReply{.status = 431, .body = "431: the header of the request is too long\n"};
  }
  if (error == http::error::end_of_stream || error == http::error::partial_message) return std::nullopt;
  if (error.category() != make_error_code(http::error::bad_method).category()) return std::nullopt;
  return HttpReply{.status = 400, .body = "400: the request is not HTTP/1.1\n"};
}

template <class Message>
void fill_header(Message& message, const HttpReply& reply, bool keep_alive) {
  message.result(reply.status);
  message.set(http::field::content_type, reply.content_type);
  message.set(http::field::cache_control, "no-store");
  message.set("X-Content-Type-Options", "nosniff");
  if (!reply.allow.empty()) message.set(http::field::allow, reply.allow);
  if (reply.retry_after > 0) message.set(http::field::retry_after, std::to_string(reply.retry_after));
  message.content_length(reply.size());
  message.keep_alive(keep_alive);
}

}  // namespace

void HttpSession::finish() {
  last_ = true;
  if (!replying_) close();
}

// A body of several clients is sent without a copy.
asio::awaitable<bool> HttpSession::send_shared(const HttpReply& reply, Form form) {
  struct Taking {
    SharedBody::Takers& takers;
    SharedBody::Takers::iterator place;
    ~Taking() { takers.erase(place); }
  };
  auto& takers = reply.shared->takers();
  const Taking taking{takers, takers.insert(takers.end(), [this] { close(); })};
  http::response<http::empty_body> message;
  message.version(form.version);
  fill_header(message, reply, form.keep_alive);
  http::response_serializer<http::empty_body> serializer(message);
  auto [error, sent] = co_await http::async_write_header(stream_, serializer, as_result);
  for (const auto& piece : reply.shared->pieces()) {
    if (error) break;
    std::tie(error, sent) = co_await asio::async_write(stream_, asio::buffer(piece), as_result);
  }
  co_return !error;
}

// Returns whether the client received it.
asio::awaitable<bool> HttpSession::send(HttpReply reply, Form form) {
  if (form.head) {
    http::response<http::empty_body> message;
    message.version(form.version);
    fill_header(message, reply, form.keep_alive);
    const auto [error, sent] = co_await http::async_write(stream_, message, as_result);
    co_return !error;
  }
  if (reply.shared) co_return co_await send_shared(reply, form);
  http::response<http::string_body> message;
  message.version(form.version);
  fill_header(message, reply, form.keep_alive);
  message.body() = std::move(reply.body);
  const auto [error, sent] = co_await http::async_write(stream_, message, as_result);
  co_return !error;
}

// At once, or after it is rendered.
asio::awaitable<HttpReply> HttpSession::answer(const std::string& method, const std::string& target) {
  auto answer = shared_->routes.answer_or_job(method, target);
  if (auto* reply = std::get_if<HttpReply>(&answer)) co_return std::move(*reply);
  auto reply = co_await shared_->renderer->answer(std::move(std::get<RenderJob>(answer)), seat_);
  stream_.expires_after(shared_->limits.reply_time);
  co_return reply;
}

// One request and its answer. Returns whether another may follow.
asio::awaitable<bool> HttpSession::exchange() {
  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(shared_->limits.header_bytes));
  touch();
  stream_.expires_after(shared_->limits.request_time);
  const auto [error, bytes] = co_await http::async_read_header(stream_, buffer_, parser, as_result);
  replying_ = true;
  stream_.expires_after(shared_->limits.reply_time);
  if (error) {
    if (auto reply = answer_to(error)) co_await send(std::move(*reply), {});
    co_return false;
  }
  const auto& request = parser.get();
  // A body is not read: the connection cannot be used after it.
  const Form form{.head = request.method() == http::verb::head,
                  .keep_alive = request.keep_alive() && parser.is_done() && !last_,
                  .version = request.version()};
  auto reply = co_await answer(std::string(request.method_string()), std::string(request.target()));
  const bool taken = co_await send(std::move(reply), form);
  replying_ = false;
  co_return taken&& form.keep_alive && !last_;
}

// Reads for a moment: a close with unread bytes would reset the connection, and the client would lose the answer.
asio::awaitable<void> HttpSession::linger() {
  replying_ = false;
  error_code ignored;
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  stream_.expires_after(linger_time);
  std::array<char, 4096> rest{};
  std::size_t total = 0;
  while (total < linger_bytes) {
    const auto [error, bytes] = co_await stream_.async_read_some(asio::buffer(rest), as_result);
    if (error) break;
    total += bytes;
  }
}

asio::awaitable<void> HttpSession::converse() {
  while (co_await exchange()) {
  }
  if (stream_.socket().is_open() && !last_) co_await linger();
  close();
}

}  // namespace knm
