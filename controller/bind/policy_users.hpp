#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "contrail-client/types.hpp"
#include "controller/model/policy_rules.hpp"
#include "controller/plan/digest_set.hpp"

namespace knm {

// What the rules of a policy are written by, kept so that a user more or less costs no look at the others: how long
// they are, and in rules with many sources what those of each bucket come to.
class PolicyUsers {
 public:
  using Names = std::vector<contrail::FqName>;
  // As rules_between() was given them.
  PolicyUsers(const Names& sources, const Names& destinations, bool bundled, std::size_t limit);

  // A user that came (true) or went.
  using Move = std::pair<contrail::FqName, bool>;
  struct Change {
    FieldDigests in;
    std::vector<std::uint64_t> out;  // keys
    std::int64_t addresses = 0;      // so many more, or less, in all rules
  };
  // What that makes of the atoms; nullopt: more than these rules may be others, so that all are to be made anew.
  std::optional<Change> move(const std::vector<Move>& moves, const Names& destinations);

 private:
  bool fits(const Names& destinations) const;

  struct Bucket {
    std::uint32_t sources = 0;
    std::uint64_t digest = 0;  // the sum of theirs
  };
  std::size_t limit_;
  std::size_t count_ = 0, bytes_ = 0;  // of the sources
  bool bundled_ = false;
  bool overlap_ = false;         // a destination is a source: it is left out of the rule to itself
  std::vector<Bucket> buckets_;  // where they are bundled
};

}  // namespace knm
