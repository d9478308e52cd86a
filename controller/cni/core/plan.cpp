#include "controller/cni/core/plan.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "controller/cni/core/errc.hpp"

namespace knm::cni {
namespace {

bool are_pair(const Device& one, const Device& other) {
  return one.peer_index == other.index && other.peer_index == one.index;
}

bool has_route(const std::vector<Route>& routes, const Route& wanted) {
  return std::find(routes.begin(), routes.end(), wanted) != routes.end();
}

const char* default_of(contrail::Family family) { return family == contrail::Family::v4 ? "IPv4" : "IPv6"; }

void check_addresses(const Attachment& attachment, const Observed& observed, std::vector<std::string>& faults) {
  const auto& interface = attachment.ref.interface;
  for (const auto& [address, gateway] : attachment.addresses) {
    if (!observed.inside->addresses.contains(with_prefix(address)))
      faults.push_back(interface + " does not have the address " + with_prefix(address));
    // The kernel shows IPv4 and IPv6 defaults alike; the gateway tells them apart.
    if (!has_route(observed.routes, {"default", gateway.text(), interface}))
      faults.push_back("there is no " + std::string(default_of(address.family)) + " default route by " +
                       gateway.text());
    if (!has_route(observed.routes, {gateway.text(), "", interface}))
      faults.push_back("there is no route to the gateway " + gateway.text());
  }
}

bool has_further_address(const Attachment& attachment, const Observed& observed) {
  std::set<std::string> wanted;
  for (const auto& [address, gateway] : attachment.addresses) wanted.insert(with_prefix(address));
  const auto& there = observed.inside->addresses;
  return !std::includes(wanted.begin(), wanted.end(), there.begin(), there.end());
}

const Port* find_port(const Observed& observed, const std::string& name) {
  const auto found =
      std::find_if(observed.ports.begin(), observed.ports.end(), [&](const Port& port) { return port.name == name; });
  return found == observed.ports.end() ? nullptr : &*found;
}

std::string value_of(const Port& port, const char* key) {
  const auto found = port.external_ids.find(key);
  return found == port.external_ids.end() ? std::string() : found->second;
}

}  // namespace

std::map<std::string, std::string> external_ids(const Attachment& attachment) {
  return {{id_interface, attachment.interface_uuid}, {id_mac, attachment.mac},
          {id_network, attachment.network},          {id_container, attachment.ref.container},
          {id_ifname, attachment.ref.interface},     {id_pod, attachment.pod.ns + "/" + attachment.pod.name},
          {id_pod_uid, attachment.pod.uid}};
}

std::vector<std::string> faults_of_pair(const Attachment& attachment, const Observed& observed) {
  const auto& [on_node, inside] = std::tie(observed.on_node, observed.inside);
  const auto& interface = attachment.ref.interface;
  if (!on_node) return {"the node has no device " + attachment.device};
  if (!inside) return {"the container has no interface " + interface};
  if (!are_pair(*on_node, *inside))
    return {interface + " is not the other end of the node's device " + attachment.device};
  std::vector<std::string> faults;
  if (!on_node->up) faults.push_back(attachment.device + " is down");
  if (!inside->up) faults.push_back(interface + " is down");
  if (inside->mac != attachment.mac)
    faults.push_back(interface + " has the MAC " + inside->mac + " instead of " + attachment.mac);
  if (inside->mtu != attachment.mtu)
    faults.push_back(interface + " has the MTU " + std::to_string(inside->mtu) + " instead of " +
                     std::to_string(attachment.mtu));
  if (observed.checksum_offload != attachment.checksum_offload)
    faults.push_back("TX checksum offload of " + interface + " is " + (observed.checksum_offload ? "on" : "off"));
  check_addresses(attachment, observed, faults);
  return faults;
}

std::vector<std::string> faults_of_port(const Attachment& attachment, const Observed& observed) {
  const auto* port = find_port(observed, attachment.device);
  if (!port) return {"Open vSwitch has no port " + attachment.device + " of this container"};
  if (!observed.on_bridge.contains(attachment.device))
    return {"the port " + attachment.device + " is not on the bridge " + attachment.bridge};
  std::vector<std::string> faults;
  if (!port->error.empty()) faults.push_back("Open vSwitch cannot use the port " + port->name + ": " + port->error);
  for (const auto& [key, value] : external_ids(attachment)) {
    const auto there = value_of(*port, key.c_str());
    const bool right = key == id_interface && value.empty() ? !there.empty() : there == value;
    if (!right) faults.push_back("external_ids:" + key + " of the port " + port->name + " is \"" + there + "\"");
  }
  return faults;
}

std::vector<std::string> faults_of(const Attachment& attachment, const Observed& observed) {
  auto faults = faults_of_pair(attachment, observed);
  for (auto& fault : faults_of_port(attachment, observed)) faults.push_back(std::move(fault));
  return faults;
}

base::Result<std::vector<Step>> plan(const Attachment& attachment, const Observed& observed) {
  const auto& [on_node, inside] = std::tie(observed.on_node, observed.inside);
  if (inside && (!on_node || !are_pair(*on_node, *inside)))
    return base::Error{errc::interface_exists, "the container has an interface " + attachment.ref.interface +
                                                   " that this plugin did not make: another plugin of the network "
                                                   "configuration made it, or the container uses it already"};
  std::vector<Step> steps;
  // A former container of the Pod whose DEL did not come: two ports of one interface would compete for its packets.
  for (const auto& port : observed.ports)
    if (port.name != attachment.device && value_of(port, id_interface) == attachment.interface_uuid)
      steps.emplace_back(Unplug{port.name});
  const bool make_pair = !faults_of_pair(attachment, observed).empty() || has_further_address(attachment, observed);
  // A port does not follow its device to another one of the same name, nor to another bridge.
  const auto* port = find_port(observed, attachment.device);
  if (port && (make_pair || !observed.on_bridge.contains(port->name) || !port->error.empty()))
    steps.emplace_back(Unplug{port->name});
  if (make_pair) {
    if (on_node) steps.emplace_back(RemoveDevice{attachment.device});
    steps.emplace_back(MakePair{});
  }
  if (make_pair || !faults_of_port(attachment, observed).empty()) steps.emplace_back(Plug{});
  return steps;
}

std::vector<std::string> stale_ports(const std::string& network, const std::vector<Port>& ports,
                                     const std::vector<AttachmentRef>& valid) {
  std::vector<std::string> stale;
  for (const auto& port : ports) {
    const AttachmentRef ref{value_of(port, id_container), value_of(port, id_ifname)};
    const bool is_valid = std::find(valid.begin(), valid.end(), ref) != valid.end();
    if (!is_valid && port.name == device_of(network, ref)) stale.push_back(port.name);
  }
  return stale;
}

}  // namespace knm::cni
