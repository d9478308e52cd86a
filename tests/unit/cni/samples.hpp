#pragma once

#include <string>

#include "controller/cni/core/attachment.hpp"
#include "controller/cni/core/observed.hpp"
#include "controller/cni/core/plan.hpp"

// One container of one Pod, as the test vectors of docs/formats.md have it.
namespace knm::cni::test {

inline const std::string pod_uid = "7d2c9a10-55aa-4c1f-8b3e-9e0d4f6a1c77";
inline const std::string interface_uuid = "4e2e18ce-2043-536c-bc98-78adf6321775";
inline const std::string annotation =
    R"({"uuid":"4e2e18ce-2043-536c-bc98-78adf6321775","macAddress":"02:4e:2e:18:ce:20","ipAddress":"10.0.0.7",)"
    R"("gateway":"10.0.255.254","podUid":"7d2c9a10-55aa-4c1f-8b3e-9e0d4f6a1c77"})";

inline contrail::IpAddress ip(const std::string& text) { return *contrail::IpAddress::parse(text); }

inline Arguments arguments() {
  return {Command::add, {"c0ffee", "eth0"}, "/run/netns/c0ffee", {"shop", "web-1", pod_uid}};
}

inline NetworkConfig config() {
  NetworkConfig config;
  config.name = "contrail";
  config.kubeconfig = "/etc/kubeconfig";
  return config;
}

inline Attachment attachment() { return *attachment_of(config(), arguments(), *parse_pod_state(annotation)); }

// The same with an IPv6 address.
inline Attachment dual_stack() {
  auto both = attachment();
  both.addresses.push_back({ip("fd00::7"), ip("fd00::ffff")});
  return both;
}

// What is there once the attachment is complete.
inline Observed complete(const Attachment& wanted) {
  Observed observed;
  observed.on_node = Device{wanted.device, 5, 2, "ca:a9:e0:30:8c:3b", wanted.mtu, true, {}};
  observed.inside = Device{wanted.ref.interface, 2, 5, wanted.mac, wanted.mtu, true, {}};
  for (const auto& [address, gateway] : wanted.addresses) {
    observed.inside->addresses.insert(with_prefix(address));
    observed.routes.push_back({"default", gateway.text(), wanted.ref.interface});
    observed.routes.push_back({gateway.text(), "", wanted.ref.interface});
  }
  observed.checksum_offload = wanted.checksum_offload;
  observed.ports = {{wanted.device, external_ids(wanted)}};
  observed.on_bridge = {wanted.device, "patch-to-outside"};
  return observed;
}

}  // namespace knm::cni::test
