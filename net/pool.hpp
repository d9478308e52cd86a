#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "net/connection.hpp"

namespace net {

struct PoolOptions {
  std::size_t max_connections = 8;
  std::chrono::milliseconds max_idle{60'000};  // a connection that was idle for longer is not used again
  ConnectionOptions connection{};
  // Of each endpoint, in their order; empty: ConnectionOptions::proxy for all of them.
  std::vector<std::optional<Proxy>> proxies{};
};

// Keep-alive connections, at most `max_connections` at a time. If all are in use, exchanges wait, first come first
// served. A connection that failed, or that the server closed while idle, is dropped.
//
// Several endpoints are taken as equivalent, and one of them is used at a time: what was written to one server may be
// read late from another. An endpoint is left for the next one if it cannot be reached, if its certificate is refused,
// if it does not answer in time, or by leave(); it is used again only when the others are left. An exchange is repeated
// on the next endpoint only if the server cannot have received it. An endpoint that had too little of the time, because
// something else took most of it, is not left for that.
//
// All on one io_context that one thread runs. Shut down by cancelling and joining the coroutines that use it; the pool
// must outlive them.
class Pool {
 public:
  // `endpoints` must not be empty. `tls` may be null if none of them uses TLS.
  Pool(boost::asio::any_io_executor executor, std::vector<Endpoint> endpoints, std::shared_ptr<TlsContext> tls,
       PoolOptions options = {});
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // One request and its whole response within `timeout`, which includes the wait for a connection. A GET or HEAD that
  // met a stale connection is sent once more; no other request that a server may have received is repeated.
  boost::asio::awaitable<Outcome<HttpResponse>> exchange(HttpRequest request, std::chrono::milliseconds timeout);

  // The same for a custom exchange, which returns its failure. It is tried again if the endpoint could not be reached
  // and there is another one, and, if it is `repeatable`, after a stale connection. It must outlive the operation.
  class Exchange {
   public:
    virtual ~Exchange() = default;
    virtual boost::asio::awaitable<std::optional<Failure>> over(Connection& connection) = 0;
  };
  // `patience`: an endpoint that had less time than this before the deadline is not left for a time-out.
  boost::asio::awaitable<std::optional<Failure>> use(Exchange& exchange, bool repeatable, Deadline deadline,
                                                     std::chrono::milliseconds patience = {});

  // The same over a new connection, which does not count among `max_connections` and is not kept: for an exchange
  // without an end. Its endpoint is not left because it does not answer in time.
  boost::asio::awaitable<std::optional<Failure>> use_apart(Exchange& exchange, Deadline deadline);

  // Uses other TLS settings for connections opened from now on; idle ones are closed, running exchanges go on. The
  // present settings change nothing.
  void replace_tls(std::shared_ptr<TlsContext> tls);

  // Exchanges that begin from now on use the next endpoint, if this is the present one.
  void leave(const Endpoint& endpoint, std::string why);
  // Why the last endpoint was left; empty: none was.
  const std::string& left_because() const;

  std::size_t in_use() const;   // running exchanges
  std::size_t idle() const;     // connections kept open for the next exchange
  std::size_t waiting() const;  // exchanges waiting for a connection
  // The endpoint for new connections.
  const Endpoint& endpoint() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace net
