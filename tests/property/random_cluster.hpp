#pragma once

#include <random>
#include <string>
#include <vector>

#include "tests/support/oracle.hpp"
#include "tests/support/world.hpp"

namespace knm::test {

// A configuration in both tongues: the controller's and the oracle's.
struct Configuration {
  Settings settings;
  OracleSettings oracle;
};
// Dual stack, names of clusters, label keys in transit, … as the seed wants it.
Configuration random_setup(std::uint64_t seed);

// Changes a World's cluster at random, as an apiserver and its users could: names come again with new UIDs, labels and
// phases change, endpoints come and go, addresses are claimed twice or out of range.
class RandomCluster {
 public:
  // Before the first start; somebody else makes the public network where the configuration says so.
  RandomCluster(World& world, const Configuration& setup, std::uint64_t seed);

  // One change.
  void step();

 private:
  std::size_t dice(std::size_t sides) { return static_cast<std::size_t>(random_() % sides); }
  template <class List>
  const auto& one_of(const List& list) {
    return list[dice(std::size(list))];
  }
  std::string some_namespace();
  template <class Map>
  std::string some_key(const Map& map, const std::string& ns);

  void change_namespace();
  void change_outside();
  void change_pod();
  void change_service();
  void change_stranger();
  void balance(k8s::Service& service);
  void exchange(const std::string& key);
  void change_slice();
  void label(k8s::ObjectMeta& meta);
  void use(k8s::ObjectMeta& meta);
  void claim_addresses(k8s::Service& service);
  std::vector<k8s::ServicePort> some_ports();
  std::vector<k8s::EndpointPort> some_slice_ports();

  World& world_;
  const Configuration& setup_;
  std::mt19937_64 random_;
  int incarnation_ = 0;
};

}  // namespace knm::test
