#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "controller/engine/engine.hpp"
#include "controller/plan/progress.hpp"

namespace knm {

// "virtual-network", or "pod-state" for the annotation of a Pod.
std::string_view kind_of(const Entry& entry);

// What is to be done about an entry: "create", "update", "delete", "annotate", "verify".
std::string_view intention(const Entry& entry);

// What blocks an entry: the end of the chain of waiting entries.
struct BlockedOn {
  std::string what;   // "virtual-network default-domain:gb:db"
  std::string state;  // "being written", "not desired by any object of the cluster", …
  std::string error;  // of its last failure; empty: none
};
// nullopt: no other entry blocks it.
std::optional<BlockedOn> hindrance(const Table& table, SlotId id);

// One walk over the whole table in steps, so that it can be interrupted: the number of entries for each kind and
// progress, and those out of sync. Each entry counts with its progress at the time of the walk.
class ProgressSnapshot {
 public:
  // `listed`: the maximum number of listed entries for each progress.
  explicit ProgressSnapshot(const Engine& engine, std::size_t listed = ~std::size_t{0})
      : engine_(engine), listed_(listed) {}

  // Visits some more entries; false: all were visited.
  bool go_on();

  using Counts = std::array<std::size_t, progress_count>;  // by Progress
  // By kind of entry: a config type, or "pod-state".
  const std::map<std::string_view, Counts>& counts() const { return counts_; }

  // The number of entries with that progress, and the listed ones of them; not for settled. The slot of a listed entry
  // may have been reused since.
  std::size_t count(Progress progress) const { return totals_[static_cast<std::size_t>(progress)]; }
  const std::vector<SlotId>& out_of_sync(Progress progress) const {
    return out_of_step_[static_cast<std::size_t>(progress)];
  }
  bool all_settled() const;

  // The names of the networks that are desired or exist.
  const std::set<PackedText>& networks() const { return networks_; }

 private:
  void note(SlotId id);

  const Engine& engine_;
  std::size_t listed_;
  SlotId next_ = 0;
  std::map<std::string_view, Counts> counts_;
  std::array<std::size_t, progress_count> totals_{};
  std::array<std::vector<SlotId>, progress_count> out_of_step_;
  std::set<PackedText> networks_;
};

}  // namespace knm
