#include "k8sclient/leader/elector.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "k8sclient/api/errc.hpp"
#include "net/as_result.hpp"
#include "net/errc.hpp"

namespace k8s {

namespace asio = boost::asio;
using std::chrono::milliseconds;

Elector::Elector(Client& client, ElectorOptions options)
    : client_(client),
      options_(std::move(options)),
      machine_(options_.lease),
      timer_(client.executor()),
      engine_(std::random_device{}()) {}

asio::awaitable<void> Elector::run() {
  for (;;) co_await carry_out();
}

asio::awaitable<void> Elector::release() {
  told_elected_ = false;
  step(ReleaseAsked{});
  while (!std::holds_alternative<LeaseGivenUp>(machine_.command())) co_await carry_out();
}

asio::awaitable<void> Elector::carry_out() {
  const auto command = machine_.command();
  LeaseInput outcome = ReadFailed{};
  if (const auto* pause = std::get_if<WaitUntil>(&command))
    outcome = co_await wait(*pause);
  else
    outcome = co_await request(command);
  step(outcome);
  // After a read that asks for a write, only the write shows whether the failure is over.
  if (std::holds_alternative<LeaseRead>(outcome) && std::holds_alternative<WaitUntil>(machine_.command()))
    last_error_ = {};
}

// With a limit of its own: the client's time-out begins only when a credential plugin has provided the credentials.
asio::awaitable<LeaseInput> Elector::request(LeaseCommand command) {
  const bool reads = std::holds_alternative<ReadLease>(command);
  const auto limit = time_for_a_request();
  timer_.expires_after(limit + milliseconds(1));
  using namespace asio::experimental::awaitable_operators;
  auto first = co_await (send(std::move(command)) || timer_.async_wait(net::as_result));
  if (first.index() == 0) co_return *std::move(std::get<0>(first));
  failed({net::errc::timed_out, "the request for the lease got no answer in " + std::to_string(limit.count()) + " ms"});
  if (reads) co_return ReadFailed{};
  co_return LeaseWriteFailure::unknown;
}

// Never nullopt. The operator || would merge a variant into its own result.
asio::awaitable<std::optional<LeaseInput>> Elector::send(LeaseCommand command) {
  if (std::holds_alternative<ReadLease>(command)) co_return co_await read();
  co_return co_await write(std::move(command));
}

asio::awaitable<LeaseInput> Elector::wait(WaitUntil command) {
  timer_.expires_after(command.time - options_.clock->now());
  co_await timer_.async_wait(asio::use_awaitable);
  co_return LeaseWaited{};
}

asio::awaitable<LeaseInput> Elector::read() {
  auto text = co_await client_.get(lease_path(options_.lease_name), time_for_a_request());
  if (!text && text.error().code == errc::not_found) {
    object_.clear();
    co_return LeaseMissing{};
  }
  const auto lease = text ? read_lease(*text) : text.error();
  if (!lease) {
    failed(lease.error());
    co_return ReadFailed{};
  }
  object_ = std::move(*text);
  co_return LeaseRead{*lease};
}

asio::awaitable<LeaseInput> Elector::write(LeaseCommand command) {
  const auto& name = options_.lease_name;
  if (const auto* create = std::get_if<CreateLease>(&command))
    co_return outcome_of(co_await client_.create_object(leases_path(name.ns), lease_body(name, create->spec),
                                                        shows_holder(create->spec.holder), time_for_a_request()));
  const auto& lease = std::get<UpdateLease>(command).lease;
  co_return outcome_of(co_await client_.update_object(lease_path(name), lease_body(object_, name, lease),
                                                      shows_holder(lease.spec.holder), time_for_a_request()));
}

LeaseInput Elector::outcome_of(Client::Written written) {
  switch (written.result.outcome) {
    case WriteOutcome::done:
      object_ = std::move(written.object);
      last_error_ = {};
      return LeaseWritten{written.result.resource_version};
    case WriteOutcome::conflict:
      return LeaseWriteFailure::conflict;
    case WriteOutcome::unknown:
      failed(std::move(written.result.error));
      return LeaseWriteFailure::unknown;
    default:
      failed(std::move(written.result.error));
      return LeaseWriteFailure::failed;
  }
}

void Elector::step(const LeaseInput& input) {
  const double random = std::uniform_real_distribution<double>(0, 1)(engine_);
  machine_.step(input, {options_.clock->now(), options_.wall_clock()}, random);
  tell();
}

void Elector::tell() {
  const bool leads = machine_.leader_until().has_value();
  if (leads == told_elected_) return;
  told_elected_ = leads;
  const auto& callback = leads ? on_elected_ : on_lost_;
  if (callback) callback();
}

// A leader's request ends with its term, so that the end is noticed in time.
milliseconds Elector::time_for_a_request() const {
  const auto until = machine_.leader_until();
  if (!until) return options_.lease.request_timeout;
  const auto left = std::chrono::ceil<milliseconds>(*until - options_.clock->now());
  return std::clamp(left, milliseconds(1), options_.lease.request_timeout);
}

// The same failure again and again is one warning.
void Elector::failed(base::Error error) {
  if (error.code == net::errc::cancelled) return;
  const auto level = error.code == last_error_.code ? base::LogLevel::debug : base::LogLevel::warning;
  base::write_log(options_.log, level, "the lease of the leader election cannot be read or written; repeated",
                  {{"lease", options_.lease_name.ns + "/" + options_.lease_name.name}, {"error", error.message}});
  last_error_ = std::move(error);
}

}  // namespace k8s
