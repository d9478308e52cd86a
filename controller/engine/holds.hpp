#pragma once

#include <map>
#include <optional>
#include <string>

#include "controller/engine/problem_book.hpp"
#include "controller/plan/table.hpp"

namespace knm {

// Why entries are held (Entry::hold says that they are), and until when. Few, but for the guard.
class Holds {
 public:
  struct Held {
    std::string why;                 // one sentence, with the way out
    std::optional<Time> until;       // of what no rule explains: the end of the grace time, once it began
    bool over = false;               // it ended
    std::optional<Subject> subject;  // whom the mark speaks of
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

}  // namespace knm
