#pragma once

#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "controller/bind/content.hpp"
#include "controller/engine/schedule.hpp"

namespace knm {

// The events of own writes that have not come yet. Until then an event that disagrees with the entry may show its past:
// it is doubted, and only a doubt that no later event ends causes a read. Holds the entries of the last second only.
class Echoes {
 public:
  // How long an echo is awaited. It comes some milliseconds after the answer to the write; later ones cost one read.
  static constexpr std::chrono::seconds longest{1};

  // Must outlive it.
  explicit Echoes(Schedule& schedule) : schedule_(schedule) {}

  // An event came while a request of the entry was in flight. nullopt: the object is deleted.
  void keep(SlotId id, std::optional<Content> said) { kept_.insert_or_assign(id, std::move(said)); }
  // The last of these, when the answer has come; the outer nullopt: none came.
  std::optional<std::optional<Content>> take_kept(SlotId id);

  // The entry was written, and its echo is to come. `doubted`: an event disagreed before.
  void expect(SlotId id, bool doubted, Time now);
  // An event disagrees. Returns whether that is for later, since an echo is awaited.
  bool doubt(SlotId id, Time now);
  // The same without an echo: the entry is read in a second at the earliest, however many events come.
  void doubt_for(SlotId id, Time now);
  // An event or a read shows the entry as it is known.
  void end(SlotId id) { awaited_.erase(id); }
  // Whether a doubt about the entry has lasted to its end; it is forgotten then.
  bool take_due(SlotId id, Time now);
  bool is_doubted(SlotId id) const;

  // The stream ended: no event is to come.
  void clear();
  std::size_t size() const { return awaited_.size(); }
  // Sets the slots that it keeps.
  void mark_needed(std::vector<bool>& slots) const;

 private:
  struct Awaited {
    Time until{0};
    bool doubted = false;
  };
  void forget_old(Time now);

  Schedule& schedule_;
  std::map<SlotId, std::optional<Content>> kept_;  // of requests in flight
  std::map<SlotId, Awaited> awaited_;
  std::deque<std::pair<Time, SlotId>> order_;  // of awaited_, by time; some have ended since
};

}  // namespace knm
