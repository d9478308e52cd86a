#include "tests/config-api/server/watch_stream.hpp"

#include <algorithm>
#include <cstdio>

#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/write.hpp>

#include "net/as_result.hpp"
#include "tests/config-api/server/service.hpp"

namespace standin {

namespace asio = boost::asio;

WatchStream::WatchStream(boost::beast::tcp_stream& stream, Service& service, std::shared_ptr<const WatchQuery> query)
    : stream_(stream), service_(service), query_(std::move(query)), timer_(stream.get_executor()) {
  service_.add(*this);
}

WatchStream::~WatchStream() { service_.remove(*this); }

void WatchStream::note(const Change& change, Clock::time_point due) {
  due_.emplace(due, change);
  wake();
}

void WatchStream::stop() {
  stopped_ = true;
  wake();
}

void WatchStream::cut() { stream_.close(); }

asio::awaitable<void> WatchStream::run() {
  static constexpr const char* kHead =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
      "Transfer-Encoding: chunked\r\n\r\n";
  stream_.expires_never();
  if (!co_await send(kHead)) co_return;
  using namespace asio::experimental::awaitable_operators;
  co_await (follow() || read_until_closed());
}

asio::awaitable<void> WatchStream::follow() {
  for (;;) {
    const auto now = Clock::now();
    if (stopped_) {
      co_await send_chunk("event: stop\ndata: {\"error\": \"injected fault: stop\"}\n\n");
      co_await send("0\r\n\r\n");
      co_return;
    }
    const auto keep_alive = last_ + service_.faults().watch_keepalive();
    if (!service_.is_silent()) {
      std::string text = has_no_lists() ? std::string() : take_text(now);
      if (text.empty() && now >= keep_alive) text = ":\n\n";
      if (!text.empty()) {
        last_ = now;
        if (!co_await send_chunk(text)) co_return;
        continue;
      }
    }
    const auto next = due_.empty() || has_no_lists() ? keep_alive : std::min(keep_alive, due_.begin()->first);
    timer_.expires_at(service_.is_silent() ? Clock::time_point::max() : next);
    co_await timer_.async_wait(net::as_result);
  }
}

bool WatchStream::has_no_lists() const { return !listed_ && service_.faults().watch_without_lists(); }

std::string WatchStream::take_text(Clock::time_point now) {
  std::string text;
  if (!listed_) {
    listed_ = true;
    for (const std::string& event : service_.api().init(*query_)) text += event;
    return text;
  }
  while (!due_.empty() && due_.begin()->first <= now) {
    const std::string event = service_.api().note(*query_, due_.begin()->second);
    due_.erase(due_.begin());
    if (!event.empty()) service_.stats().notified();
    text += event;
  }
  return text;
}

asio::awaitable<void> WatchStream::read_until_closed() {
  for (std::array<char, 256> scratch{};;) {
    const auto [error, count] = co_await stream_.socket().async_read_some(asio::buffer(scratch), net::as_result);
    if (error) co_return;
  }
}

asio::awaitable<bool> WatchStream::send(std::string text) {
  const auto [error, count] = co_await asio::async_write(stream_.socket(), asio::buffer(text), net::as_result);
  co_return !error;
}

asio::awaitable<bool> WatchStream::send_chunk(const std::string& text) {
  std::array<char, 20> size{};
  std::snprintf(size.data(), size.size(), "%zx\r\n", text.size());
  co_return co_await send(size.data() + text + "\r\n");
}

}  // namespace standin
