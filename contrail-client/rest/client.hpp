#pragma once

#include <cstddef>
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
  std::string user_agent = "kube-network-manager";  // with "/<version>" where the program has one
  std::size_t max_connections = 8;
  std::chrono::milliseconds max_idle{60'000};              // a connection unused for longer is not used again
  std::size_t max_body_bytes = 16 * 1024 * 1024;           // of exchange(), and of a list's answer that is an error
  std::size_t max_list_bytes = 4ULL * 1024 * 1024 * 1024;  // of a whole list
};

// The config API over HTTP, with kept connections, at most `max_connections` at a time; who comes while all are in use
// waits. Requests have a Content-Length always (the server refuses chunked ones) and no header that would be a secret.
//
// Several servers: as net::Pool takes them.
//
// A read that met a kept connection which the server had closed is sent once more. For a write that is `unknown`: the
// server may have closed it after reading the request.
//
// All on one io_context that one thread runs. Shut down by cancelling and joining the coroutines that use it; the
// client must outlive them.
class Client final : public Api {
 public:
  // `servers` must not be empty. `tls` may be null where no server has TLS.
  Client(boost::asio::any_io_executor executor, std::vector<net::Endpoint> servers,
         std::shared_ptr<net::TlsContext> tls = nullptr, ClientOptions options = {});
  ~Client() override;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  boost::asio::awaitable<Answer> exchange(Request request, std::chrono::milliseconds timeout) override;
  boost::asio::awaitable<Answer> list(Type type, Request request, ListParser::Sink sink,
                                      std::chrono::milliseconds timeout, ListParser::Filter wanted = {},
                                      ListParser::UnreadableSink unreadable = {}) override;

  std::size_t in_use() const;   // exchanges under way
  std::size_t idle() const;     // connections kept for the next exchange
  std::size_t waiting() const;  // exchanges that wait for a connection
  // The server that new connections go to.
  const net::Endpoint& server() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace contrail
