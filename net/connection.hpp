#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "net/body_sink.hpp"
#include "net/endpoint.hpp"
#include "net/http.hpp"
#include "net/proxy.hpp"
#include "net/stream.hpp"
#include "net/tls.hpp"

namespace net {

struct ConnectionOptions {
  std::size_t max_header_bytes = 64 * 1024;
  std::size_t max_body_bytes = 64 * 1024 * 1024;  // of exchange(); a streamed body has no limit of its own
  std::optional<Proxy> proxy{};                   // nullopt: the endpoint is reached directly
  // Asked at the last moment, when the connection is open: false: the request is not sent (errc::withheld). Empty:
  // every request is sent.
  std::function<bool(const HttpRequest&)> may_send{};
};

// One HTTP/1.1 connection to one endpoint. It connects when first used, and again if the kept connection is closed. One
// exchange at a time: either exchange(), or start() and then read_body() until it returns false.
//
// Every operation ends at its deadline, or when the coroutine that awaits it is cancelled. A failure closes the
// connection; the next exchange opens a new one. Never retries. All on one io_context that one thread runs. The object
// must outlive its operations.
class Connection {
 public:
  // `tls` may be null if the endpoint does not use TLS.
  Connection(boost::asio::any_io_executor executor, Endpoint endpoint, std::shared_ptr<TlsContext> tls,
             ConnectionOptions options = {});
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Sends the request and reads the whole response. A response with any status is a success.
  boost::asio::awaitable<Outcome<HttpResponse>> exchange(HttpRequest request, Deadline deadline);

  // Sends the request and reads the response's header; the body must be read with read_body().
  boost::asio::awaitable<Outcome<ResponseHead>> start(HttpRequest request, Deadline deadline);

  // Waits for body bytes and passes all available ones to the sink. True: there may be more; false: the body is
  // complete. A truncated body is an error (errc::closed). Takes the sink by reference: it must outlive the operation.
  boost::asio::awaitable<Outcome<bool>> read_body(const BodySink& sink, Deadline deadline);

  // Whether it can be used for another exchange without connecting: no exchange is running, and the peer has not closed
  // it.
  bool reusable() const;

  // Uses other TLS settings from the next exchange on, which opens a new connection; a running one goes on.
  void replace_tls(std::shared_ptr<TlsContext> tls);

  // Closes the connection, if there is one.
  void close();

  const Endpoint& endpoint() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace net
