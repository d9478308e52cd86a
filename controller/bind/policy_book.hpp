#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "controller/bind/policy_users.hpp"
#include "controller/intent/facts.hpp"

namespace knm {

// State of policies between two bindings, by the service tier or external network of the policy: the users of those
// that have more than a few, and the number of pairs of networks that the rules leave out (docs/object-model.md, "Large
// policies").
class PolicyBook {
 public:
  // In bytes of a body: Settings::policy_size_limit.
  explicit PolicyBook(std::size_t size_limit) : size_limit_(size_limit) {}

  // --- Users. A round is one settle() of the intent.
  // Fewer users are cheap to read again.
  static bool is_worth_remembering(std::size_t users) { return users > 2; }
  // A policy was bound as a whole in this round; `bundled` as in rules_between().
  void remember(const Unit& unit, const PolicyUsers::Names& users, const PolicyUsers::Names& destinations, bool bundled,
                std::uint64_t round);
  void forget(const Unit& unit) { users_.erase(unit); }
  bool knows(const Unit& unit) const { return users_.contains(unit); }
  // For a known policy: whether the changes of this round have yet to be made. True once in each round; false for a
  // policy that was bound as a whole in it, which already has them.
  bool begin_round(const Unit& unit, std::uint64_t round);
  // For a known policy: the change of its field digests by users that were added or removed. nullopt: other rules may
  // change too, so it must be bound as a whole.
  std::optional<PolicyUsers::Change> move(const Unit& unit, const std::vector<PolicyUsers::Move>& moves,
                                          const PolicyUsers::Names& destinations);

  // --- Pairs of networks that the rules leave out, because a complete body would be too long
  // The rules should let `users` reach the networks of `direct` and `others` more, and they contain `named` pairs.
  void note_left_out(const Unit& unit, const TierSet& users, const TierSet& direct, std::size_t others,
                     std::size_t named);
  // There is no policy, or it is about to be bound.
  void forget_left_out(const Unit& unit) { left_out_.erase(unit); }
  std::size_t left_out(const Unit& unit) const;

 private:
  struct Known {
    PolicyUsers users;
    std::uint64_t round = 0;
  };
  std::size_t size_limit_;
  std::map<Unit, Known> users_;
  std::map<Unit, std::size_t> left_out_;  // never 0
};

}  // namespace knm
