#include "tests/unit/k8sclient/support/scripted_server.hpp"

#include <algorithm>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace test {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using LogPtr = std::shared_ptr<ScriptedServer::Log>;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

tcp::socket& lowest(tcp::socket& socket) { return socket; }
tcp::socket& lowest(asio::ssl::stream<tcp::socket>& stream) { return stream.next_layer(); }

std::size_t body_length(const std::string& header) {
  const std::string field = "Content-Length: ";
  const auto at = header.find(field);
  return at == std::string::npos ? 0 : std::stoul(header.substr(at + field.size()));
}

template <class Stream>
asio::awaitable<bool> read_request(Stream& stream, std::string& pending, LogPtr log) {
  auto [ec, size] = co_await asio::async_read_until(stream, asio::dynamic_buffer(pending), "\r\n\r\n", as_result);
  if (ec) co_return false;
  const std::size_t whole = size + body_length(pending.substr(0, size));
  if (whole > pending.size()) {
    auto [ec2, more] = co_await asio::async_read(stream, asio::dynamic_buffer(pending),
                                                 asio::transfer_exactly(whole - pending.size()), as_result);
    if (ec2) co_return false;
  }
  log->requests.push_back(pending.substr(0, whole));
  pending.erase(0, whole);
  co_return true;
}

template <class Stream>
asio::awaitable<void> run(Stream stream, Script script, LogPtr log) {
  std::string pending;
  for (const Step& step : script) {
    if (std::holds_alternative<ReadRequest>(step)) {
      if (!co_await read_request(stream, pending, log)) co_return;
    } else if (const auto* send = std::get_if<Send>(&step)) {
      auto [ec, size] = co_await asio::async_write(stream, asio::buffer(send->bytes), as_result);
      if (ec) co_return;
    } else if (std::holds_alternative<Reset>(step)) {
      lowest(stream).set_option(asio::socket_base::linger(true, 0));
      lowest(stream).close();
      co_return;
    } else {
      char sink[256];
      for (;;) {
        auto [ec, size] = co_await lowest(stream).async_read_some(asio::buffer(sink), as_result);
        if (ec) co_return;
      }
    }
  }
}

void note_names(SSL* ssl, ScriptedServer::Log& log) {
  const char* server_name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  log.server_names.emplace_back(server_name ? server_name : "");
  char client_name[64] = "";
  if (const X509* certificate = SSL_get0_peer_certificate(ssl))
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, client_name, sizeof client_name);
  log.client_names.emplace_back(client_name);
}

asio::awaitable<void> run_tls(tcp::socket socket, std::shared_ptr<asio::ssl::context> context,
                              std::string connect_answer, Script script, LogPtr log) {
  if (!connect_answer.empty()) {
    std::string pending;
    if (!co_await read_request(socket, pending, log)) co_return;
    co_await asio::async_write(socket, asio::buffer(connect_answer), as_result);
  }
  asio::ssl::stream<tcp::socket> stream(std::move(socket), *context);
  auto [ec] = co_await stream.async_handshake(asio::ssl::stream_base::server, as_result);
  if (!ec) note_names(stream.native_handle(), *log);
  if (!ec) co_await run(std::move(stream), std::move(script), std::move(log));
}

template <class TlsPtr>
asio::awaitable<void> accept_all(std::shared_ptr<tcp::acceptor> acceptor, TlsPtr tls, std::vector<Script> scripts,
                                 LogPtr log) {
  for (;;) {
    auto [ec, socket] = co_await acceptor->async_accept(as_result);
    if (ec) co_return;
    const Script& script = scripts[std::min(log->connections, scripts.size() - 1)];
    ++log->connections;
    socket.set_option(tcp::no_delay(true));  // otherwise the second of two steps waits 40 ms for an acknowledgement
    const auto executor = acceptor->get_executor();
    if (tls)
      asio::co_spawn(executor, run_tls(std::move(socket), tls->context, tls->connect_answer, script, log),
                     asio::detached);
    else
      asio::co_spawn(executor, run(std::move(socket), script, log), asio::detached);
  }
}

std::shared_ptr<tcp::acceptor> listen(asio::io_context& context) {
  return std::make_shared<tcp::acceptor>(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
}

}  // namespace

std::string ok(const std::string& body, const std::string& extra_headers) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + extra_headers + "\r\n" + body;
}

std::string chunk(const std::string& bytes) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx", bytes.size());
  return std::string(size) + "\r\n" + bytes + "\r\n";
}

ScriptedServer::ScriptedServer(asio::io_context& context, std::vector<Script> scripts)
    : acceptor_(listen(context)), log_(std::make_shared<Log>()) {
  asio::co_spawn(context, accept_all(acceptor_, tls_, std::move(scripts), log_), asio::detached);
}

ScriptedServer::ScriptedServer(asio::io_context& context, std::vector<Script> scripts, ServerIdentity identity)
    : acceptor_(listen(context)), log_(std::make_shared<Log>()), tls_(std::make_shared<Tls>()) {
  present(std::move(identity));
  asio::co_spawn(context, accept_all(acceptor_, tls_, std::move(scripts), log_), asio::detached);
}

void ScriptedServer::present(ServerIdentity identity) {
  auto tls = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  tls->use_certificate_chain(asio::buffer(identity.cert_pem));
  tls->use_private_key(asio::buffer(identity.key_pem), asio::ssl::context::pem);
  if (!identity.client_ca_pem.empty()) {
    tls->add_certificate_authority(asio::buffer(identity.client_ca_pem));
    tls->set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
  }
  tls_->context = std::move(tls);
}

void ScriptedServer::answer_connect(std::string answer) { tls_->connect_answer = std::move(answer); }

ScriptedServer::~ScriptedServer() { stop(); }
void ScriptedServer::stop() { acceptor_->close(); }
std::uint16_t ScriptedServer::port() const { return acceptor_->local_endpoint().port(); }
std::string ScriptedServer::url() const {
  return (tls_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port());
}

}  // namespace test
