#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/config/settings.hpp"
#include "controller/engine/messages.hpp"
#include "k8sclient/cache/deletion_guard.hpp"

namespace knm {

// The guard against mass deletion, as it is configured.
k8s::DeletionGuard guard_of(const Settings& settings);

// A kind of which the guard holds some, or all.
struct Guarded {
  std::string what;           // "Pods", "floating-ips", "members of floating-ips"
  std::size_t held = 0;       // so many ...
  std::size_t of = 0;         // ... of those that were there
  bool confirmed = false;     // a second list said the same: it waits for a person
  bool by_inventory = false;  // a start or an audit found it; else a list of the running controller
  friend bool operator==(const Guarded&, const Guarded&) = default;
};
// "130 of 250 Pods and 3 of 4 Services"
std::string in_words(const std::vector<Guarded>& rows);

// What a start or an audit would take away.
struct Finding {
  std::vector<SlotId> doomed;                               // to be deleted, or replaced by another one
  std::map<SlotId, std::vector<std::uint64_t>> references;  // keys of atoms that wanted entries would lose
  bool empty() const { return doomed.empty() && references.empty(); }
};

// What the engine remembers of it.
struct GuardState {
  std::array<k8s::Withheld, watched_count> withheld;  // by lists of the running controller, as it is
  std::array<Guarded, watched_count> said;            // the same, as it was told
  std::vector<Guarded> found;                         // by a start or an audit
  std::bitset<watched_count> awaited;                 // lists that must be made once more
  Finding unconfirmed;                                // what waits for these
  Finding arrived;                                    // what a running audit brought
};

}  // namespace knm
