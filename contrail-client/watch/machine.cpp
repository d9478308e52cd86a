#include "contrail-client/watch/machine.hpp"

#include <algorithm>

namespace contrail::watch {
namespace {

using std::chrono::milliseconds;

bool has_stream(Phase phase) {
  return phase == Phase::connecting || phase == Phase::listing || phase == Phase::following;
}

Phase phase_after(Trouble trouble) {
  switch (trouble) {
    case Trouble::not_offered:
      return Phase::not_offered;
    case Trouble::refused:
      return Phase::refused;
    case Trouble::broken:
      break;
  }
  return Phase::pausing;
}

// Between the time and half as much again.
milliseconds with_jitter(milliseconds time, double random) {
  return milliseconds(static_cast<milliseconds::rep>(static_cast<double>(time.count()) * (1 + random / 2)));
}

}  // namespace

std::string_view name(Phase phase) {
  switch (phase) {
    case Phase::connecting:
      return "connecting";
    case Phase::listing:
      return "listing";
    case Phase::following:
      return "following";
    case Phase::pausing:
      return "pausing";
    case Phase::refused:
      return "refused";
    case Phase::not_offered:
      return "not offered";
  }
  return "";
}

Trouble trouble_of(int status) {
  constexpr int bad_request = 400, unauthorized = 401, forbidden = 403, not_found = 404, no_method = 405,
                not_implemented = 501;
  switch (status) {
    case bad_request:
    case not_found:
    case no_method:
    case not_implemented:
      return Trouble::not_offered;
    case unauthorized:
    case forbidden:
      return Trouble::refused;
    default:
      return Trouble::broken;
  }
}

void Machine::step(const Input& input, double random) {
  if (const auto* end = std::get_if<EndedInput>(&input)) {
    if (has_stream(phase_)) ended(*end, random);
  } else if (std::holds_alternative<OpenedInput>(input)) {
    if (phase_ == Phase::connecting) phase_ = Phase::listing;
  } else if (std::holds_alternative<CompletedInput>(input)) {
    if (phase_ == Phase::listing) phase_ = Phase::following;
  } else if (!has_stream(phase_)) {
    phase_ = Phase::connecting;
    command_ = ConnectCommand{};
  }
}

void Machine::ended(const EndedInput& input, double random) {
  const bool steady = phase_ == Phase::following && input.followed >= settings_.steady;
  if (steady) {
    backoff_.reset();
    failures_ = 0;
  }
  ++failures_;
  phase_ = phase_after(input.trouble);
  command_ = WaitCommand{pause_after(input, steady, random)};
}

milliseconds Machine::pause_after(const EndedInput& input, bool steady, double random) {
  if (input.trouble == Trouble::not_offered) return with_jitter(settings_.offer_pause, random);
  if (input.trouble == Trouble::refused) return with_jitter(settings_.refused_pause, random);
  const auto backoff = backoff_.next(random);
  if (steady) return backoff;
  return std::max(backoff, std::min(settings_.list_factor * input.listed, settings_.longest_list_pause));
}

}  // namespace contrail::watch
