#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "controller/engine/engine.hpp"

namespace knm {

// How far an entry is, for people. Whatever is not settled is out of sync.
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

// "virtual-network", or "pod-state" for the annotation of a Pod.
std::string_view kind_of(const Entry& entry);

// Whether an entry is any business of ours: it is wanted, it is ours to delete, or we asked about it.
bool is_ours(const Entry& entry);

// How far an entry is now: by next(), and by no rule of its own.
Progress progress_of(const Table& table, SlotId id);

// What is to be done about an entry: "create", "update", "delete", "annotate", "verify".
std::string_view intention(const Entry& entry);

// What holds an entry up: the end of the chain of those that wait for each other.
struct BlockedOn {
  std::string what;   // "virtual-network default-domain:gb:db"
  std::string state;  // "being written", "not desired by any object of the cluster", …
  std::string error;  // of its last failure; empty: none
};
// nullopt where nothing else holds it up.
std::optional<BlockedOn> hindrance(const Table& table, SlotId id);

// One look at the whole table, entry by entry, so that it can be interrupted: how many of each kind are how far, and
// which are out of sync. Each entry counts as it was when it was looked at.
class ProgressSnapshot {
 public:
  // At most so many entries of each progress are listed.
  explicit ProgressSnapshot(const Engine& engine, std::size_t listed = ~std::size_t{0})
      : engine_(engine), listed_(listed) {}

  // Looks at some entries more; false: all have been looked at.
  bool go_on();

  using Counts = std::array<std::size_t, progress_count>;  // by Progress
  // By kind of entry: a config type, or "pod-state".
  const std::map<std::string_view, Counts>& counts() const { return counts_; }
  // Deletions that are held, by the reason.
  const std::map<DeletionHold, std::size_t>& held() const { return held_; }

  // How many were as `progress` says, and those of them that are listed; not for settled. A slot may have become
  // another entry's since.
  std::size_t count(Progress progress) const { return totals_[static_cast<std::size_t>(progress)]; }
  const std::vector<SlotId>& out_of_sync(Progress progress) const {
    return out_of_step_[static_cast<std::size_t>(progress)];
  }
  bool all_settled() const;

  // The names of the networks that are wanted or there.
  const std::set<PackedText>& networks() const { return networks_; }

 private:
  void note(SlotId id);

  const Engine& engine_;
  std::size_t listed_;
  SlotId next_ = 0;
  std::map<std::string_view, Counts> counts_;
  std::map<DeletionHold, std::size_t> held_;
  std::array<std::size_t, progress_count> totals_{};
  std::array<std::vector<SlotId>, progress_count> out_of_step_;
  std::set<PackedText> networks_;
};

}  // namespace knm
