#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/log.hpp"
#include "contrail-client/rest/access.hpp"
#include "contrail-client/rest/api.hpp"
#include "net/endpoint.hpp"
#include "net/http.hpp"
#include "net/proxy.hpp"

namespace contrail {

struct ClientOptions {
  std::string user_agent = "kube-network-manager";  // with "/<version>" if the program has one
  std::size_t max_connections = 8;
  std::chrono::milliseconds max_idle{60'000};              // a connection that was idle for longer is not used again
  std::size_t max_body_bytes = 16 * 1024 * 1024;           // of exchange(), and of an error answer to a list
  std::size_t max_list_bytes = 4ULL * 1024 * 1024 * 1024;  // of a whole list
  // Asked immediately before each request is sent, of any kind; false: it is not sent. Empty: all are sent.
  std::function<bool()> may_send{};
  std::vector<std::optional<net::Proxy>> proxies{};  // to each of the servers, in their order; empty: none to any
  std::shared_ptr<Access> access{};                  // null: no TLS, no login, and a 401 is an answer
  // Whether a server that has another database than the first one is refused (see DatabaseIdentity).
  bool check_database = false;
  base::Log log{};
};

// The config API over HTTP, with keep-alive connections, at most `max_connections` at a time; if all are in use,
// exchanges wait. Requests always have a Content-Length (the server refuses chunked ones).
//
// One of several servers is used at a time (see net::Pool); after an answer 502, 503 or 504 the next one is.
//
// After a 401 the request is sent once more, with new fields of the Access: the server has not carried it out. A second
// 401 is a failure, as is an answer that is not of the config API (see foreign_answer()). While the server wants a
// pause (see pause_after()), requests wait for its end, or fail if their time is too short.
//
// With `check_database`, each new connection begins with a question for the server's database, and each 404 and each
// empty list is followed by one: a server that is found to have another database is left, and nothing of it is
// believed. Where connections are closed after each answer, the question and the request may reach different servers;
// the log warns of that.
//
// A read that met a kept connection which the server had closed is sent once more. A write becomes `unknown` then: the
// server may have closed the connection after reading the request.
//
// All on one io_context that one thread runs. Shut down by cancelling and joining the coroutines that use it; the
// client must outlive them.
class Client final : public Api {
 public:
  // `servers` must not be empty. ClientOptions::access must have TLS settings if a server uses TLS.
  Client(boost::asio::any_io_executor executor, std::vector<net::Endpoint> servers, ClientOptions options = {});
  ~Client() override;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  boost::asio::awaitable<Answer> exchange(Request request, std::chrono::milliseconds timeout) override;
  boost::asio::awaitable<Answer> list(Type type, Request request, ListParser::Sink sink,
                                      std::chrono::milliseconds timeout, ListParser::Filter wanted = {},
                                      ListParser::UnreadableSink unreadable = {}) override;
  // Over a connection of its own, besides `max_connections`. A server is left for the next one if it cannot be reached
  // or has another database, but for no answer: a gateway may refuse streams and serve all the rest. For the same
  // reason a pause that it asks for does not hold for other requests. A 200 with another content than text/event-stream
  // is a failure. So is the change of the other requests to another server (errc::server_left): what that says must not
  // be mixed with this.
  boost::asio::awaitable<Answer> follow(Request request, Follower& follower,
                                        std::chrono::milliseconds timeout) override;
  std::string access_fault() const override;  // also of a server with another database
  std::string address() const override;

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
