#include "k8sclient/client/plugin.hpp"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/cut.hpp"
#include "base/process.hpp"
#include "base/renewal_schedule.hpp"
#include "base/utf8.hpp"
#include "k8sclient/api/errc.hpp"

namespace k8s {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds pause{5};  // between two runs

// The environment of this process with that of the plugin, which takes precedence.
std::vector<std::string> environment_of(const ExecPlugin& plugin, const std::string& info) {
  std::map<std::string, std::string> variables;
  for (char** entry = ::environ; entry && *entry; ++entry) {
    const std::string text(*entry);
    const auto sign = text.find('=');
    if (sign != std::string::npos) variables.emplace(text.substr(0, sign), text.substr(sign + 1));
  }
  for (const auto& [name, value] : plugin.env) variables[name] = value;
  variables["KUBERNETES_EXEC_INFO"] = info;
  std::vector<std::string> out;
  out.reserve(variables.size());
  for (const auto& [name, value] : variables) out.push_back(name + "=" + value);
  return out;
}

// The last lines of standard error, as one line of printable text.
std::string last_lines(std::string text) {
  constexpr std::size_t longest = 300;
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  if (text.size() > longest) text.erase(0, text.size() - longest);
  // The first character may have been cut.
  while (!text.empty() && (static_cast<unsigned char>(text.front()) & 0xc0U) == 0x80U) text.erase(0, 1);
  if (!base::is_utf8(text)) return "(not text)";
  std::replace_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return text;
}

std::string how_it_ended(const base::Finished& finished, std::chrono::milliseconds timeout, std::size_t max_output) {
  using End = base::Finished::End;
  const std::string said =
      finished.errors.empty() ? "; it wrote no error" : "; its error output ends with: " + last_lines(finished.errors);
  switch (finished.end) {
    case End::timed_out:
      return "it did not end within " + std::to_string(timeout.count()) + " ms and was killed" + said;
    case End::too_much_output:
      return "it wrote more than " + std::to_string(max_output) + " bytes and was killed";
    case End::signalled:
      return "it was ended by signal " + std::to_string(finished.code) + said;
    case End::exited:
      break;
  }
  return "its exit status is " + std::to_string(finished.code) + said;
}

// nullopt: no expiry.
std::optional<std::chrono::seconds> lifetime_of(const ExecCredential& credential) {
  if (!credential.expiry) return std::nullopt;
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto lifetime = *credential.expiry - now;
  return std::max<std::chrono::seconds>(lifetime, std::chrono::seconds(0));
}

base::Result<void> check_certificate(const ExecCredential& credential) {
  if (credential.cert.empty()) return {};
  net::TlsMaterial material;
  material.cert = {"certificate", credential.cert};
  material.key = {"key", credential.key};
  material.insecure = true;  // no authorities
  const auto parsed = net::parse_tls(material);
  if (!parsed) return base::Error{errc::bad_credentials, parsed.error().message};
  return {};
}

}  // namespace

struct Plugin::State {
  State(asio::any_io_executor given, ClientConfig settings, Options how)
      : executor(std::move(given)),
        config(std::move(settings)),
        options(std::move(how)),
        done(executor, asio::steady_timer::time_point::max()) {}

  base::Error failure(const std::string& why) const {
    return {errc::bad_credentials, "the credential plugin '" + config.plugin->command + "' (" + config.source +
                                       ") provides no credentials: " + why};
  }
  base::Result<ExecCredential> judge(const base::Result<base::Finished>& finished, std::size_t max_output) const;
  void take(base::Result<ExecCredential> result);

  asio::any_io_executor executor;
  ClientConfig config;
  Options options;
  base::RenewalSchedule schedule{{.first = pause, .longest = pause}};
  ExecCredential credential;  // of the last good run
  base::Error error;          // of the last run
  std::string logged;         // the last logged failure; empty: none since the last good run
  asio::steady_timer done;    // never fires; cancelled when a run ends
};

base::Result<ExecCredential> Plugin::State::judge(const base::Result<base::Finished>& finished,
                                                  std::size_t max_output) const {
  const auto& hint = config.plugin->install_hint;
  if (!finished)
    return failure("it cannot be started: " + finished.error().message + "; " +
                   (hint.empty() ? "install it, or correct the command in the kubeconfig" : hint));
  if (finished->end != base::Finished::End::exited || finished->code != 0)
    return failure(how_it_ended(*finished, options.timeout, max_output));
  auto provided = parse_exec_credential(finished->output, config.plugin->api_version);
  if (!provided) return failure(provided.error().message);
  if (const auto checked = check_certificate(*provided); !checked) return failure(checked.error().message);
  return provided;
}

void Plugin::State::take(base::Result<ExecCredential> result) {
  const auto now = options.clock->now();
  if (result) {
    credential = std::move(*result);
    logged.clear();
    schedule.succeeded(now, lifetime_of(credential));
    write_log(options.log, base::LogLevel::debug, "the credential plugin '" + config.plugin->command + "' has run");
  } else {
    error = result.error();
    schedule.failed(now);
    if (logged != error.message) write_log(options.log, base::LogLevel::warning, error.message);
    logged = error.message;
  }
  done.cancel();
}

Plugin::Plugin(asio::any_io_executor executor, ClientConfig config, Options options)
    : state_(std::make_shared<State>(executor, std::move(config), std::move(options))),
      tasks_(executor, [state = state_](const std::string&, const std::exception_ptr&) {
        state->take(state->failure("it could not be run"));
      }) {}

Plugin::~Plugin() = default;

asio::awaitable<void> Plugin::run(std::shared_ptr<State> state) {
  // The authority may be in a file that has changed; a file that cannot be read is reported when it is used.
  const auto tls = net::load_tls(state->config.tls);
  const auto info = exec_info(state->config, tls ? tls->ca.bytes : std::string());
  const ExecPlugin& plugin = *state->config.plugin;
  base::Command command{plugin.command, plugin.args, environment_of(plugin, info)};
  const auto max_output = command.max_output;
  const auto finished = co_await base::run_program(state->executor, std::move(command),
                                                   std::chrono::steady_clock::now() + state->options.timeout);
  // The Plugin is being destroyed.
  if (!finished && finished.error().code == boost::system::errc::operation_canceled) co_return;
  state->take(state->judge(finished, max_output));
}

asio::awaitable<base::Result<ExecCredential>> Plugin::credential() {
  const auto state = state_;
  for (;;) {
    const auto now = state->options.clock->now();
    if (state->schedule.due(now)) {
      state->schedule.begun();
      tasks_.spawn("credential plugin", run(state));
    }
    if (state->schedule.usable(now)) co_return state->credential;
    if (!state->schedule.running()) co_return state->error;
    co_await state->done.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

void Plugin::refused() { state_->schedule.refused(state_->options.clock->now()); }

}  // namespace k8s
