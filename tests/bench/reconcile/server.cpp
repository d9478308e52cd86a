#include "tests/bench/reconcile/server.hpp"

#include <charconv>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/url/parse.hpp>
#include <nlohmann/json.hpp>

namespace knm::bench {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr auto token = asio::as_tuple(asio::use_awaitable);
constexpr const char* protobuf = "application/vnd.kubernetes.protobuf";

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

std::uint64_t number_of(boost::urls::params_view params, std::string_view key) {
  std::uint64_t out = 0;
  if (const auto at = params.find(key); at != params.end()) {
    const std::string text = (*at).value;
    std::from_chars(text.data(), text.data() + text.size(), out);
  }
  return out;
}

std::string text_of(boost::urls::params_view params, std::string_view key) {
  const auto at = params.find(key);
  return at == params.end() ? std::string() : std::string((*at).value);
}

using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

Response response(int status, const char* type, std::string body) {
  Response out(static_cast<http::status>(status), 11);
  out.set(http::field::content_type, type);
  out.keep_alive(true);
  out.body() = std::move(body);
  out.prepare_payload();
  return out;
}

}  // namespace

// One connection.
class ReplayServer::Session : public std::enable_shared_from_this<Session> {
 public:
  Session(ReplayServer& server, tcp::socket socket) : server_(server), stream_(std::move(socket)) {
    stream_.socket().set_option(tcp::no_delay(true));
  }

  asio::awaitable<void> run() {
    const auto self = shared_from_this();
    for (;;) {
      Request request;
      const auto [error, size] = co_await http::async_read(stream_, buffer_, request, token);
      if (error) co_return;
      const auto url = boost::urls::parse_origin_form(request.target());
      if (!url) co_return;
      const std::string path(url->encoded_path());
      const auto* history = server_.replay_.history(path);
      if (history && number_of(url->params(), "watch") == 1)
        co_return co_await watch(*history, number_of(url->params(), "resourceVersion"));
      const auto answer = history ? list(*history, url->params()) : act(request, path, url->params());
      const auto [failed, written] = co_await http::async_write(stream_, answer, token);
      if (failed) co_return;
    }
  }

 private:
  static Response written(Replay::Answer answer) {
    return response(answer.status, answer.status < 300 ? protobuf : "application/json", std::move(answer.body));
  }

  Response list(const History& history, boost::urls::params_view params) const {
    return response(200, protobuf,
                    history.page(server_.replay_.version(), number_of(params, "limit"), text_of(params, "continue")));
  }

  Response act(const Request& request, const std::string& path, boost::urls::params_view params) {
    auto& replay = server_.replay_;
    if (request.method() == http::verb::patch) {
      auto answer = replay.patch(path, request.body(), now());
      server_.changed();
      return written(std::move(answer));
    }
    if (path.starts_with("/apis/events.k8s.io/")) return written(replay.create_event(request.body()));
    if (path == "/_control/create") {
      replay.create(number_of(params, "count"), now());
      server_.changed();
    } else if (path == "/_control/relabel") {
      replay.relabel(number_of(params, "count"));
      server_.changed();
    } else if (path == "/_control/ready") {
      replay.set_ready(number_of(params, "ns"), number_of(params, "number"), number_of(params, "ready") == 1);
      server_.changed();
    } else if (path != "/_control/state") {
      return response(404, "application/json",
                      R"({"kind":"Status","status":"Failure","reason":"NotFound","code":404})");
    }
    return response(200, "application/json", replay.state().dump());
  }

  // Sends events in chunks as they occur, until the client disconnects.
  asio::awaitable<void> watch(const History& history, std::uint64_t version) {
    http::response<http::empty_body> head(http::status::ok, 11);
    head.set(http::field::content_type, std::string(protobuf) + ";stream=watch");
    head.chunked(true);
    http::response_serializer<http::empty_body> serializer(head);
    if (std::get<0>(co_await http::async_write_header(stream_, serializer, token))) co_return;
    asio::steady_timer more(stream_.get_executor(), asio::steady_timer::time_point::max());
    server_.watchers_.insert(&more);
    for (auto next = history.after(version);;) {
      std::string events;
      while (next < history.events() && events.size() < 64 * 1024) events += history.frame(next++);
      if (events.empty()) {
        co_await more.async_wait(token);
      } else if (std::get<0>(co_await asio::async_write(stream_, http::make_chunk(asio::buffer(events)), token))) {
        break;
      }
    }
    server_.watchers_.erase(&more);
  }

  ReplayServer& server_;
  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer buffer_;
};

ReplayServer::ReplayServer(asio::io_context& context, Replay& replay, std::chrono::milliseconds endpoints_delay)
    : context_(context),
      replay_(replay),
      endpoints_delay_(endpoints_delay),
      acceptor_(context, {asio::ip::address_v4::loopback(), 0}) {}

void ReplayServer::start() { asio::co_spawn(context_, accept(), asio::detached); }

asio::awaitable<void> ReplayServer::accept() {
  for (;;) {
    auto [error, socket] = co_await acceptor_.async_accept(token);
    if (error) co_return;
    asio::co_spawn(context_, std::make_shared<Session>(*this, std::move(socket))->run(), asio::detached);
  }
}

// Wakes the watchers, and schedules the update of the endpoints.
void ReplayServer::changed() {
  for (auto* watcher : watchers_) watcher->cancel();
  if (replay_.endpoints_pending() && !std::exchange(flushing_, true))
    asio::co_spawn(context_, flush_later(), asio::detached);
}

asio::awaitable<void> ReplayServer::flush_later() {
  asio::steady_timer delay(context_, endpoints_delay_);
  co_await delay.async_wait(token);
  flushing_ = false;
  replay_.flush_endpoints(now());
  changed();
}

}  // namespace knm::bench
