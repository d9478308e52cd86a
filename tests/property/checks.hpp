#pragma once

#include <gtest/gtest.h>

#include "tests/property/random_cluster.hpp"

// What must hold of every World that has converged, whatever happened before.
namespace knm::test {

// Runs the World until it converges; otherwise the message shows its last requests.
testing::AssertionResult converges(World& world);

// The unowned networks. Of these an audit finds the ones that the configuration names.
std::set<std::string> unowned_networks(World& world);

// The config API and the pod states equal the oracle's, nothing is left to do, and the facts equal those of an Intent
// that has seen only the final objects.
testing::AssertionResult is_as_desired(World& world, const Configuration& setup);

// A Service that has a public address keeps it as long as its specification names it (object-model rule 5.3).
class AddressHistory {
 public:
  explicit AddressHistory(const Configuration& setup) : setup_(setup) {}
  void record(World& world);   // after the World has converged
  void changed(World& world);  // after each change of the cluster
  std::size_t size() const { return had_.size(); }
  testing::AssertionResult was_kept(World& world) const;  // after the World has converged again

 private:
  using Owned = std::pair<std::string, std::string>;  // UID, address
  std::set<Owned> owned(World& world) const;
  const Configuration& setup_;
  std::set<Owned> had_;
};

// The counts of the metrics equal those of a walk over all entries. Holds only while the queue is empty.
testing::AssertionResult counts_are_correct(const Engine& engine);

testing::AssertionResult nothing_left_to_do(const Engine& engine, Time now);
testing::AssertionResult incremental_equals_full(const Intent& intent, const Cluster& cluster,
                                                 const Settings& settings);

// An audit and a restart write nothing; the World is restarted afterwards.
testing::AssertionResult audits_and_restart_write_nothing(World& world);

// Every reported reason has a row in the table of reasons and therefore an entry in docs/events.md.
testing::AssertionResult every_reason_is_known(const ProblemBook& problems);

// The seeds of a property: only KNM_SEED if it is set, else 1 to `count` or to KNM_SEEDS.
std::vector<std::uint64_t> seeds(std::uint64_t count);
// For messages: how to repeat a run with this seed.
std::string replay(std::uint64_t seed);

}  // namespace knm::test
