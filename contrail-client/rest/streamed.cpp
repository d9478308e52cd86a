#include "contrail-client/rest/streamed.hpp"

#include <algorithm>
#include <utility>

#include "contrail-client/error.hpp"
#include "contrail-client/rest/foreign_answer.hpp"
#include "contrail-client/rest/pause.hpp"

namespace contrail {
namespace {

namespace asio = boost::asio;

constexpr int ok = 200, not_found = 404;

// The first byte that is no blank; npos: there is none.
std::size_t beginning(std::string_view bytes) { return bytes.find_first_not_of(" \t\r\n"); }

}  // namespace

void WholeBody::begin(const net::ResponseHead& head, const net::Endpoint&) {
  response_ = {.status = head.status, .body = {}};
}

base::Result<void> WholeBody::take(std::string_view bytes) {
  if (bytes.size() > limit_ - response_.body.size())
    return Error{errc::too_large, "the answer is larger than " + std::to_string(limit_) + " bytes"};
  response_.body += bytes;
  return {};
}

bool WholeBody::says_absent() const { return status() == not_found; }

void ListBody::begin(const net::ResponseHead& head, const net::Endpoint& server) {
  WholeBody::begin(head, server);
  begun_ = false;
}

base::Result<void> ListBody::take(std::string_view bytes) {
  if (status() != ok) return WholeBody::take(bytes);
  if (const auto first = begun_ ? bytes.npos : beginning(bytes); first != bytes.npos) {
    begun_ = true;
    // JSON begins with another byte: this is read as the page that it is.
    if (bytes[first] == '<') return foreign_page(status(), bytes);
  }
  if (bytes.size() > left_) return Error{errc::too_large, "the list is larger than max_list_bytes"};
  left_ -= bytes.size();
  return parser_.feed(bytes);
}

base::Result<Response> ListBody::finish() {
  if (status() == ok)
    if (const auto finished = parser_.finish(); !finished) return finished.error();
  return WholeBody::finish();
}

bool ListBody::says_absent() const { return WholeBody::says_absent() || (status() == ok && objects_ == 0); }

void FollowedBody::begin(const net::ResponseHead& head, const net::Endpoint& server) {
  WholeBody::begin(head, server);
  const auto* type = net::find_header(head.headers, "Content-Type");
  is_stream_ = status() == ok && type != nullptr && type->starts_with(event_stream);
  if (!is_stream_) return;
  opened_();
  follower_.opened(server.url());
}

base::Result<void> FollowedBody::take(std::string_view bytes) {
  if (is_stream_) return follower_.take(bytes);
  if (status() != ok) return WholeBody::take(bytes);
  const auto first = beginning(bytes);
  const bool is_page = first != bytes.npos && bytes[first] == '<';
  return is_page ? foreign_page(status(), bytes) : foreign_text(status(), bytes);
}

void Streamed::authorize(const net::Headers& fields) {
  request_.headers.resize(own_fields_);
  request_.headers.insert(request_.headers.end(), fields.begin(), fields.end());
}

void Streamed::hide_secrets(std::string& text) const {
  constexpr std::string_view hidden = "(secret)";
  for (std::size_t i = own_fields_; i < request_.headers.size(); ++i) {
    std::string_view secret = request_.headers[i].second;
    // "Basic …": the scheme is no secret.
    if (const auto blank = secret.rfind(' '); blank != secret.npos) secret.remove_prefix(blank + 1);
    if (secret.empty()) continue;
    for (auto at = text.find(secret); at != text.npos; at = text.find(secret, at + hidden.size()))
      text.replace(at, secret.size(), hidden);
  }
}

asio::awaitable<std::optional<net::Failure>> Streamed::over(net::Connection& connection) {
  server = connection.endpoint();
  if (identity_ && !connection.reusable()) {
    if (const auto end = co_await ask_identity(connection, net::Delivery::not_sent)) co_return *end;
    // The request goes out all the same, over a connection that is new again.
    unproven = unproven || !connection.reusable();
  }
  const auto head = co_await connection.start(request_, deadline_);
  if (!head) co_return head.error();
  pause = pause_after(head->status, head->headers);
  const auto* type = net::find_header(head->headers, "Content-Type");
  content_type = type ? *type : std::string();
  receiver_.begin(*head, server);
  const net::BodySink sink = [this](std::string_view bytes) { return receiver_.take(bytes); };
  for (;;) {
    const auto more =
        co_await connection.read_body(sink, silence_ ? net::Deadline::clock::now() + silence_() : deadline_);
    if (!more) co_return more.error();
    if (!*more) break;
  }
  auto whole = receiver_.finish();
  if (!whole) co_return net::Failure{whole.error(), net::Delivery::unknown};
  response = std::move(*whole);
  if (identity_ && receiver_.says_absent()) {
    unproven = unproven || !connection.reusable();
    if (const auto end = co_await ask_identity(connection, net::Delivery::unknown)) co_return *end;
  }
  co_return std::nullopt;
}

asio::awaitable<std::optional<Streamed::Outcome>> Streamed::ask_identity(net::Connection& connection,
                                                                         net::Delivery reached) {
  net::HttpRequest question = request_;
  auto asked = DatabaseIdentity::question();
  question.method = std::move(asked.method), question.target = std::move(asked.target);
  question.body = std::move(asked.body);
  if (!net::find_header(question.headers, "Content-Type")) question.headers.push_back(json_content);
  for (auto& [name, value] : question.headers)
    if (name == "Accept") value = json_type;
  auto answer = co_await connection.exchange(std::move(question), deadline_);
  if (!answer) co_return Outcome(net::Failure{std::move(answer.error().error), reached});
  Response told{answer->status, std::move(answer->body)};
  if (DatabaseIdentity::is_about_server(told.status)) {
    pause = pause_after(answer->status, answer->headers);
    response = std::move(told);
    connection.close();
    co_return Outcome();
  }
  auto fault = identity_->compare(told, server.url());
  if (!fault) co_return std::nullopt;
  connection.close();  // the next request asks again
  co_return Outcome(net::Failure{std::move(*fault), reached});
}

}  // namespace contrail
