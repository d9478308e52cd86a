#pragma once

#include <random>
#include <string>
#include <vector>

#include "tests/support/oracle.hpp"
#include "tests/support/world.hpp"

namespace knm::test {

// A configuration for the controller and for the oracle.
struct Configuration {
  Settings settings;
  OracleSettings oracle;
};
// The seed decides about dual stack, the cluster name, label keys and so on.
Configuration random_setup(std::uint64_t seed);

// Random changes of a World's cluster, as an API server and its users could cause them: names get new UIDs, labels and
// phases change, endpoints are added and removed, addresses are claimed twice or out of range.
class RandomCluster {
 public:
  // Before the first start; another client creates the public network if the configuration says so.
  RandomCluster(World& world, const Configuration& setup, std::uint64_t seed);

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
  void change_external_network();
  void change_pod();
  void change_service();
  void change_foreign_address();
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
