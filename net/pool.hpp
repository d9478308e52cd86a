#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "net/connection.hpp"

namespace net {

struct PoolOptions {
  std::size_t max_connections = 8;
  std::chrono::milliseconds max_idle{60'000};  // a connection unused for longer is not used again
  ConnectionOptions connection{};
};

// Keep-alive connections to one endpoint, at most `max_connections` at a time. Who comes while all are in use waits,
// first come first served. A connection that failed, or that the server closed while idle, is thrown away.
//
// All on one io_context that one thread runs. Shut down by cancelling and joining the coroutines that use it; the pool
// must outlive them.
class Pool {
 public:
  Pool(boost::asio::any_io_executor executor, Endpoint endpoint, std::shared_ptr<TlsContext> tls,
       PoolOptions options = {});
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // One request and its whole response within `timeout`, which includes the wait for a connection. A GET or HEAD that
  // met a stale connection is sent once more; nothing else is ever repeated.
  boost::asio::awaitable<Outcome<HttpResponse>> exchange(HttpRequest request, std::chrono::milliseconds timeout);

  // Uses other TLS settings for connections opened from now on; idle ones are closed.
  void replace_tls(std::shared_ptr<TlsContext> tls);

  std::size_t in_use() const;   // exchanges under way
  std::size_t idle() const;     // connections kept open for the next exchange
  std::size_t waiting() const;  // exchanges that wait for a connection
  const Endpoint& endpoint() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace net
