#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.hpp"
#include "contrail-client/types.hpp"
#include "controller/cni/core/arguments.hpp"

namespace knm::cni {

// A version of the CNI specification. 0.4.0 is the first with CHECK.
enum class Version : std::uint8_t { v0_4_0, v1_0_0, v1_1_0 };

inline constexpr std::string_view version_texts[] = {"0.4.0", "1.0.0", "1.1.0"};
inline std::string_view text_of(Version version) { return version_texts[static_cast<std::size_t>(version)]; }

// The network configuration that the container runtime writes to the standard input
// (https://www.cni.dev/docs/spec/#section-1-network-configuration-format). docs/cni.md describes the keys.
struct NetworkConfig {
  Version version = Version::v1_1_0;
  std::string name;                             // of the network
  std::string kubeconfig;                       // path
  std::string bridge = "br-int";                // of Open vSwitch
  std::string ovs_database;                     // as ovs-vsctl's --db takes it; empty: its default
  int mtu = 1400;                               // of the container's interface
  std::chrono::seconds time_limit{30};          // for the annotation, and again for the flows
  bool checksum_offload = false;                // of the container's interface
  bool wait_for_flows = false;                  // ADD ends when ovn-controller has installed the flows
  bool adopted_interfaces = false;              // accepts interfaces whose uuid is not derived from the Pod
  std::vector<contrail::IpAddress> gateways{};  // of families for which the annotation has none
  nlohmann::json previous{};                    // the result of ADD, for CHECK; null: absent
  std::optional<std::vector<AttachmentRef>> valid_attachments{};  // for GC
};

// Reads a network configuration. `command` decides which keys must be there: ADD and STATUS need `kubeconfig`, CHECK
// needs `prevResult`, GC needs `cni.dev/valid-attachments`. DEL and GC read only `name`, `ovsDatabase` and that list.
// Errors: undecodable, bad_version, unknown_field, bad_config; they name the key.
base::Result<NetworkConfig> read_network_config(std::string_view text, Command command);

// The version of a configuration that may otherwise be wrong, for answers: 1.1.0 where it has none that is known.
Version version_of(std::string_view text);

}  // namespace knm::cni
