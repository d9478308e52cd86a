#include "controller/serve/http_session.hpp"

#include <array>
#include <optional>
#include <string>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

namespace knm {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

// What is still read of a client that was answered and is to go, so that it sees the answer and not a reset.
constexpr std::size_t linger_bytes = 1 << 18;
constexpr std::chrono::seconds linger_time{1};

using Parser = http::request_parser<http::empty_body>;

// What a client that sent no readable request is told; nothing if it merely left.
std::optional<HttpReply> answer_to(const error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return HttpReply{.status = 431, .body = "431: the request's header is too long\n"};
  }
  if (error == http::error::end_of_stream || error == http::error::partial_message) return std::nullopt;
  if (error.category() != make_error_code(http::error::bad_method).category()) return std::nullopt;
  return HttpReply{.status = 400, .body = "400: this is not an HTTP/1.1 request\n"};
}

template <class Message>
void fill_header(Message& message, const HttpReply& reply, bool keep_alive) {
  message.result(reply.status);
  message.set(http::field::content_type, reply.content_type);
  message.set(http::field::cache_control, "no-store");
  message.set("X-Content-Type-Options", "nosniff");
  if (!reply.allow.empty()) message.set(http::field::allow, reply.allow);
  message.content_length(reply.body.size());
  message.keep_alive(keep_alive);
}

struct Form {
  bool head = false;
  bool keep_alive = false;
  unsigned version = 11;
};

asio::awaitable<error_code> send(HttpSession& session, HttpReply reply, Form form) {
  if (form.head) {
    http::response<http::empty_body> message;
    message.version(form.version);
    fill_header(message, reply, form.keep_alive);
    const auto [error, sent] = co_await http::async_write(session.stream, message, as_result);
    co_return error;
  }
  http::response<http::string_body> message;
  message.version(form.version);
  fill_header(message, reply, form.keep_alive);
  message.body() = std::move(reply.body);
  const auto [error, sent] = co_await http::async_write(session.stream, message, as_result);
  co_return error;
}

// One request and its answer. Returns whether another may follow.
asio::awaitable<bool> exchange(HttpSession& session, HttpShared& shared, beast::flat_buffer& buffer) {
  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(shared.limits.header_bytes));
  session.waits_since = ++shared.count;
  session.stream.expires_after(shared.limits.request_time);
  const auto [error, bytes] = co_await http::async_read_header(session.stream, buffer, parser, as_result);
  session.replying = true;
  session.stream.expires_after(shared.limits.reply_time);
  if (error) {
    if (auto reply = answer_to(error)) co_await send(session, std::move(*reply), {});
    co_return false;
  }
  const auto& request = parser.get();
  // A body is not read: behind it the connection is of no use.
  const Form form{.head = request.method() == http::verb::head,
                  .keep_alive = request.keep_alive() && parser.is_done() && !session.last,
                  .version = request.version()};
  auto reply = shared.routes.answer(request.method_string(), request.target());
  const auto failed = co_await send(session, std::move(reply), form);
  session.replying = false;
  co_return !failed && form.keep_alive && !session.last;
}

asio::awaitable<void> linger(HttpSession& session) {
  session.replying = false;
  error_code ignored;
  session.stream.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  session.stream.expires_after(linger_time);
  std::array<char, 4096> rest{};
  std::size_t total = 0;
  while (total < linger_bytes) {
    const auto [error, bytes] = co_await session.stream.async_read_some(asio::buffer(rest), as_result);
    if (error) break;
    total += bytes;
  }
}

}  // namespace

asio::awaitable<void> converse(std::shared_ptr<HttpSession> session, HttpShared& shared) {
  beast::flat_buffer buffer(shared.limits.header_bytes + 1);
  while (co_await exchange(*session, shared, buffer)) {
  }
  if (session->stream.socket().is_open() && !session->last) co_await linger(*session);
  session->stream.close();
}

}  // namespace knm
