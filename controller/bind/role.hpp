#pragma once

#include <cstdint>

namespace knm {

// What an entry is in the object model; the number is Source::role.
enum class Role : std::uint8_t {
  none,
  allocation_network,
  public_network,
  public_pool,
  public_ipam,
  project,
  pod_network,
  service_network,
  service_pool,
  access_policy,
  virtual_machine,
  interface,
  reservation,
  instance_ip,
  cluster_address,
  public_address,
  pod_state,
  external_network,
  global_policy,
  load_balancer_status,
};

}  // namespace knm
