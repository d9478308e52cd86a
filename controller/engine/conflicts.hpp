#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/engine/problem_book.hpp"
#include "controller/plan/table.hpp"

namespace knm {

// Entries that have an object of another owner in their way, or are in other trouble of one sort, as problems of the
// Kubernetes objects that people know. Few. An object that was made anew under its name has another UID: what the
// former one was told, it was not.
class Conflicts {
 public:
  explicit Conflicts(std::string_view source) : source_(source) {}

  // Who says so, in the ProblemBook.
  std::string_view source() const { return source_; }
  // `id` is in conflict, and `subject`, which has this UID, suffers. Which object did before; nullopt: none.
  std::optional<Subject> begin(SlotId id, Subject subject, std::string_view uid, Problem problem) {
    auto before = end(id);
    by_entry_.emplace(id, Of{std::move(subject), std::string(uid), std::move(problem)});
    return before;
  }
  bool has(SlotId id) const { return by_entry_.contains(id); }
  // Whether it is this object that suffers from it.
  bool has(SlotId id, const Subject& subject, std::string_view uid) const {
    const auto at = by_entry_.find(id);
    return at != by_entry_.end() && at->second.is_of(subject, uid);
  }
  // Who suffered; nullopt where there was no conflict.
  std::optional<Subject> end(SlotId id) {
    const auto at = by_entry_.find(id);
    if (at == by_entry_.end()) return std::nullopt;
    auto subject = std::move(at->second.subject);
    by_entry_.erase(at);
    return subject;
  }
  std::vector<Problem> of(const Subject& subject, std::string_view uid) const {
    std::vector<Problem> out;
    for (const auto& [id, conflict] : by_entry_)
      if (conflict.is_of(subject, uid)) out.push_back(conflict.problem);
    return out;
  }

 private:
  struct Of {
    Subject subject;
    std::string uid;
    Problem problem;
    bool is_of(const Subject& other, std::string_view its_uid) const { return subject == other && uid == its_uid; }
  };
  std::string_view source_;
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
