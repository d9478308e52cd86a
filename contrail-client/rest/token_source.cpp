#include "contrail-client/rest/token_source.hpp"

#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "base/renewal_schedule.hpp"
#include "base/utf8.hpp"
#include "contrail-client/auth/keystone.hpp"
#include "contrail-client/error.hpp"
#include "net/as_result.hpp"
#include "net/connection.hpp"
#include "net/errc.hpp"
#include "net/rotating_secret.hpp"
#include "net/rotating_tls.hpp"

namespace contrail {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// Some seconds: the cure of a wrong secret or of an outage must show soon, and Keystone may lock an account.
constexpr base::RenewalSchedule::Pauses pauses{.first = 1s, .longest = 5s};
constexpr std::size_t max_answer = 1024 * 1024;

// A coroutine that waits for the end of a request to Keystone. Lives in its frame, which may be destroyed at any time.
class Waiter {
 public:
  Waiter(asio::any_io_executor executor, std::vector<Waiter*>& all, net::Deadline deadline)
      : all_(all), wake_(std::move(executor), deadline) {
    all_.push_back(this);
  }
  ~Waiter() { std::erase(all_, this); }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  // Until wake(), the deadline, or the cancellation of the caller.
  asio::awaitable<void> wait() { co_await wake_.async_wait(net::as_result); }
  void wake() { wake_.cancel(); }

 private:
  std::vector<Waiter*>& all_;
  asio::steady_timer wake_;
};

}  // namespace

struct TokenSource::State {
  State(asio::any_io_executor given, KeystoneLogin who, Options how)
      : executor(std::move(given)),
        login(std::move(who)),
        options(std::move(how)),
        secret(login.has_credential() ? "application credential's secret" : "password file", login.secret_file(),
               net::RotatingSecret::Form::line, *options.clock, options.log) {
    if (!login.credential_id_file.empty())
      id.emplace("application credential's id", login.credential_id_file, net::RotatingSecret::Form::word,
                 *options.clock, options.log);
  }

  // What the files have; the id is empty if it is in none.
  struct Presented {
    std::string id, secret;
    friend bool operator==(const Presented&, const Presented&) = default;
  };
  base::Result<Presented> present();
  void suspect();

  void take(base::Result<Token> result);
  void look_for_another_secret(base::Clock::time_point now);

  asio::any_io_executor executor;
  KeystoneLogin login;
  Options options;
  net::RotatingSecret secret;
  std::optional<net::RotatingSecret> id;
  std::optional<net::RotatingTls> tls;  // nullopt: Keystone is reached without TLS
  base::RenewalSchedule schedule{pauses};
  std::string token;          // the last good one
  Presented failed;           // with the last request, if it failed; empty: the files could not be read
  base::Result<void> last{};  // outcome of the last request
  std::vector<Waiter*> waiting;
};

base::Result<TokenSource::State::Presented> TokenSource::State::present() {
  Presented out;
  for (auto [file, text] : {std::pair(id ? &*id : nullptr, &out.id), std::pair(&secret, &out.secret)}) {
    if (!file) continue;
    auto content = file->current();
    if (!content) return content.error();
    *text = std::move(*content);
  }
  return out;
}

void TokenSource::State::suspect() {
  secret.suspect();
  if (id) id->suspect();
}

void TokenSource::State::take(base::Result<Token> result) {
  const auto now = options.clock->now();
  const auto before = std::exchange(last, result ? base::Result<void>() : base::Result<void>(result.error()));
  if (result) {
    token = std::move(result->text);
    failed = {};
    schedule.succeeded(now, result->lifetime);
    write_log(options.log, base::LogLevel::debug, "Keystone has issued a token",
              {{"seconds", result->lifetime ? std::to_string(result->lifetime->count()) : "unknown"}});
  } else {
    schedule.failed(now);
    suspect();
    if (before || before.error().message != last.error().message)
      write_log(options.log, base::LogLevel::warning, last.error().message);
  }
  for (auto* waiter : waiting) waiter->wake();
}

// Files that were mended end the pause after a failure.
void TokenSource::State::look_for_another_secret(base::Clock::time_point now) {
  if (last || (last.error().code != errc::login_refused && last.error().code != net::errc::bad_secret)) return;
  suspect();
  const auto now_there = present();
  if (now_there && *now_there != failed) schedule.retry_now(now);
}

base::Result<std::unique_ptr<TokenSource>> TokenSource::create(asio::any_io_executor executor, KeystoneLogin login,
                                                               Options options) {
  auto state = std::make_shared<State>(std::move(executor), std::move(login), std::move(options));
  if (state->login.server.tls) {
    auto tls = net::RotatingTls::create(state->login.tls, *state->options.clock, state->options.log);
    if (!tls) return annotate(tls.error(), "TLS to Keystone");
    state->tls.emplace(std::move(*tls));
  }
  if (const auto first = state->present(); !first) return first.error();
  return std::unique_ptr<TokenSource>(new TokenSource(std::move(state)));
}

TokenSource::TokenSource(std::shared_ptr<State> state)
    : state_(std::move(state)),
      tasks_(state_->executor, [kept = state_](const std::string&, const std::exception_ptr&) {
        kept->take(base::Error{errc::no_token, "Keystone could not be asked for a token"});
      }) {}

TokenSource::~TokenSource() = default;

asio::awaitable<void> TokenSource::ask(std::shared_ptr<State> state) {
  const auto presented = state->present();
  state->failed = presented ? *presented : State::Presented();
  if (!presented) {
    state->take(presented.error());
    co_return;
  }
  auto login = state->login;
  if (state->id) login.credential_id = presented->id;
  const bool has_good_id = base::is_utf8(presented->id);
  if (!has_good_id || !base::is_utf8(presented->secret)) {
    state->take(base::Error{net::errc::bad_secret, (has_good_id ? login.secret_file() : login.credential_id_file) +
                                                       " is not UTF-8, as Keystone wants it"});
    co_return;
  }
  net::ConnectionOptions limits;
  limits.max_body_bytes = max_answer;
  limits.proxy = state->login.proxy;
  net::Connection connection(state->executor, state->login.server, state->tls ? state->tls->current() : nullptr,
                             limits);
  auto request = token_request(login, presented->secret);
  request.headers.emplace_back("User-Agent", state->options.user_agent);
  const auto response =
      co_await connection.exchange(std::move(request), net::Deadline::clock::now() + state->options.timeout);
  if (response) {
    state->take(parse_token(login, *response));
    co_return;
  }
  const auto& error = response.error().error;
  if (error.code == net::errc::cancelled) co_return;  // the source is being destroyed
  if (state->tls) state->tls->failed(error);
  state->take(annotate(error, "asking Keystone for a token"));
}

asio::awaitable<base::Result<std::string>> TokenSource::token(net::Deadline deadline) {
  const auto state = state_;
  for (bool waited = false;; waited = true) {
    const auto now = state->options.clock->now();
    if (!waited) state->look_for_another_secret(now);
    if (state->schedule.due(now)) {
      state->schedule.begun();
      tasks_.spawn("token", ask(state));
    }
    if (state->schedule.usable(now)) co_return state->token;
    if (!state->schedule.running()) {
      if (!state->last) co_return state->last.error();
      co_return base::Error{errc::token_refused, "the last token of Keystone " + state->login.server.url() +
                                                     " was refused, and the next one is not due yet"};
    }
    if (net::Deadline::clock::now() >= deadline)
      co_return base::Error{errc::no_token_yet,
                            "waiting for a token of Keystone " + state->login.server.url() + ": timed out"};
    Waiter waiter(state->executor, state->waiting, deadline);
    co_await waiter.wait();
  }
}

void TokenSource::refused(const std::string& token) {
  if (token == state_->token) state_->schedule.discard();
}

void TokenSource::accepted() { state_->schedule.accepted(); }
const KeystoneLogin& TokenSource::login() const { return state_->login; }

}  // namespace contrail
