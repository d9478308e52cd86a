#include "tests/bench/informer/replay/server.hpp"

#include <charconv>
#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/url/parse.hpp>
#include <nlohmann/json.hpp>

namespace knm::bench {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr auto token = asio::as_tuple(asio::use_awaitable);

std::size_t number_of(boost::urls::params_view params, std::string_view key) {
  std::size_t out = 0;
  if (const auto at = params.find(key); at != params.end()) {
    const std::string text = (*at).value;
    std::from_chars(text.data(), text.data() + text.size(), out);
  }
  return out;
}

// Returns whether the peer still reads. The bytes must outlive the operation.
asio::awaitable<bool> write(tcp::socket& socket, std::string_view bytes) {
  co_return !std::get<0>(co_await asio::async_write(socket, asio::buffer(bytes), token));
}

asio::awaitable<bool> write_text(tcp::socket& socket, std::string text) {
  co_return !std::get<0>(co_await asio::async_write(socket, asio::buffer(text), token));
}

std::string head_of_body(bool json, bool watch) {
  return std::string("HTTP/1.1 200 OK\r\nContent-Type: application/") + (json ? "json" : "vnd.kubernetes.protobuf") +
         (watch && !json ? ";stream=watch" : "") + "\r\nTransfer-Encoding: chunked\r\n\r\n";
}

std::int64_t nanoseconds_since_epoch() {
  return std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

// One connection.
class ReplayServer::Session {
 public:
  Session(ReplayServer& server, tcp::socket socket)
      : server_(server), socket_(std::make_shared<tcp::socket>(std::move(socket))) {
    socket_->set_option(tcp::no_delay(true));
  }

  asio::awaitable<void> run() {
    boost::beast::flat_buffer buffer;
    for (bool open = true; open;) {
      http::request<http::string_body> request;
      if (std::get<0>(co_await http::async_read(*socket_, buffer, request, token))) co_return;
      const auto url = boost::urls::parse_origin_form(request.target());
      if (!url) co_return;
      const std::string path(url->encoded_path());
      const bool json = request[http::field::accept].find("protobuf") == std::string_view::npos;
      if (path == "/_control/changes")
        open = co_await control(number_of(url->params(), "count"), number_of(url->params(), "rate"));
      else if (url->params().contains("watch"))
        open = co_await watch(resource_of(path), json, url->params().contains("sendInitialEvents"));
      else
        open = co_await list(resource_of(path), json);
    }
  }

 private:
  static std::string resource_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

  asio::awaitable<bool> not_found() {
    co_return co_await write_text(*socket_, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  }

  asio::awaitable<bool> list(std::string resource, bool json) {
    const auto body = server_.recording_.find(resource + (json ? ".list.json" : ".list.pb"));
    if (!body) co_return co_await not_found();
    co_return co_await write_text(*socket_, head_of_body(json, false)) && co_await write(*socket_, *body) &&
        co_await write_text(*socket_, "0\r\n\r\n");
  }

  // Goes on until the client closes the connection.
  asio::awaitable<bool> watch(std::string resource, bool json, bool with_initial_events) {
    const auto body = with_initial_events ? server_.recording_.find(resource + (json ? ".stream.json" : ".stream.pb"))
                                          : std::string_view();
    if (!body) co_return co_await not_found();
    if (!co_await write_text(*socket_, head_of_body(json, true)) || !co_await write(*socket_, *body)) co_return false;
    if (resource == "pods") server_.watched({socket_, json, 0});
    char none[1];
    co_await socket_->async_read_some(asio::buffer(none), token);
    if (server_.watch_.socket == socket_) server_.watch_ = {};
    co_return false;
  }

  asio::awaitable<bool> control(std::size_t count, std::size_t rate) {
    const auto sent_at = co_await server_.send_changes(count, rate);
    const std::string text = nlohmann::json{{"sent_at", sent_at}}.dump();
    co_return co_await write_text(*socket_, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                                                std::to_string(text.size()) + "\r\n\r\n" + text);
  }

  ReplayServer& server_;
  std::shared_ptr<tcp::socket> socket_;
};

ReplayServer::ReplayServer(asio::io_context& context, const Recording& recording)
    : context_(context),
      recording_(recording),
      acceptor_(context, {asio::ip::address_v4::loopback(), 0}),
      watch_appeared_(context, asio::steady_timer::time_point::max()) {
  if (const auto body = recording.find("pods.changes.pb")) changes_ = split_chunks(*body);
  if (const auto body = recording.find("pods.changes.json")) json_changes_ = split_chunks(*body);
}

void ReplayServer::start() { asio::co_spawn(context_, accept(), asio::detached); }

asio::awaitable<void> ReplayServer::accept() {
  for (;;) {
    auto [error, socket] = co_await acceptor_.async_accept(token);
    if (error) co_return;
    const auto session = std::make_shared<Session>(*this, std::move(socket));
    asio::co_spawn(context_, session->run(), [session](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
    });
  }
}

void ReplayServer::watched(Watch watch) {
  watch_ = std::move(watch);
  watch_appeared_.cancel();
}

asio::awaitable<std::vector<std::int64_t>> ReplayServer::send_changes(std::size_t count, std::size_t rate) {
  // A client asks for its watch only after its lists.
  while (!watch_.socket) co_await watch_appeared_.async_wait(token);
  const auto socket = watch_.socket;
  const auto& changes = watch_.json ? json_changes_ : changes_;
  if (count == 0 || changes.size() - watch_.sent < count)
    throw std::runtime_error("fewer changes are recorded than are asked for, or none is asked for");
  const auto first = changes.begin() + static_cast<std::ptrdiff_t>(std::exchange(watch_.sent, watch_.sent + count));
  std::vector<std::int64_t> sent_at;
  if (rate == 0) {
    // The chunks of a recording follow each other in memory.
    const std::string_view last = first[static_cast<std::ptrdiff_t>(count) - 1];
    co_await write(*socket, {first->data(), static_cast<std::size_t>(last.end() - first->begin())});
    co_return sent_at;
  }
  asio::steady_timer pace(context_);
  const auto began = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < count; ++i) {
    pace.expires_at(began + std::chrono::microseconds(1'000'000 * i / rate));
    co_await pace.async_wait(token);
    sent_at.push_back(nanoseconds_since_epoch());
    if (!co_await write(*socket, first[static_cast<std::ptrdiff_t>(i)])) break;
  }
  co_return sent_at;
}

}  // namespace knm::bench
