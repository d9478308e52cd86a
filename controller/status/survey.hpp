#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "controller/engine/engine.hpp"

namespace knm {

// How far an entry is, for people. Whatever is not settled is out of step.
enum class Progress : std::uint8_t {
  settled,      // as wanted
  in_flight,    // a request is under way
  due,          // the next request about it goes as soon as there is room
  waiting,      // something else must be there, or gone, first
  backing_off,  // the last attempt failed; the next one is later
  conflict,     // somebody else's object has the name
  held,         // it would be deleted, and is held
};
inline constexpr int progress_count = 7;

std::string_view name(Progress progress);  // "in flight"

// What holds an entry up: the end of the chain of those that wait for each other.
struct Hindrance {
  std::string what;   // "virtual-network default-domain:gb:db"
  std::string state;  // "being created", "not wanted by anybody", …
  std::string error;  // of its last failure; empty: none
};

// One look at the whole table, made when somebody asks: how far each entry is, by next() and by no rule of its own, and
// where the entries of a Pod or Service are. Valid while the engine does not change.
class Survey {
 public:
  explicit Survey(const Engine& engine);

  using Counts = std::array<std::size_t, progress_count>;  // by Progress
  // By kind of entry: a config type, or "pod-state".
  const std::map<std::string_view, Counts>& counts() const { return counts_; }

  // Those that count and are as `progress` says; not for settled.
  const std::vector<SlotId>& out_of_step(Progress progress) const {
    return out_of_step_[static_cast<std::size_t>(progress)];
  }
  bool all_settled() const;

  Progress progress(SlotId id) const { return progress_[id]; }
  // The annotation of a Pod; no_slot where none is asked for.
  SlotId pod_state(std::string_view pod) const;
  // The floating IPs of a Service: of its ClusterIPs, then of its public addresses, each in order.
  std::vector<SlotId> addresses(std::string_view service) const;
  // Networks that are wanted or there, by name.
  const std::vector<SlotId>& networks() const { return networks_; }

  // What holds an entry up; nullopt where nothing else does.
  std::optional<Hindrance> hindrance(SlotId id) const;
  // What is to be done about an entry: "create", "update", "delete", "annotate", "look up".
  std::string_view intention(SlotId id) const;

 private:
  void note(SlotId id);

  const Table& table_;
  std::vector<Progress> progress_;
  std::map<std::string_view, Counts> counts_;
  std::array<std::vector<SlotId>, progress_count> out_of_step_;
  std::unordered_map<std::string_view, SlotId> pod_states_;
  std::unordered_map<std::string_view, std::vector<SlotId>> addresses_;
  std::vector<SlotId> networks_;
};

// "virtual-network", or "pod-state" for the annotation of a Pod.
std::string_view kind_of(const Entry& entry);

}  // namespace knm
