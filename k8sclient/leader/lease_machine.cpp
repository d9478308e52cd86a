#include "k8sclient/leader/lease_machine.hpp"

#include <algorithm>
#include <utility>

#include "k8sclient/api/errc.hpp"

namespace k8s {
namespace {

using std::chrono::milliseconds;

// How often a release is tried: a stop must not take long.
constexpr int most_releases = 3;

milliseconds longest_pause(const LeaseSettings& settings) {
  return milliseconds(
      static_cast<milliseconds::rep>(static_cast<double>(settings.retry_period.count()) * lease_jitter));
}

std::string in_ms(milliseconds time) { return std::to_string(time.count()) + " ms"; }

}  // namespace

base::Result<void> check(const LeaseSettings& settings) {
  const auto bad = [](const std::string& why) { return base::Error{errc::bad_config, "leader election: " + why}; };
  if (settings.identity.empty()) return bad("the identity of this instance is empty");
  if (settings.retry_period <= milliseconds(0)) return bad("the retry period must be longer than zero");
  if (settings.request_timeout <= milliseconds(0)) return bad("the request time-out must be longer than zero");
  if (settings.renew_deadline <= longest_pause(settings))
    return bad("the renew deadline (" + in_ms(settings.renew_deadline) + ") must be longer than 1.2 retry periods (" +
               in_ms(longest_pause(settings)) + ")");
  if (settings.duration <= settings.renew_deadline)
    return bad("the lease duration (" + in_ms(settings.duration) + ") must be longer than the renew deadline (" +
               in_ms(settings.renew_deadline) + ")");
  if (settings.request_timeout >= settings.duration - settings.renew_deadline)
    return bad("the request time-out (" + in_ms(settings.request_timeout) +
               ") must be shorter than the lease duration minus the renew deadline (" +
               in_ms(settings.duration - settings.renew_deadline) + ")");
  return {};
}

void LeaseMachine::step(const LeaseInput& input, LeaseTime time, double random) {
  const bool term_ended = leader_until_ && !is_leader(time.now);
  if (term_ended) leader_until_.reset();
  if (std::holds_alternative<LeaseGivenUp>(command_)) return;
  if (const auto* read = std::get_if<LeaseRead>(&input)) return on_read(read->lease, time, random);
  if (std::holds_alternative<LeaseMissing>(input)) return on_missing(time, random);
  if (const auto* written = std::get_if<LeaseWritten>(&input))
    return on_written(written->resource_version, time, term_ended, random);
  if (std::holds_alternative<ReleaseAsked>(input)) return on_release(time);
  if (const auto* failure = std::get_if<LeaseWriteFailure>(&input); failure && *failure == LeaseWriteFailure::unknown)
    unsure_ = true;
  if (!std::holds_alternative<LeaseWaited>(input)) return on_failure(time.now, random);
  // The leader knows the present version from its last write, so it needs no read.
  if (leader_until_ && failures_ == 0) return write(claim(time.wall), time.now);
  command_ = ReadLease{};
}

void LeaseMachine::on_read(const Lease& lease, LeaseTime time, double random) {
  if (!lease_ || absent_ || lease_->spec != lease.spec) changed_at_ = time.now;
  lease_ = lease;
  absent_ = unsure_ = false;
  if (!is_ours()) leader_until_.reset();
  if (releasing_) {
    if (is_ours()) return write(release(time.wall), time.now);
    command_ = LeaseGivenUp{};
    return;
  }
  const auto duration = lease.spec.duration.count() > 0 ? milliseconds(lease.spec.duration) : settings_.duration;
  if (is_ours() || lease.spec.holder.empty() || is_expired(time.now, duration))
    return write(claim(time.wall), time.now);
  pause(time.now, random);
}

// A person may have deleted the object while another instance is the leader, which finds out at its next renewal only.
void LeaseMachine::on_missing(LeaseTime time, double random) {
  if (releasing_) {
    command_ = LeaseGivenUp{};
    return;
  }
  unsure_ = false;
  if (lease_ && !std::exchange(absent_, true)) changed_at_ = time.now;
  const auto duration = lease_ ? std::max<milliseconds>(lease_->spec.duration, settings_.duration) : milliseconds(0);
  if (lease_ && !leader_until_ && !is_expired(time.now, duration)) return pause(time.now, random);
  write(claim(time.wall), time.now);
}

void LeaseMachine::on_written(std::uint64_t version, LeaseTime time, bool term_ended, double random) {
  if (const auto* created = std::get_if<CreateLease>(&command_)) lease_ = Lease{created->spec, version};
  if (const auto* updated = std::get_if<UpdateLease>(&command_)) lease_ = Lease{updated->lease.spec, version};
  absent_ = unsure_ = false;
  changed_at_ = time.now;
  failures_ = 0;
  if (releasing_) {
    command_ = LeaseGivenUp{};
    return;
  }
  // Others saw this write after it began, so they wait until `duration` after that at least.
  const auto until = write_began_ + settings_.renew_deadline;
  if (!term_ended && time.now < until) leader_until_ = until;
  pause(time.now, random);
}

void LeaseMachine::on_failure(Time now, double random) {
  ++failures_;
  if (releasing_) {
    if (failures_ < most_releases)
      command_ = ReadLease{};
    else
      command_ = LeaseGivenUp{};
    return;
  }
  // A leader that cannot renew may have a successor: it looks at once.
  if (leader_until_ && failures_ == 1 && !std::holds_alternative<ReadLease>(command_))
    command_ = ReadLease{};
  else
    pause(now, random);
}

void LeaseMachine::on_release(LeaseTime time) {
  const bool writing = std::holds_alternative<CreateLease>(command_) || std::holds_alternative<UpdateLease>(command_);
  releasing_ = true;
  leader_until_.reset();
  failures_ = 0;
  if (writing || unsure_)
    command_ = ReadLease{};  // the write may have been carried out
  else if (is_ours())
    write(release(time.wall), time.now);
  else
    command_ = LeaseGivenUp{};
}

void LeaseMachine::write(LeaseSpec spec, Time now) {
  write_began_ = now;
  if (lease_ && !absent_)
    command_ = UpdateLease{Lease{std::move(spec), lease_->resource_version}};
  else
    command_ = CreateLease{std::move(spec)};
}

// The specification for a take-over or a renewal.
LeaseSpec LeaseMachine::claim(WallTime wall) const {
  const bool renewal = lease_ && lease_->spec.holder == settings_.identity;
  LeaseSpec spec;
  spec.holder = settings_.identity;
  spec.duration = std::chrono::ceil<std::chrono::seconds>(settings_.duration);
  spec.renew_time = micro_time(wall);
  // Each renewal changes the object, even if the wall clock stands still: the others wait for a change.
  if (renewal && spec.renew_time == lease_->spec.renew_time)
    spec.renew_time = micro_time(wall + std::chrono::microseconds(1));
  spec.acquire_time = renewal && !lease_->spec.acquire_time.empty() ? lease_->spec.acquire_time : spec.renew_time;
  if (lease_) spec.transitions = lease_->spec.transitions + (renewal ? 0 : 1);
  return spec;
}

// Free at once. The duration of zero that would say it best is not valid in the API.
LeaseSpec LeaseMachine::release(WallTime wall) const {
  LeaseSpec spec = lease_->spec;
  spec.holder.clear();
  spec.duration = std::chrono::seconds(1);
  spec.acquire_time = spec.renew_time = micro_time(wall);
  return spec;
}

void LeaseMachine::pause(Time now, double random) {
  const auto retry = static_cast<double>(settings_.retry_period.count());
  const milliseconds time(static_cast<milliseconds::rep>(retry * (1 + (lease_jitter - 1) * random)));
  auto until = now + time;
  if (leader_until_) until = std::min(until, *leader_until_);
  command_ = WaitUntil{until};
}

}  // namespace k8s
