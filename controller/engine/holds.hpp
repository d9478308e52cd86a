#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "controller/engine/problem_book.hpp"
#include "controller/plan/table.hpp"

namespace knm {

// The reasons and ends of deletion holds; Entry::deletion_hold() is the hold itself. Few entries, except those of the
// guard.
class Holds {
 public:
  struct Held {
    std::string why;                 // one sentence, with the way out
    std::optional<Time> until;       // of an unexplained object: the end of the grace time, once it began
    bool over = false;               // it ended
    std::optional<Subject> subject;  // the object in the owner annotations
  };

  Held& operator[](SlotId id) { return held_[id]; }
  const Held* find(SlotId id) const {
    const auto at = held_.find(id);
    return at == held_.end() ? nullptr : &at->second;
  }
  void erase(SlotId id) { held_.erase(id); }

 private:
  std::map<SlotId, Held> held_;
};

// One sentence with the way out; empty: the deletion of this entry is not held.
std::string_view why_held(const Entry& entry, const Holds& holds, SlotId id);

}  // namespace knm
