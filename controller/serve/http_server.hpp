#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/result.hpp"
#include "controller/config/settings.hpp"
#include "controller/serve/routes.hpp"

namespace knm {

class Renderer;

// Limits for clients. The defaults suit probes, Prometheus and people.
struct HttpLimits {
  std::size_t header_bytes = 8192;                 // 431 above
  std::size_t connections = 128;                   // above, the longest idle one is closed
  std::chrono::milliseconds request_time{30'000};  // from the end of one request to the end of the next one's header
  std::chrono::milliseconds reply_time{30'000};    // for a client to receive an answer
  std::chrono::milliseconds stop_time{1'000};      // for running answers when the server stops
};

// A small HTTP/1.1 server for GET and HEAD, with keep-alive, without TLS. Requests with a body are answered without
// reading it, and the connection is closed. Each client takes bounded time and memory, and cannot affect others. On one
// executor, which one thread runs.
class HttpServer {
 public:
  // Opens the port. An empty host: all addresses, IPv6 and IPv4 if the system has both. Error: the reason and the way
  // out, with the port if it is in use. `renderer`: renders long answers, shared by several servers; null: a separate
  // one. `key`: of the configuration, for errors.
  static base::Result<std::unique_ptr<HttpServer>> listen(boost::asio::any_io_executor executor, ListenAddress address,
                                                          Routes routes, HttpLimits limits = {},
                                                          std::shared_ptr<Renderer> renderer = {},
                                                          std::string_view key = "listen-http");
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // The listening address, with the port that the kernel chose for 0.
  const ListenAddress& address() const;

  // Serves until cancelled; then accepts no more connections, closes the idle ones, gives running answers `stop_time`,
  // and returns when the last connection is closed. Must have returned (or its io_context be destroyed) before the
  // server is destroyed. To be called once.
  boost::asio::awaitable<void> run();

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace knm
