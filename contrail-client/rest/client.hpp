#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "contrail-client/rest/api.hpp"
#include "net/endpoint.hpp"
#include "net/http.hpp"
#include "net/tls.hpp"

namespace contrail {

struct ClientOptions {
  std::string user_agent = "kube-network-manager";  // with "/<version>" if the program has one
  std::size_t max_connections = 8;
  std::chrono::milliseconds max_idle{60'000};              // a connection that was idle for longer is not used again
  std::size_t max_body_bytes = 16 * 1024 * 1024;           // of exchange(), and of an error answer to a list
  std::size_t max_list_bytes = 4ULL * 1024 * 1024 * 1024;  // of a whole list
  // Asked immediately before each request is sent, of any kind; false: it is not sent. Empty: all are sent.
  std::function<bool()> may_send{};
};

// The config API over HTTP, with keep-alive connections, at most `max_connections` at a time; if all are in use,
// exchanges wait. Requests always have a Content-Length (the server refuses chunked ones) and no header with a secret.
//
// Several servers: see net::Pool.
//
// A read that met a kept connection which the server had closed is sent once more. A write becomes `unknown` then: the
// server may have closed the connection after reading the request.
//
// All on one io_context that one thread runs. Shut down by cancelling and joining the coroutines that use it; the
// client must outlive them.
class Client final : public Api {
 public:
  // `servers` must not be empty. `tls` may be null if no server uses TLS.
  Client(boost::asio::any_io_executor executor, std::vector<net::Endpoint> servers,
         std::shared_ptr<net::TlsContext> tls = nullptr, ClientOptions options = {});
  ~Client() override;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  boost::asio::awaitable<Answer> exchange(Request request, std::chrono::milliseconds timeout) override;
  boost::asio::awaitable<Answer> list(Type type, Request request, ListParser::Sink sink,
                                      std::chrono::milliseconds timeout, ListParser::Filter wanted = {},
                                      ListParser::UnreadableSink unreadable = {}) override;

  std::size_t in_use() const;   // running exchanges
  std::size_t idle() const;     // connections kept open for the next exchange
  std::size_t waiting() const;  // exchanges waiting for a connection
  // The server for new connections.
  const net::Endpoint& server() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace contrail
