#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>

#include "base/result.hpp"
#include "net/endpoint.hpp"
#include "net/proxy.hpp"
#include "net/tls.hpp"

namespace net {

// The end of an operation's time. Every operation on a stream or connection has one; max() waits for ever.
using Deadline = std::chrono::steady_clock::time_point;

// One TCP or TLS connection. Life cycle: connect once, then read and write, then destroy. The first failed or timed-out
// operation ends it. At most one operation at a time. Only one thread may run its io_context.
class Stream {
 public:
  // The bytes that an operation transferred before it ended; `error` as in Connection.
  struct Moved {
    std::size_t bytes = 0;
    bool end = false;   // reading: the peer closed in order. Without TLS, or with a peer that skips close_notify, a cut
                        // looks the same; the HTTP framing tells.
    bool cut = false;   // reading or writing: reset by the peer, or broken otherwise
    base::Error error;  // set if `end` or `cut` is, and after a time-out or cancellation
    bool ok() const { return !error.code; }
  };

  explicit Stream(boost::asio::any_io_executor executor);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Resolves the host, or that of the proxy, and tries its addresses in turn (each gets a share of the remaining time).
  // Then asks the proxy for a tunnel and does the TLS handshake, if the endpoint requires TLS (`tls` must not be null
  // then). The error contains the failed step, its place and the reason.
  boost::asio::awaitable<base::Result<void>> connect(Endpoint endpoint, std::shared_ptr<TlsContext> tls,
                                                     std::optional<Proxy> proxy, Deadline deadline);

  // Waits for at least one byte.
  boost::asio::awaitable<Moved> read_some(boost::asio::mutable_buffer into, Deadline deadline);

  // Writes all of it.
  boost::asio::awaitable<Moved> write(boost::asio::const_buffer bytes, Deadline deadline);

  // The connection becomes idle: the last wait must not keep the io_context running.
  void rest();

  // Whether the connection is open as far as the kernel knows, and silent: false if the peer closed or reset it, or
  // sent bytes without a request.
  bool alive() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace net
