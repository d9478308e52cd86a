#include "controller/serve/http_server.hpp"

#include <algorithm>
#include <exception>
#include <list>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "controller/config/listen.hpp"
#include "controller/log/loggers.hpp"
#include "controller/serve/acceptor.hpp"
#include "controller/serve/http_session.hpp"
#include "controller/serve/renderer.hpp"
#include "net/as_result.hpp"

namespace knm {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// The pause after an accept that failed for lack of descriptors or memory: an immediate retry would spin.
constexpr std::chrono::milliseconds accept_pause{100};

}  // namespace

class HttpServer::Impl {
 public:
  Impl(tcp::acceptor acceptor, ListenAddress address, Routes routes, HttpLimits limits,
       std::shared_ptr<Renderer> renderer)
      : acceptor_(std::move(acceptor)),
        address_(std::move(address)),
        shared_{std::move(routes), limits, std::move(renderer)},
        empty_(acceptor_.get_executor()) {}

  const ListenAddress& address() const { return address_; }

  asio::awaitable<void> run() {
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await accept_until_cancelled();
    // The orderly end below must not be interrupted by the cancellation that started it.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    error_code ignored;
    acceptor_.close(ignored);
    shared_.renderer->stop();
    co_await finish_sessions();
  }

 private:
  using Sessions = std::list<std::shared_ptr<HttpSession>>;

  asio::awaitable<void> accept_until_cancelled() {
    asio::steady_timer pause(acceptor_.get_executor());
    const auto state = co_await asio::this_coro::cancellation_state;
    while (state.cancelled() == asio::cancellation_type::none) {
      auto [error, socket] = co_await acceptor_.async_accept(net::as_result);
      if (!error) {
        failure_logged_ = false;
        start(std::move(socket));
      } else if (error != asio::error::operation_aborted && error != asio::error::connection_aborted) {
        if (!std::exchange(failure_logged_, true))
          log::http.warning("connection could not be accepted",
                            {{"address", text(address_)}, {"error", error.message()}});
        // An idle connection has some of the missing resource.
        if (!sessions_.empty()) make_room();
        pause.expires_after(accept_pause);
        co_await pause.async_wait(net::as_result);
      }
    }
  }

  void start(tcp::socket socket) {
    if (sessions_.size() >= shared_.limits.connections) make_room();
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    const auto entry = sessions_.insert(sessions_.end(), std::make_shared<HttpSession>(std::move(socket), &shared_));
    // The handler keeps the session alive, even if this server is destroyed before the io_context.
    asio::co_spawn(acceptor_.get_executor(), (*entry)->converse(),
                   [this, entry, session = *entry](const std::exception_ptr& failure) { ended(entry, failure); });
  }

  // Probes must succeed with any number of idle connections.
  void make_room() {
    const auto least = std::min_element(sessions_.begin(), sessions_.end(),
                                        [](const auto& a, const auto& b) { return a->worth() < b->worth(); });
    (*least)->close();
    (*least)->touch();
  }

  void ended(Sessions::iterator entry, const std::exception_ptr& failure) {
    sessions_.erase(entry);
    if (failure) log::http.error("connection ended with an exception", {{"address", text(address_)}});
    if (sessions_.empty()) empty_.cancel();
  }

  asio::awaitable<void> finish_sessions() {
    for (const auto& session : sessions_) session->finish();
    empty_.expires_after(shared_.limits.stop_time);
    if (!sessions_.empty()) co_await empty_.async_wait(net::as_result);
    for (const auto& session : sessions_) session->close();
    empty_.expires_at(asio::steady_timer::time_point::max());
    while (!sessions_.empty()) co_await empty_.async_wait(net::as_result);
  }

  tcp::acceptor acceptor_;
  ListenAddress address_;
  HttpShared shared_;
  Sessions sessions_;
  bool failure_logged_ = false;  // the failure of accept was logged
  asio::steady_timer empty_;     // cancelled when the last session has ended
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

base::Result<std::unique_ptr<HttpServer>> HttpServer::listen(asio::any_io_executor executor, ListenAddress address,
                                                             Routes routes, HttpLimits limits,
                                                             std::shared_ptr<Renderer> renderer, std::string_view key) {
  if (!renderer) renderer = std::make_shared<Renderer>(executor, RenderLimits{});
  auto acceptor = open_acceptor(executor, address, key);
  if (!acceptor) return acceptor.error();
  error_code error;
  const auto endpoint = acceptor->local_endpoint(error);
  if (!error) address.port = endpoint.port();
  auto impl =
      std::make_unique<Impl>(std::move(*acceptor), std::move(address), std::move(routes), limits, std::move(renderer));
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

const ListenAddress& HttpServer::address() const { return impl_->address(); }

asio::awaitable<void> HttpServer::run() { return impl_->run(); }

}  // namespace knm
