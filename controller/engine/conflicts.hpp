#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/engine/problem_book.hpp"
#include "controller/plan/table.hpp"

namespace knm {

// Entries with one kind of trouble, such as a foreign object in their way, as problems of the Kubernetes objects that
// users know. Few at a time. A problem belongs to a UID: an object that was created anew under its name starts without
// it.
class Conflicts {
 public:
  explicit Conflicts(std::string_view source) : source_(source) {}

  // The source in the ProblemBook.
  std::string_view source() const { return source_; }
  // `id` is in conflict, with `subject` (of this UID) affected. Returns the subject affected before; nullopt: none.
  std::optional<Subject> begin(SlotId id, Subject subject, std::string_view uid, Problem problem) {
    auto before = end(id);
    by_entry_.emplace(id, Of{std::move(subject), std::string(uid), std::move(problem)});
    return before;
  }
  bool empty() const { return by_entry_.empty(); }
  bool has(SlotId id) const { return by_entry_.contains(id); }
  // Whether this subject is affected by the conflict.
  bool has(SlotId id, const Subject& subject, std::string_view uid) const {
    const auto at = by_entry_.find(id);
    return at != by_entry_.end() && at->second.is_of(subject, uid);
  }
  // Returns the affected subject; nullopt: there was no conflict.
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

// The Kubernetes object that is affected if an entry of `unit` is missing: for a tier its Namespace; for an entry of
// the whole cluster, the Namespace kube-system.
Subject subject_of(const std::optional<Unit>& unit);
// A conflict as a problem.
Problem conflict_problem(const Table& table, SlotId id);
// An entry that the config API has refused several times in a row; `said` is the server's message.
Problem refusal_problem(const Entry& entry, std::string_view said);
// The same for an address that is in use in its network; `holder`: what uses it, if known.
Problem taken_problem(const Entry& entry, std::string_view address, const std::optional<std::string>& holder);

}  // namespace knm
