#include "controller/cni/core/commands.hpp"

#include <set>

#include "controller/cni/core/plan.hpp"

namespace knm::cni {
namespace {

// A value as ovs-vsctl reads it: between quotes it may have any character.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string external_id(const std::string& key, const std::string& value) {
  return "external_ids:" + key + "=" + quoted(value);
}

}  // namespace

std::string line_of_pair(const Attachment& attachment, const std::string& netns) {
  const auto mtu = " mtu " + std::to_string(attachment.mtu);
  return "link add name " + attachment.device + mtu + " type veth peer name " + attachment.ref.interface + mtu +
         " address " + attachment.mac + " netns " + netns + "\n";
}

std::vector<std::pair<std::string, std::string>> silencing(const std::string& device) {
  return {{"/proc/sys/net/ipv4/conf/" + device + "/arp_ignore", "8"},
          {"/proc/sys/net/ipv4/conf/" + device + "/rp_filter", "1"},
          {"/proc/sys/net/ipv6/conf/" + device + "/disable_ipv6", "1"}};
}

std::string lines_inside(const Attachment& attachment) {
  const auto device = " dev " + attachment.ref.interface + "\n";
  std::string lines = "link set " + attachment.ref.interface + " up\n";
  std::set<contrail::IpAddress> gateways;
  for (const auto& [address, gateway] : attachment.addresses) {
    const bool v6 = address.family == contrail::Family::v6;
    // Port security drops the probe for a duplicate: its source is no address of the interface.
    lines += "address add " + with_prefix(address) + (v6 ? " nodad" : "") + device;
    if (!gateways.insert(gateway).second) continue;
    lines += "route replace " + with_prefix(gateway) + device;
    lines += "route replace " + std::string(v6 ? "::/0" : "0.0.0.0/0") + " via " + gateway.text() + device;
  }
  return lines;
}

Words find_ports(const std::string& network) {
  return {"--format=json", "--columns=name,external_ids,error", "find", "interface", external_id(id_network, network)};
}

Words plug_port(const Attachment& attachment) {
  Words words{"--may-exist", "add-port", attachment.bridge, attachment.device,
              "--",          "set",      "interface",       attachment.device};
  for (const auto& [key, value] : external_ids(attachment)) words.push_back(external_id(key, value));
  return words;
}

Words unplug_ports(const Words& names) {
  Words words;
  for (const auto& name : names) words.insert(words.end(), {"--", "--if-exists", "del-port", name});
  return words;
}

Words await_flows(const std::string& port) {
  return {"wait-until", "interface", port, external_id("ovn-installed", "true")};
}

}  // namespace knm::cni
