#include "k8sclient/client/access.hpp"

#include <utility>

#include "net/errc.hpp"

namespace k8s {

namespace asio = boost::asio;

base::Result<std::unique_ptr<Access>> Access::create(const ClientConfig& config,
                                                     std::shared_ptr<const base::Clock> clock, base::Log log) {
  std::optional<net::RotatingTls> tls;
  if (config.server.tls) {
    auto made = net::RotatingTls::create(config.tls, *clock, log);
    if (!made) return made.error();
    tls.emplace(std::move(*made));
  }
  Credentials credentials(config.token, config.token_file, *clock, std::move(log));
  if (auto first = credentials.authorization(); !first) return first.error();
  return std::unique_ptr<Access>(new Access(std::move(clock), std::move(credentials), std::move(tls)));
}

Access::Access(std::shared_ptr<const base::Clock> clock, Credentials credentials, std::optional<net::RotatingTls> tls)
    : clock_(std::move(clock)), credentials_(std::move(credentials)), tls_(std::move(tls)) {
  if (tls_) context_ = tls_->current();
}

asio::awaitable<base::Result<net::Headers>> Access::fields() {
  if (tls_) context_ = tls_->current();
  auto authorization = credentials_.authorization();
  if (!authorization) co_return authorization.error();
  net::Headers fields;
  if (!authorization->empty()) fields.emplace_back("Authorization", std::move(*authorization));
  co_return fields;
}

void Access::refused() {
  credentials_.refused();
  if (tls_) tls_->suspect();
}

void Access::failed(const base::Error& error) {
  // A server refuses a client's certificate after the handshake, as TLS 1.3 has it: that looks like a closed
  // connection.
  if (tls_ && (error.code == net::errc::bad_certificate || error.code == net::errc::handshake_failed ||
               error.code == net::errc::closed))
    tls_->suspect();
}

}  // namespace k8s
