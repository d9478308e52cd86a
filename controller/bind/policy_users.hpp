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

// The data from which the rules of a policy are written, kept so that one more or one fewer user is cheap: the length
// of the rules and, for rules with many sources, the sum of each bucket.
class PolicyUsers {
 public:
  using Names = std::vector<contrail::FqName>;
  // The same arguments as for rules_between().
  PolicyUsers(const Names& sources, const Names& destinations, bool bundled, std::size_t limit);

  // A user that was added (true) or removed.
  using Move = std::pair<contrail::FqName, bool>;
  struct Change {
    FieldDigests in;
    std::vector<std::uint64_t> out;  // keys
    std::int64_t addresses = 0;      // the change of the number of addresses in all rules
  };
  // The change of the field digests; nullopt: other rules may change too, so all must be rendered anew.
  std::optional<Change> move(const std::vector<Move>& moves, const Names& destinations);

 private:
  bool fits(const Names& destinations) const;

  struct Bucket {
    std::uint32_t sources = 0;
    std::uint64_t digest = 0;  // the sum of the source digests
  };
  std::size_t limit_;
  std::size_t count_ = 0, bytes_ = 0;  // of the sources
  bool bundled_ = false;
  bool overlap_ = false;         // a destination is also a source: it is left out of the rule to itself
  std::vector<Bucket> buckets_;  // if bundled_
};

}  // namespace knm
