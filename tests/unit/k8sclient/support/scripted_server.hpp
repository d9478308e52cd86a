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

namespace test {

// What the server does on one connection, step by step; after the last step it closes.
struct ReadRequest {};  // waits for a whole request and keeps it in `requests`
struct Send {
  std::string bytes;
};  // writes them
struct Reset {};  // ends the connection with a RST
struct Stall {};  // does nothing until the client closes
using Step = std::variant<ReadRequest, Send, Reset, Stall>;
using Script = std::vector<Step>;

// A response with a length.
std::string ok(const std::string& body, const std::string& extra_headers = "");
std::string chunk(const std::string& bytes);

struct ServerIdentity {
  std::string cert_pem, key_pem;
  std::string client_ca_pem;  // not empty: asks clients for a certificate of this authority
};

// An HTTP server on 127.0.0.1 that runs script i on its i-th connection, the last one on all that follow.
// Runs on the io_context of the test.
class ScriptedServer {
 public:
  ScriptedServer(boost::asio::io_context& context, std::vector<Script> scripts);
  ScriptedServer(boost::asio::io_context& context, std::vector<Script> scripts, ServerIdentity identity);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::uint16_t port() const;
  std::string url() const;  // http://127.0.0.1:port or https://...

  struct Log {
    std::size_t connections = 0;
    std::vector<std::string> requests;  // header and body as they came
  };
  const Log& log() const { return *log_; }
  void stop();  // no more connections; those there go on

 private:
  std::shared_ptr<boost::asio::ip::tcp::acceptor> acceptor_;
  std::shared_ptr<Log> log_;
  bool tls_;
};

}  // namespace test
