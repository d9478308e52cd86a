#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "net/connection.hpp"

namespace net {

struct PoolOptions {
  std::size_t max_connections = 8;
  std::chrono::milliseconds max_idle{60'000};  // a connection unused for longer is not used again
  ConnectionOptions connection{};
};

// Keep-alive connections, at most `max_connections` at a time. Who comes while all are in use waits, first come first
// served. A connection that failed, or that the server closed while idle, is thrown away.
//
// Several endpoints are taken to be alike. New connections go to the one that worked last; where it cannot be reached,
// to the next one, and all later ones go there too. A server that swallows packets costs one time-out.
//
// All on one io_context that one thread runs. Shut down by cancelling and joining the coroutines that use it; the pool
// must outlive them.
class Pool {
 public:
  // `endpoints` must not be empty. `tls` may be null where none of them has TLS.
  Pool(boost::asio::any_io_executor executor, std::vector<Endpoint> endpoints, std::shared_ptr<TlsContext> tls,
       PoolOptions options = {});
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // One request and its whole response within `timeout`, which includes the wait for a connection. A GET or HEAD that
  // met a stale connection is sent once more; no other request that a server may have seen is ever repeated.
  boost::asio::awaitable<Outcome<HttpResponse>> exchange(HttpRequest request, std::chrono::milliseconds timeout);

  // The same for an exchange of the caller's own, which answers what failed. It is tried again where the endpoint could
  // not be reached and there is another, and, if it is `repeatable`, where it met a stale connection. It must outlive
  // the operation.
  class Exchange {
   public:
    virtual ~Exchange() = default;
    virtual boost::asio::awaitable<std::optional<Failure>> over(Connection& connection) = 0;
  };
  boost::asio::awaitable<std::optional<Failure>> use(Exchange& exchange, bool repeatable, Deadline deadline);

  // Uses other TLS settings for connections opened from now on; idle ones are closed.
  void replace_tls(std::shared_ptr<TlsContext> tls);

  std::size_t in_use() const;   // exchanges under way
  std::size_t idle() const;     // connections kept open for the next exchange
  std::size_t waiting() const;  // exchanges that wait for a connection
  // The one that new connections go to.
  const Endpoint& endpoint() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace net
