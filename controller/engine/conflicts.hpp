#pragma once

#include <map>
#include <optional>
#include <vector>

#include "controller/intent/problem_book.hpp"
#include "controller/plan/table.hpp"

namespace knm {

// Entries that have somebody else's object in their way, as problems of the Kubernetes objects that people know. Few.
class Conflicts {
 public:
  // `id` is in conflict, and `subject` suffers.
  void begin(SlotId id, Subject subject, Problem problem) {
    by_entry_.insert_or_assign(id, Of{std::move(subject), std::move(problem)});
  }
  bool has(SlotId id) const { return by_entry_.contains(id); }
  // Who suffered; nullopt where there was no conflict.
  std::optional<Subject> end(SlotId id) {
    const auto at = by_entry_.find(id);
    if (at == by_entry_.end()) return std::nullopt;
    auto subject = std::move(at->second.subject);
    by_entry_.erase(at);
    return subject;
  }
  std::vector<Problem> of(const Subject& subject) const {
    std::vector<Problem> out;
    for (const auto& [id, conflict] : by_entry_)
      if (conflict.subject == subject) out.push_back(conflict.problem);
    return out;
  }

 private:
  struct Of {
    Subject subject;
    Problem problem;
  };
  std::map<SlotId, Of> by_entry_;
};

// Who suffers from what an entry of `unit` lacks: the Namespace for its tiers; for what is the whole cluster's, the
// Namespace that names the cluster.
Subject subject_of(const std::optional<Unit>& unit);
// A conflict as a problem of these.
Problem conflict_problem(const Table& table, SlotId id);
// What the config API has refused several times in a row, in its words.
Problem refusal_problem(const Entry& entry, std::string_view said);
// The same of an address that is taken in its network; `holder`: by what, where that is known.
Problem taken_problem(const Entry& entry, std::string_view address, const std::optional<std::string>& holder);

}  // namespace knm
