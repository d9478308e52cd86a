#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

namespace test {

// The steps of the server on one connection; it closes the connection after the last step.
struct ReadRequest {};  // waits for a whole request and stores it in `requests`
struct Send {
  std::string bytes;
};  // writes them
struct Reset {};  // ends the connection with a RST
struct Stall {};  // does nothing until the client closes
using Step = std::variant<ReadRequest, Send, Reset, Stall>;
using Script = std::vector<Step>;

// A response with a Content-Length.
std::string ok(const std::string& body, const std::string& extra_headers = "");
std::string chunk(const std::string& bytes);

struct ServerIdentity {
  std::string cert_pem, key_pem;
  std::string client_ca_pem;  // not empty: requests a client certificate of this authority
};

// An HTTP server on 127.0.0.1 that runs script i on connection i, and the last one on all further connections. Runs on
// the io_context of the test.
class ScriptedServer {
 public:
  ScriptedServer(boost::asio::io_context& context, std::vector<Script> scripts);
  ScriptedServer(boost::asio::io_context& context, std::vector<Script> scripts, ServerIdentity identity);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::uint16_t port() const;
  std::string url() const;  // http://127.0.0.1:port or https://127.0.0.1:port

  struct Log {
    std::size_t connections = 0;
    std::vector<std::string> requests;  // header and body as received
    // Of each TLS connection, "" if there is none:
    std::vector<std::string> server_names;  // SNI
    std::vector<std::string> client_names;  // common name of the client's certificate
  };
  const Log& log() const { return *log_; }
  void present(ServerIdentity identity);  // on new connections of a server with TLS
  // A server with TLS is also the proxy before it: each connection begins with a request in plain text, which is stored
  // in `requests`, and this answer.
  void answer_connect(std::string answer);
  void stop();  // refuses new connections; existing ones continue

 private:
  // For new connections.
  struct Tls {
    std::shared_ptr<boost::asio::ssl::context> context;
    std::string connect_answer;  // empty: there is no proxy
  };

  std::shared_ptr<boost::asio::ip::tcp::acceptor> acceptor_;
  std::shared_ptr<Log> log_;
  std::shared_ptr<Tls> tls_;  // null: plain TCP
};

}  // namespace test
