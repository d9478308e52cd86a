#include "contrail-client/rest/access.hpp"

#include <utility>

#include "base/base64.hpp"
#include "contrail-client/error.hpp"
#include "net/errc.hpp"

namespace contrail {
namespace {

namespace asio = boost::asio;

constexpr const char* token_field = "X-Auth-Token";

// That there is no token yet, in the place of a refused one or at all, does not say why.
bool gives_no_reason(const base::Error& error) {
  return error.code == errc::token_refused || error.code == errc::no_token_yet;
}

}  // namespace

base::Result<std::unique_ptr<Access>> Access::create(asio::any_io_executor executor, const AccessSettings& settings,
                                                     const Options& options) {
  auto access = std::unique_ptr<Access>(new Access(settings.login, options));
  if (settings.tls) {
    auto tls = net::RotatingTls::create(*settings.tls, *access->clock_, options.log);
    if (!tls) return annotate(tls.error(), "TLS to the config API");
    access->tls_.emplace(std::move(*tls));
    access->context_ = access->tls_->current();
  }
  if (const auto* basic = std::get_if<BasicLogin>(&access->login_)) {
    access->password_.emplace("password file", basic->password_file, net::RotatingSecret::Form::line, *access->clock_,
                              options.log);
    if (const auto first = access->basic_fields(); !first) return first.error();
  }
  if (const auto* keystone = std::get_if<KeystoneLogin>(&access->login_)) {
    auto tokens = TokenSource::create(std::move(executor), *keystone, options);
    if (!tokens) return tokens.error();
    access->tokens_ = std::move(*tokens);
  }
  return access;
}

Access::Access(Login login, const Options& options)
    : login_(std::move(login)), log_(options.log), clock_(options.clock) {}

asio::awaitable<base::Result<net::Headers>> Access::fields(net::Deadline deadline) {
  auto fields = co_await login_fields(deadline);
  if (fields) {
    // Keystone is well; what the config API says then is another fault.
    if (std::exchange(fault_is_of_fields_, false)) fault_.clear();
  } else if (fault_.empty() || !gives_no_reason(fields.error())) {
    if (tokens_)
      fault_ = fields.error().message;  // the source of the tokens has logged it
    else
      set_fault(fields.error().message);
    fault_is_of_fields_ = true;
    was_let_in_ = false;
  }
  if (tls_) context_ = tls_->current();
  co_return fields;
}

asio::awaitable<base::Result<net::Headers>> Access::login_fields(net::Deadline deadline) {
  if (password_) co_return basic_fields();
  net::Headers fields;
  if (tokens_) {
    auto token = co_await tokens_->token(deadline);
    if (!token) co_return token.error();
    fields.emplace_back(token_field, std::move(*token));
  }
  co_return fields;
}

base::Result<net::Headers> Access::basic_fields() {
  const auto password = password_->current();
  if (!password) return password.error();
  const auto& login = std::get<BasicLogin>(login_);
  // RFC 7617 allows it; the config API splits at each colon, and answers 500.
  if (password->find(':') != std::string::npos) {
    password_->suspect();
    return base::Error{net::errc::bad_secret, "the password file " + login.password_file +
                                                  " cannot be used: the password has a ':', at which basic "
                                                  "authentication of the config API fails; choose another password"};
  }
  const auto pair = login.user + ":" + *password;
  return net::Headers{{"Authorization", "Basic " + base::encode_base64(pair)}};
}

void Access::failed(const base::Error& error) {
  if (tls_) tls_->failed(error);
  if (error.code == net::errc::bad_certificate || error.code == net::errc::handshake_failed) set_fault(error.message);
}

bool Access::refused(const net::Headers& fields) {
  if (tls_) tls_->suspect();
  if (tokens_) {
    if (const auto* token = net::find_header(fields, token_field)) tokens_->refused(*token);
    return true;
  }
  if (!password_) return false;
  password_->suspect();
  const auto present = basic_fields();
  return present && *present != fields;
}

void Access::accepted() {
  if (tokens_) tokens_->accepted();
  fault_.clear();
  fault_is_of_fields_ = false;
  if (std::exchange(was_let_in_, true)) return;
  write_log(log_, base::LogLevel::info, "the config API lets this program in again");
}

base::Error Access::refusal(const net::Endpoint& server) {
  std::string why = "the config API " + server.url();
  if (tokens_)
    why += " refuses a new token of Keystone " + tokens_->login().server.url() +
           " (401); check that the config API asks the same Keystone, and reaches it";
  else if (const auto* basic = std::get_if<BasicLogin>(&login_))
    why += " refuses the user '" + basic->user + "' (401); check the password in " + basic->password_file;
  else
    why += " wants a login (401); configure one";
  set_fault(why);
  return {errc::login_refused, std::move(why)};
}

void Access::set_fault(const std::string& fault) {
  if (fault == fault_) return;
  fault_ = fault;
  fault_is_of_fields_ = was_let_in_ = false;
  write_log(log_, base::LogLevel::warning, "the config API does not let this program in", {{"error", fault}});
}

}  // namespace contrail
