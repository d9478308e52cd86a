#include "k8sclient/client/access.hpp"

#include <utility>

namespace k8s {

namespace asio = boost::asio;

base::Result<std::unique_ptr<Access>> Access::create(asio::any_io_executor executor, const ClientConfig& config,
                                                     const Plugin::Options& options) {
  std::optional<net::RotatingTls> tls;
  if (config.server.tls) {
    auto made = net::RotatingTls::create(config.tls, *options.clock, options.log);
    if (!made) return made.error();
    tls.emplace(std::move(*made));
  }
  Credentials credentials(config.token, config.token_file, *options.clock, options.log);
  if (auto first = credentials.authorization(); !first) return first.error();
  std::unique_ptr<Plugin> plugin;
  if (config.plugin) plugin = std::make_unique<Plugin>(std::move(executor), config, options);
  return std::unique_ptr<Access>(new Access(options.clock, std::move(credentials), std::move(tls), std::move(plugin),
                                            impersonation_fields(config.impersonation)));
}

Access::Access(std::shared_ptr<const base::Clock> clock, Credentials credentials, std::optional<net::RotatingTls> tls,
               std::unique_ptr<Plugin> plugin, net::Headers impersonation)
    : clock_(std::move(clock)),
      credentials_(std::move(credentials)),
      tls_(std::move(tls)),
      plugin_(std::move(plugin)),
      impersonation_(std::move(impersonation)) {
  if (tls_) context_ = tls_->current();
}

asio::awaitable<base::Result<net::Headers>> Access::fields() {
  auto authorized = co_await authorization();
  if (!authorized) co_return authorized.error();
  if (tls_) context_ = tls_->current();
  net::Headers fields = impersonation_;
  if (!authorized->empty()) fields.emplace_back("Authorization", std::move(*authorized));
  co_return fields;
}

asio::awaitable<base::Result<std::string>> Access::authorization() {
  if (!plugin_) co_return credentials_.authorization();
  auto credential = co_await plugin_->credential();
  if (!credential) co_return credential.error();
  if (auto used = use(std::move(*credential)); !used) co_return used.error();
  co_return provided_.token.empty() ? std::string() : "Bearer " + provided_.token;
}

base::Result<void> Access::use(ExecCredential credential) {
  const bool same = credential.cert == provided_.cert && credential.key == provided_.key;
  if (tls_ && !same)
    if (auto replaced = tls_->replace_identity(credential.cert, credential.key); !replaced) return replaced;
  provided_ = std::move(credential);
  return {};
}

void Access::refused() {
  credentials_.refused();
  if (plugin_) plugin_->refused();
  if (tls_) tls_->suspect();
}

void Access::failed(const base::Error& error) {
  if (tls_) tls_->failed(error);
}

}  // namespace k8s
