#include "tests/scenarios/reach.hpp"

#include <map>
#include <vector>

#include "tests/support/other_client.hpp"

namespace knm::test {
namespace {

using nlohmann::json;
using Names = std::set<std::string>;

Names targets(const json& object, const std::string& type) {
  Names out;
  for (const auto& reference : object.value(type + "_refs", json::array())) out.insert(joined(reference["to"]));
  return out;
}

std::string shown(const std::string& name) {
  const std::string domain = "default-domain:";
  return name.starts_with(domain) ? name.substr(domain.size()) : name;
}

std::string parent(const std::string& name) { return name.substr(0, name.rfind(':')); }

class Networks {
 public:
  explicit Networks(const json& dump) : dump_(dump) {
    for (const auto& network : all("virtual-network"))
      attached_[joined(network["fq_name"])] = targets(network, "network_policy");
    for (const auto& policy : all("network-policy")) add_rules(policy);
    for (const auto& ip : all("instance-ip"))
      for (const auto& interface : targets(ip, "virtual_machine_interface")) addressed_.insert(interface);
    for (const auto& object : all("virtual-machine-interface")) {
      const auto name = joined(object["fq_name"]);
      if (!addressed_.contains(name)) continue;
      for (const auto& network : targets(object, "virtual_network")) interfaces_[name] = network;
    }
  }

  Reach reach() const {
    Reach out;
    for (const auto& [from, network] : interfaces_)
      for (const auto& [to, other] : interfaces_)
        if (from != to && (network == other || joined_by_policy(network, other)))
          out.insert(shown(from) + " -> " + shown(to));
    for (const auto& address : all("floating-ip")) add_address(address, out);
    return out;
  }

 private:
  json all(const std::string& type) const { return dump_.value(type, json::array()); }

  void add_rules(const json& policy) {
    if (!policy.contains("network_policy_entries")) return;
    for (const auto& rule : policy["network_policy_entries"].value("policy_rule", json::array()))
      for (const auto& source : rule["src_addresses"])
        for (const auto& destination : rule["dst_addresses"]) {
          const auto a = source.value("virtual_network", ""), b = destination.value("virtual_network", "");
          rules_[{a, b}].insert(joined(policy["fq_name"]));
          rules_[{b, a}].insert(joined(policy["fq_name"]));
        }
  }

  bool joined_by_policy(const std::string& a, const std::string& b) const {
    const auto rules = rules_.find({a, b});
    if (rules == rules_.end()) return false;
    for (const auto& policy : rules->second)
      if (attached_.at(a).contains(policy) && attached_.at(b).contains(policy)) return true;
    return false;
  }

  void add_address(const json& address, Reach& out) const {
    if (address.value("floating_ip_traffic_direction", "both") == "egress") return;
    const auto network = parent(parent(joined(address["fq_name"])));
    const bool external = network.find(":service-") == std::string::npos;
    for (const auto& port : ports(address)) {
      const auto text = " -> " + address.value("floating_ip_address", "?") + port + " -> ";
      for (const auto& to : targets(address, "virtual_machine_interface")) {
        if (!interfaces_.contains(to)) continue;
        if (external) out.insert("outside" + text + shown(to));
        for (const auto& [from, of] : interfaces_)
          if (joined_by_policy(of, network)) out.insert(shown(from) + text + shown(to));
      }
    }
  }

  // The ports of the address, as " tcp 80>3000" each; one empty text: everything.
  static Names ports(const json& address) {
    if (!address.value("floating_ip_port_mappings_enable", false)) return {""};
    Names out;
    for (const auto& mapping :
         address.value("floating_ip_port_mappings", json::object()).value("port_mappings", json::array()))
      out.insert(" " + mapping["protocol"].get<std::string>() + " " + mapping["src_port"].dump() + ">" +
                 mapping["dst_port"].dump());
    return out;
  }

  const json& dump_;
  std::map<std::string, Names> attached_;                       // network → policies
  std::map<std::pair<std::string, std::string>, Names> rules_;  // two networks → policies that connect them
  Names addressed_;                                             // interfaces with an address
  std::map<std::string, std::string> interfaces_;               // → network
};

}  // namespace

Reach reach(const json& dump) { return Networks(dump).reach(); }

}  // namespace knm::test
