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

// How much of the thread and the memory answers that take long to make may have.
struct RenderLimits {
  std::size_t waiting = 64;                         // clients; above, 503
  std::chrono::microseconds stretch{2'000};         // of the thread, before everything else has its turn
  int rest_factor = 10;                             // a rendering is not made again before so many times the time that
  std::chrono::milliseconds longest_rest{1'000};    // it took on the thread have passed, but for so long at most
  std::size_t body_bytes = std::size_t{32} << 20U;  // of former answers that slow clients still take
};

// Makes what takes long to make: one rendering at a time, some milliseconds at a stretch, after which it queues up
// behind all other work of the thread, probes among it.
//
// An answer is never older than its request: who asks joins the rendering of that key that is to begin next, and all
// who joined get the same text. Of several that are to begin, what was quick the last time is first. Everything
// happens on one executor, which one thread runs.
class Renderer {
 public:
  Renderer(boost::asio::any_io_executor executor, RenderLimits limits);
  ~Renderer();
  Renderer(const Renderer&) = delete;
  Renderer& operator=(const Renderer&) = delete;

  // One who waits; to be cancelled from outside. Must outlive answer().
  class Seat {
   public:
    explicit Seat(const boost::asio::any_io_executor& executor) : wake_(executor) {}
    // answer() returns soon, with nothing that anybody is to see.
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

  // The answer, or 503 where too many wait, or after stop().
  boost::asio::awaitable<HttpReply> answer(RenderJob job, Seat& seat);

  // Ends what is under way, and all who wait.
  void stop();

  std::size_t waiting() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;  // the work may outlive this by a step
};

}  // namespace knm
