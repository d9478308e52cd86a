#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>

#include "base/result.hpp"
#include "net/endpoint.hpp"
#include "net/tls.hpp"

namespace net {

// When to give up. Every operation on a stream or connection carries one; max() waits for ever.
using Deadline = std::chrono::steady_clock::time_point;

// One TCP or TLS connection. Life: connect once, then read and write, then drop. The first operation that fails or
// times out ends it. At most one operation at a time. The io_context it lives on must be run by one thread.
class Stream {
 public:
  // What an operation moved before it ended; `error` as in Connection.
  struct Moved {
    std::size_t bytes = 0;
    bool end = false;   // reading: the peer closed in order. Without TLS, or with a peer that skips close_notify, a cut
                        // looks the same; the HTTP framing tells.
    bool cut = false;   // reading or writing: reset by the peer, or broken otherwise
    base::Error error;  // set where `end` or `cut` is, and on time-out and cancellation
    bool ok() const { return !error.code; }
  };

  explicit Stream(boost::asio::any_io_executor executor);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Resolves the host, tries its addresses in turn (each gets its share of the time that is left), then shakes hands
  // where the endpoint asks for TLS (`tls` must then be there). The error says which step failed, where and why.
  boost::asio::awaitable<base::Result<void>> connect(Endpoint endpoint, std::shared_ptr<TlsContext> tls,
                                                     Deadline deadline);

  // Waits for at least one byte.
  boost::asio::awaitable<Moved> read_some(boost::asio::mutable_buffer into, Deadline deadline);

  // Writes all of it.
  boost::asio::awaitable<Moved> write(boost::asio::const_buffer bytes, Deadline deadline);

  // No operation is to come soon: what was waited for keeps no io_context at work.
  void rest();

  // Whether the connection stands as far as the kernel knows, and is silent: false once the peer closed or reset it, or
  // sent something unasked.
  bool alive() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace net
