#pragma once

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "tests/bench/reconcile/replay.hpp"

namespace knm::bench {

// Serves a Replay over HTTP on the loopback interface: lists in pages, endless watches, patches of Pods, and for the
// benchmark script:
//   GET  /_control/state
//   POST /_control/create?count=N
//   POST /_control/relabel?count=N
//   POST /_control/ready?ns=N&number=N&ready=0|1
// Changes of endpoints are batched, as by the endpoints controller.
class ReplayServer {
 public:
  ReplayServer(boost::asio::io_context& context, Replay& replay, std::chrono::milliseconds endpoints_delay);

  // Serves until the context stops. The kernel chooses the port.
  void start();
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  class Session;
  boost::asio::awaitable<void> accept();
  boost::asio::awaitable<void> flush_later();
  void changed();

  boost::asio::io_context& context_;
  Replay& replay_;
  std::chrono::milliseconds endpoints_delay_;
  boost::asio::ip::tcp::acceptor acceptor_;
  bool flushing_ = false;
  std::set<boost::asio::steady_timer*> watchers_;  // cancelled when there are new events
};

}  // namespace knm::bench
