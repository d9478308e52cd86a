#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "controller/serve/http_message.hpp"

namespace knm {

// Limits on the thread time and memory of slow answers.
struct RenderLimits {
  std::size_t waiting = 64;                         // clients; above, 503
  std::chrono::microseconds stretch{2'000};         // of the thread, before other work runs
  int rest_factor = 10;                             // an answer is not rendered again before so many times the time
  std::chrono::milliseconds longest_rest{1'000};    // that it took on the thread, but at most this
  std::size_t body_bytes = std::size_t{32} << 20U;  // of former answers that slow clients still receive
};

// Renders slow answers: one at a time, for some milliseconds, after which it waits behind all other work of the thread,
// including probes.
//
// An answer is never older than its request: a request joins the next rendering with its key, and all requests that
// joined get the same text. Of several waiting renderings, the fastest one last time is first. On one executor, which
// one thread runs.
class Renderer {
 public:
  Renderer(boost::asio::any_io_executor executor, RenderLimits limits);
  ~Renderer();
  Renderer(const Renderer&) = delete;
  Renderer& operator=(const Renderer&) = delete;

  // A waiting request, which can be cancelled from outside. Must outlive answer().
  class Seat {
   public:
    explicit Seat(const boost::asio::any_io_executor& executor) : wake_(executor) {}
    // answer() returns soon, with an answer to be discarded.
    void leave() {
      left_ = true;
      wake_.cancel();
    }

   private:
    friend class Renderer;
    boost::asio::steady_timer wake_;
    std::optional<HttpReply> reply_;
    bool left_ = false;
  };

  // The answer, or 503 if too many requests wait, or after stop().
  boost::asio::awaitable<HttpReply> answer(RenderJob job, Seat& seat);

  // Ends the present rendering, and all waiting requests.
  void stop();

  std::size_t waiting() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;  // the work may outlive this object by a step
};

}  // namespace knm
