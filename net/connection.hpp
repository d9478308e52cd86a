#pragma once

#include <cstddef>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "net/body_sink.hpp"
#include "net/endpoint.hpp"
#include "net/http.hpp"
#include "net/stream.hpp"
#include "net/tls.hpp"

namespace net {

struct ConnectionOptions {
  std::size_t max_header_bytes = 64 * 1024;
  std::size_t max_body_bytes = 64 * 1024 * 1024;  // of exchange(); a streamed body has no limit of its own
};

// One HTTP/1.1 connection to one endpoint. It connects when first used, and again when the connection kept from before
// is no longer there. One exchange at a time: either exchange(), or start() and then read_body() until it answers
// false.
//
// Every operation ends at its deadline, and when the coroutine that awaits it is cancelled. After a failure the
// connection is closed; the next exchange opens a new one. Never retries by itself. All on one io_context that one
// thread runs. The object must outlive its operations.
class Connection {
 public:
  // `tls` may be null where the endpoint has none.
  Connection(boost::asio::any_io_executor executor, Endpoint endpoint, std::shared_ptr<TlsContext> tls,
             ConnectionOptions options = {});
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Sends the request and reads the whole response. A response of any status is a success here.
  boost::asio::awaitable<Outcome<HttpResponse>> exchange(HttpRequest request, Deadline deadline);

  // Sends the request and reads the response's header; the body is then to be read with read_body().
  boost::asio::awaitable<Outcome<ResponseHead>> start(HttpRequest request, Deadline deadline);

  // Waits for body bytes and hands all that are at hand to the sink. True: there may be more; false: the body is
  // complete. A body that is cut short is an error (errc::closed). Takes the sink by reference: it must outlive the
  // operation.
  boost::asio::awaitable<Outcome<bool>> read_body(const BodySink& sink, Deadline deadline);

  // Whether it can be used for another exchange without connecting: nothing is under way, and the peer has not closed
  // it.
  bool reusable() const;

  // Drops the connection, if there is one.
  void close();

  const Endpoint& endpoint() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace net
