#include "net/stream.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <optional>
#include <vector>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include "net/as_result.hpp"
#include "net/certificate.hpp"
#include "net/errc.hpp"
#include "net/resolve.hpp"
#include "net/tunnel.hpp"

namespace net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using Clock = std::chrono::steady_clock;
template <int name>
using TcpOption = asio::detail::socket_option::integer<IPPROTO_TCP, name>;

std::string text_of(const tcp::endpoint& address) {
  const auto ip = address.address();
  return (ip.is_v6() ? "[" + ip.to_string() + "]" : ip.to_string()) + ":" + std::to_string(address.port());
}

// The time limit for one of `left` addresses.
Deadline share_of(Deadline deadline, std::size_t left) {
  const auto now = Clock::now();
  if (deadline == Deadline::max() || left <= 1 || deadline <= now) return deadline;
  return now + (deadline - now) / static_cast<std::chrono::nanoseconds::rep>(left);
}

base::Error timed_out(const std::string& what) { return {errc::timed_out, what + ": timed out"}; }
base::Error cancelled(const std::string& what) { return {errc::cancelled, what + ": cancelled"}; }

// In TLS 1.3 the server verifies the client's certificate after the client's part of the handshake: the alert comes
// with the first reading (RFC 8446, sections 4.4.2.4 and 6.2).
bool is_about_client_certificate(error_code ec) {
  if (ec.category() != asio::error::get_ssl_category()) return false;
  switch (ERR_GET_REASON(static_cast<unsigned long>(ec.value()))) {
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
      return true;
    default:
      return false;
  }
}

}  // namespace

struct Stream::Impl : std::enable_shared_from_this<Impl> {
  explicit Impl(asio::any_io_executor ex) : executor(std::move(ex)), socket(executor), timer(executor) {}

  // `where`: the name of the peer, for messages.
  asio::awaitable<base::Result<void>> connect_any(std::vector<tcp::endpoint> addresses, std::string where,
                                                  Deadline until);
  asio::awaitable<base::Result<void>> open_tunnel(Proxy proxy, Deadline until);
  asio::awaitable<base::Result<void>> handshake(std::shared_ptr<TlsContext> tls, Deadline until);

  void watch(Deadline until);
  void arm();
  void set_options();
  bool prepare_verification(const std::string& name);
  base::Error handshake_error(error_code ec, const std::string& name) const;
  base::Error transfer_error(error_code ec, const char* what) const;

  asio::any_io_executor executor;
  tcp::socket socket;  // of a plain connection, and while connecting
  std::shared_ptr<TlsContext> tls_context;
  std::optional<asio::ssl::stream<tcp::socket>> tls;  // owns the socket then
  Endpoint endpoint;

  // The deadline of the present operation. One wait of `timer` serves many operations: it is restarted only for an
  // earlier deadline, and compares with `deadline` when it fires.
  Deadline deadline = Deadline::max();
  Deadline armed = Deadline::max();
  asio::steady_timer timer;
  bool expired = false;

  // Of the refused certificate.
  int refusal_reason = X509_V_OK;
  std::string refusal_text;

  tcp::socket& lowest() { return tls ? tls->next_layer() : socket; }
};

void Stream::Impl::watch(Deadline until) {
  deadline = until;
  expired = false;
  if (deadline < armed) arm();
}

void Stream::Impl::arm() {
  armed = deadline;
  if (armed == Deadline::max()) return;
  timer.expires_at(armed);
  timer.async_wait([weak = weak_from_this()](error_code ec) {
    const auto self = weak.lock();
    if (ec || !self) return;
    if (Clock::now() < self->deadline) return self->arm();
    self->armed = Deadline::max();
    self->expired = true;
    error_code ignored;
    self->lowest().cancel(ignored);
  });
}

asio::awaitable<base::Result<void>> Stream::Impl::connect_any(std::vector<tcp::endpoint> addresses, std::string where,
                                                              Deadline until) {
  std::string failures;
  bool all_timed_out = true;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    error_code ec;
    socket = tcp::socket(executor);
    watch(share_of(until, addresses.size() - i));
    std::tie(ec) = co_await socket.async_connect(addresses[i], as_result);
    if (!ec) {
      set_options();
      co_return base::Result<void>();
    }
    if (ec == asio::error::operation_aborted && !expired) co_return cancelled("connecting to " + where);
    all_timed_out = all_timed_out && expired;
    failures += (failures.empty() ? "" : ", ") + text_of(addresses[i]) + ": " +
                (expired ? std::string("timed out") : ec.message());
  }
  if (failures.empty()) failures = "the name has no address";
  co_return base::Error{
      all_timed_out ? errc::timed_out : errc::connect_failed,
      "cannot connect to " + where + " (" + failures + "); check the address and that the server runs"};
}

asio::awaitable<base::Result<void>> Stream::Impl::open_tunnel(Proxy proxy, Deadline until) {
  const std::string what = "asking the proxy " + proxy.address.url() + " for " + endpoint.url();
  const auto failure = [&](error_code ec) {
    if (expired) return timed_out(what);
    if (ec == asio::error::operation_aborted) return cancelled(what);
    return base::Error{errc::proxy_refused, what + ": " +
                                                (ec == asio::error::eof ? "it closed the connection; check "
                                                                          "that it is an HTTP proxy"
                                                                        : ec.message())};
  };
  watch(until);
  const std::string request = tunnel_request(endpoint, proxy);
  if (const auto [ec, size] = co_await asio::async_write(socket, asio::buffer(request), as_result); ec)
    co_return failure(ec);
  std::string answer;
  char block[1024];
  for (;;) {
    const auto [ec, size] = co_await socket.async_read_some(asio::buffer(block), as_result);
    if (ec) co_return failure(ec);
    answer.append(block, size);
    const auto open = is_tunnel_open(answer, endpoint, proxy);
    if (!open) co_return open.error();
    if (*open) co_return base::Result<void>();
  }
}

void Stream::Impl::set_options() {
  error_code ignored;  // none of these is needed for correctness
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  // An idle peer that disappeared without a FIN is noticed after 15 s of silence and five unanswered probes, 5 s apart:
  // after 40 s. Sent bytes may stay unacknowledged for as long. Source: tcp(7).
  constexpr int idle = 15, probe_pause = 5, probes = 5;
  constexpr int unacknowledged = (idle + probe_pause * probes) * 1000;
  socket.set_option(TcpOption<TCP_KEEPIDLE>(idle), ignored);
  socket.set_option(TcpOption<TCP_KEEPINTVL>(probe_pause), ignored);
  socket.set_option(TcpOption<TCP_KEEPCNT>(probes), ignored);
  socket.set_option(TcpOption<TCP_USER_TIMEOUT>(unacknowledged), ignored);
}

bool Stream::Impl::prepare_verification(const std::string& name) {
  SSL* ssl = tls->native_handle();
  error_code ec;
  const bool is_address = (static_cast<void>(asio::ip::make_address(name, ec)), !ec);
  if (!is_address && SSL_set_tlsext_host_name(ssl, name.c_str()) != 1) return false;
  if (tls_context->insecure) {
    tls->set_verify_mode(asio::ssl::verify_none);
    return true;
  }
  X509_VERIFY_PARAM* param = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const int set = is_address ? X509_VERIFY_PARAM_set1_ip_asc(param, name.c_str())
                             : X509_VERIFY_PARAM_set1_host(param, name.c_str(), name.size());
  if (set != 1) return false;
  tls->set_verify_mode(asio::ssl::verify_peer);
  tls->set_verify_callback([this, name](bool accepted, asio::ssl::verify_context& context) {
    if (!accepted && refusal_reason == X509_V_OK) {
      X509_STORE_CTX* store = context.native_handle();
      refusal_reason = X509_STORE_CTX_get_error(store);
      refusal_text = refusal(refusal_reason, X509_STORE_CTX_get_current_cert(store), name);
    }
    return accepted;
  });
  return true;
}

base::Error Stream::Impl::handshake_error(error_code ec, const std::string& name) const {
  const std::string what = "TLS handshake with " + endpoint.url();
  if (expired) return timed_out(what);
  if (ec == asio::error::operation_aborted) return cancelled(what);
  if (refusal_reason != X509_V_OK) return {errc::bad_certificate, what + " as '" + name + "': " + refusal_text};
  if (ec.category() == asio::error::get_ssl_category()) {
    const int reason = ERR_GET_REASON(static_cast<unsigned long>(ec.value()));
    if (reason == SSL_R_WRONG_VERSION_NUMBER)
      return {errc::handshake_failed,
              what + ": the server does not speak TLS on this port; check the port, or use http://"};
  }
  const bool cut =
      ec == asio::error::eof || ec == asio::error::connection_reset || ec == asio::ssl::error::stream_truncated;
  return {errc::handshake_failed, what + ": " + (cut ? "the server closed the connection" : ec.message())};
}

asio::awaitable<base::Result<void>> Stream::Impl::handshake(std::shared_ptr<TlsContext> context, Deadline until) {
  tls_context = std::move(context);
  const std::string name = tls_context->server_name.empty() ? endpoint.host : tls_context->server_name;
  tls.emplace(std::move(socket), tls_context->context);
  if (!prepare_verification(name))
    co_return base::Error{errc::bad_tls_settings, "'" + name + "' cannot be used as a TLS server name"};
  watch(until);
  const auto [ec] = co_await tls->async_handshake(asio::ssl::stream_base::client, as_result);
  if (ec) co_return handshake_error(ec, name);
  co_return base::Result<void>();
}

base::Error Stream::Impl::transfer_error(error_code ec, const char* what) const {
  const std::string where = std::string(what) + " " + endpoint.url();
  if (expired) return timed_out(where);
  if (ec == asio::error::operation_aborted) return cancelled(where);
  if (is_about_client_certificate(ec))
    return {errc::handshake_failed, where + ": the server refuses the certificate of this client: " + ec.message()};
  if (ec.category() == asio::error::get_ssl_category()) return {errc::closed, where + ": TLS error: " + ec.message()};
  const bool closed = ec == asio::error::eof || ec == asio::ssl::error::stream_truncated;
  return {errc::closed, where + ": " + (closed ? "the server closed the connection" : ec.message())};
}

Stream::Stream(asio::any_io_executor executor) : impl_(std::make_shared<Impl>(std::move(executor))) {}

Stream::~Stream() {
  error_code ignored;
  impl_->timer.cancel();
  impl_->lowest().close(ignored);
}

asio::awaitable<base::Result<void>> Stream::connect(Endpoint endpoint, std::shared_ptr<TlsContext> tls,
                                                    std::optional<Proxy> proxy, Deadline deadline) {
  impl_->endpoint = endpoint;
  const Endpoint peer = proxy ? proxy->address : endpoint;
  auto addresses = co_await resolve(impl_->executor, peer, deadline);
  if (!addresses) co_return addresses.error();
  const std::string where = (proxy ? "the proxy " : "") + peer.url();
  if (auto connected = co_await impl_->connect_any(std::move(*addresses), where, deadline); !connected)
    co_return connected;
  if (!endpoint.tls) co_return base::Result<void>();
  if (!tls) co_return base::Error{errc::bad_tls_settings, "no TLS settings are given for " + endpoint.url()};
  if (proxy)
    if (auto opened = co_await impl_->open_tunnel(std::move(*proxy), deadline); !opened) co_return opened;
  co_return co_await impl_->handshake(std::move(tls), deadline);
}

asio::awaitable<Stream::Moved> Stream::read_some(asio::mutable_buffer into, Deadline deadline) {
  impl_->watch(deadline);
  error_code ec;
  Moved moved;
  if (impl_->tls)
    std::tie(ec, moved.bytes) = co_await impl_->tls->async_read_some(into, as_result);
  else
    std::tie(ec, moved.bytes) = co_await impl_->socket.async_read_some(into, as_result);
  if (!ec) co_return moved;
  moved.error = impl_->transfer_error(ec, "reading from");
  moved.end = ec == asio::error::eof || ec == asio::ssl::error::stream_truncated;
  moved.cut = !moved.end && moved.error.code == errc::closed;
  co_return moved;
}

asio::awaitable<Stream::Moved> Stream::write(asio::const_buffer bytes, Deadline deadline) {
  impl_->watch(deadline);
  error_code ec;
  Moved moved;
  if (impl_->tls)
    std::tie(ec, moved.bytes) = co_await asio::async_write(*impl_->tls, bytes, as_result);
  else
    std::tie(ec, moved.bytes) = co_await asio::async_write(impl_->socket, bytes, as_result);
  if (!ec) co_return moved;
  moved.error = impl_->transfer_error(ec, "writing to");
  moved.cut = moved.error.code == errc::closed;
  co_return moved;
}

void Stream::rest() {
  impl_->armed = Deadline::max();
  impl_->timer.cancel();
}

bool Stream::alive() const {
  auto& socket = impl_->lowest();
  if (!socket.is_open()) return false;
  // Unexpected bytes would be taken for the next response. (With TLS they may be a session ticket.)
  error_code ec;
  if (!impl_->tls && socket.available(ec) > 0) return false;
  tcp_info info{};
  socklen_t size = sizeof info;
  return ::getsockopt(socket.native_handle(), IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
         info.tcpi_state == TCP_ESTABLISHED;
}

}  // namespace net
