#include "controller/serve/http_session.hpp"

#include <array>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>

#include "net/as_result.hpp"
#include "net/server_http.hpp"

namespace knm {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

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

net::Headers fields_of(const HttpReply& reply, unsigned version, bool keep_alive) {
  net::Headers out{{"Content-Type", reply.content_type},
                   {"Cache-Control", "no-store"},
                   {"X-Content-Type-Options", "nosniff"},
                   {"Content-Length", std::to_string(reply.size())}};
  if (!reply.allow.empty()) out.emplace_back("Allow", reply.allow);
  if (reply.retry_after > 0) out.emplace_back("Retry-After", std::to_string(reply.retry_after));
  // The default of each version is left out (RFC 9112, section 9.3).
  if (keep_alive && version == 10) out.emplace_back("Connection", "keep-alive");
  if (!keep_alive && version != 10) out.emplace_back("Connection", "close");
  return out;
}

}  // namespace

void HttpSession::finish() {
  last_ = true;
  if (!replying_) close();
}

// A client that takes a body of several clients may be disconnected, since the body stays in memory until then.
struct HttpSession::Taking {
  Taking(const SharedBody& body, std::function<void()> disconnect)
      : takers(body.takers()), place(takers.insert(takers.end(), std::move(disconnect))) {}
  Taking(const Taking&) = delete;
  Taking& operator=(const Taking&) = delete;
  ~Taking() { takers.erase(place); }
  SharedBody::Takers& takers;
  SharedBody::Takers::iterator place;
};

// Returns whether the client received it.
asio::awaitable<bool> HttpSession::send(HttpReply reply, Form form) {
  const auto header = net::response_header(static_cast<int>(reply.status),
                                           fields_of(reply, form.version, form.keep_alive), form.version);
  std::span<const std::string> pieces;
  std::optional<Taking> taking;
  if (reply.shared && !form.head) {
    pieces = reply.shared->pieces();
    taking.emplace(*reply.shared, [this] { close(); });
  } else if (!form.head) {
    pieces = {&reply.body, 1};
  }
  co_return !co_await net::write_response(stream_, header, pieces);
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
  const auto error = co_await net::read_header(stream_, buffer_, parser);
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
    const auto [error, bytes] = co_await stream_.async_read_some(asio::buffer(rest), net::as_result);
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
