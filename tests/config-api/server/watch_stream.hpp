#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include "tests/config-api/config_api.hpp"

namespace standin {

class Service;

/// The answer to one GET /watch: the lists, then an event for each change, until either side ends it.
class WatchStream {
 public:
  using Clock = std::chrono::steady_clock;

  /// All outlive it.
  WatchStream(boost::beast::tcp_stream& stream, Service& service, std::shared_ptr<const WatchQuery> query);
  ~WatchStream();
  WatchStream(const WatchStream&) = delete;
  WatchStream& operator=(const WatchStream&) = delete;

  boost::asio::awaitable<void> run();

  /// An event to send at that time, with the object as it is then.
  void note(const Change& change, Clock::time_point due);
  /// Says that it ends, and ends.
  void stop();
  /// Ends without a word.
  void cut();
  /// What it waits for may have changed.
  void wake() { timer_.cancel(); }

 private:
  boost::asio::awaitable<void> follow();
  boost::asio::awaitable<void> read_until_closed();
  /// False: the connection is closed.
  boost::asio::awaitable<bool> send(std::string text);
  boost::asio::awaitable<bool> send_chunk(const std::string& text);
  /// The next text to send; empty: none is due.
  [[nodiscard]] bool has_no_lists() const;  // by a fault
  std::string take_text(Clock::time_point now);

  boost::beast::tcp_stream& stream_;
  Service& service_;
  std::shared_ptr<const WatchQuery> query_;
  boost::asio::steady_timer timer_;
  std::multimap<Clock::time_point, Change> due_;
  Clock::time_point last_ = Clock::now();  // a byte was sent
  bool listed_ = false;
  bool stopped_ = false;
};

}  // namespace standin
