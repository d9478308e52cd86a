#pragma once

#include <gtest/gtest.h>

#include "tests/property/random_cluster.hpp"

// What must hold of every world that came to rest, whatever happened before.
namespace knm::test {

// It comes to rest; if not, the message shows what it goes on doing.
testing::AssertionResult comes_to_rest(World& world);

// The config API and the Pods' annotations are what the oracle says, nothing is left to do, and the facts are those of
// an Intent that has seen the final objects only.
// Networks that carry no mark: what an audit can find of those that the configuration names.
std::set<std::string> networks_of_nobody(World& world);
testing::AssertionResult is_as_wanted(World& world, const Configuration& setup);

// Who has a public address that its specification names keeps it for as long as it does (object-model rule 5.3).
class AddressHistory {
 public:
  explicit AddressHistory(const Configuration& setup) : setup_(setup) {}
  void look(World& world);     // at rest
  void changed(World& world);  // after each change of the cluster
  std::size_t size() const { return had_.size(); }
  testing::AssertionResult was_kept(World& world) const;  // at rest again

 private:
  using Owned = std::pair<std::string, std::string>;  // UID, address
  std::set<Owned> owned(World& world) const;
  const Configuration& setup_;
  std::set<Owned> had_;
};

// The counts of the metrics are those of a walk over all entries. Only while nothing waits for its turn.
testing::AssertionResult counts_are_true(const Engine& engine);

testing::AssertionResult nothing_left_to_do(const Engine& engine, Time now);
testing::AssertionResult incremental_equals_full(const Intent& intent, const Cluster& cluster,
                                                 const Settings& settings);

// An audit and a restart write nothing; leaves the world restarted.
testing::AssertionResult stays_as_it_is(World& world);

// What the controller complains about has a row in the table of reasons, and so a place in docs/events.md.
testing::AssertionResult every_reason_is_known(const ProblemBook& problems);

// The seeds of a property: KNM_SEED alone where it is set, else 1 to `count`, or to KNM_SEEDS.
std::vector<std::uint64_t> seeds(std::uint64_t count);
// For messages: how to run this seed again.
std::string replay(std::uint64_t seed);

}  // namespace knm::test
