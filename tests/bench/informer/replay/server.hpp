#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "tests/bench/informer/replay/recording.hpp"

namespace knm::bench {

// Serves a Recording over HTTP on the loopback interface, at next to no cost of its own: lists (always whole),
// streaming lists, and watches. A watch of Pods gets the recorded changes when the benchmark asks for them:
//   POST /_control/changes?count=N&rate=R
// R is in events per second; 0: as fast as they can be written. The answer comes when the last one is written, with
// the time of each, in nanoseconds since the epoch: {"sent_at": [...]}; empty for a burst.
class ReplayServer {
 public:
  ReplayServer(boost::asio::io_context& context, const Recording& recording);

  // Serves until the context stops. The kernel chooses the port.
  void start();
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  class Session;
  using Changes = std::vector<std::string_view>;
  // The last watch of Pods.
  struct Watch {
    std::shared_ptr<boost::asio::ip::tcp::socket> socket;
    bool json = false;
    std::size_t sent = 0;  // changes
  };

  boost::asio::awaitable<void> accept();
  void watched(Watch watch);
  boost::asio::awaitable<std::vector<std::int64_t>> send_changes(std::size_t count, std::size_t rate);

  boost::asio::io_context& context_;
  const Recording& recording_;
  Changes changes_, json_changes_;
  boost::asio::ip::tcp::acceptor acceptor_;
  Watch watch_;                               // without a socket: none yet
  boost::asio::steady_timer watch_appeared_;  // never fires; cancelled by watched()
};

}  // namespace knm::bench
