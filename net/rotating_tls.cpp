#include "net/rotating_tls.hpp"

#include <chrono>
#include <utility>

#include "net/errc.hpp"

namespace net {

base::Result<RotatingTls> RotatingTls::create(TlsSettings settings, const base::Clock& clock, base::Log log) {
  RotatingTls tls(std::move(settings), clock, std::move(log));
  if (auto first = tls.renew(); !first) return first.error();
  tls.read_at_ = clock.now();
  return tls;
}

RotatingTls::RotatingTls(TlsSettings settings, const base::Clock& clock, base::Log log)
    : settings_(std::move(settings)), clock_(clock), log_(std::move(log)) {}

bool RotatingTls::is_due() const {
  constexpr std::chrono::minutes max_age{1};
  const bool has_files = settings_.trust_system() || !settings_.ca_file.empty() || !settings_.cert_file.empty() ||
                         !settings_.key_file.empty();
  return has_files && (suspected_ || clock_.now() - read_at_ >= max_age);
}

const std::shared_ptr<TlsContext>& RotatingTls::current() {
  if (!is_due()) return context_;
  read_at_ = clock_.now();
  suspected_ = false;
  const auto before = context_;
  const auto renewed = renew();
  const auto problem = renewed ? std::string() : renewed.error().message;
  if (!problem.empty() && problem != problem_)
    write_log(log_, base::LogLevel::warning, problem + "; the last good certificates stay in use");
  else if (context_ != before)
    write_log(log_, base::LogLevel::info, "new certificates are in use for new connections");
  problem_ = problem;
  return context_;
}

void RotatingTls::failed(const base::Error& error) {
  // A server refuses a client's certificate after the handshake, as TLS 1.3 has it: that looks like a closed
  // connection.
  if (error.code == errc::bad_certificate || error.code == errc::handshake_failed || error.code == errc::closed)
    suspect();
}

base::Result<void> RotatingTls::replace_identity(const std::string& cert, const std::string& key) {
  // The last good authorities stay: their file may be half-written at this moment.
  auto material = material_;
  material.cert = {"client certificate given as data", cert};
  material.key = {"client key given as data", key};
  auto context = parse_tls(material);
  if (!context) return context.error();
  material_ = std::move(material);
  context_ = std::move(*context);
  settings_.cert_data = cert;
  settings_.key_data = key;
  return {};
}

base::Result<void> RotatingTls::renew() {
  auto material = load_tls(settings_);
  if (!material) return material.error();
  // A file that is missing for a moment is not a system without authorities.
  if (material->system_authorities.empty()) material->system_authorities = material_.system_authorities;
  if (context_ && *material == material_) return {};
  auto context = parse_tls(*material);
  if (!context) return context.error();
  material_ = std::move(*material);
  context_ = std::move(*context);
  return {};
}

}  // namespace net
