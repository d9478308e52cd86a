#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "controller/config/settings.hpp"
#include "k8sclient/api/objects.hpp"

// A cluster with one object that has very many dependents: one Namespace with all its Pods behind each of its Services,
// and one service tier with very many users. Identical in every run.
namespace knm::bench {

// How the port of a Service names its target, or that there is none: the stored data of each backend differs.
enum class Target : std::uint8_t { numbered, named, headless };
inline constexpr Target all_targets[] = {Target::numbered, Target::named, Target::headless};
const char* name(Target target);

class WideCluster {
 public:
  // The number of Pods behind each Service, and the number of tiers with one Pod each that use the service tier
  // "shared".
  WideCluster(std::size_t backends, std::size_t users) : backends_(backends), users_(users) {}

  std::size_t backends() const { return backends_; }
  std::size_t users() const { return users_; }
  // Ranges that are large enough.
  static Settings settings();

  static k8s::Namespace ns();
  static k8s::Pod backend(std::size_t number);
  // A Pod that uses the Services with backends.
  static k8s::Pod client();
  static k8s::Service service(Target target);
  // The slices of a Service, with 100 endpoints each, as from the endpoints controller.
  std::size_t slices() const;
  using Test = std::function<bool(std::size_t number)>;
  k8s::EndpointSlice slice(Target target, std::size_t chunk, const Test& ready) const;

  static k8s::Service shared();
  // The only Pod of a tier, and whether it uses "shared".
  static k8s::Pod user(std::size_t number, bool uses);

 private:
  std::size_t backends_, users_;
};

}  // namespace knm::bench
