#include <algorithm>
#include <set>

#include "tests/support/oracle.hpp"
#include "tests/support/oracle_address.hpp"

namespace knm::test {
namespace {

using nlohmann::json;

constexpr const char* prefix = "opencontrail.org/";

std::string joined(const json& fq_name) {
  std::string out;
  for (const auto& element : fq_name) out += (out.empty() ? "" : ":") + element.get<std::string>();
  return out;
}

std::map<std::string, std::string> annotations(const json& object) {
  std::map<std::string, std::string> out;
  if (object.contains("annotations"))
    for (const auto& pair : object["annotations"]["key_value_pair"]) out[pair["key"]] = pair["value"];
  return out;
}

json targets(const json& object, const std::string& member) {
  std::set<std::string> out;
  if (object.contains(member))
    for (const auto& reference : object[member]) out.insert(joined(reference["to"]));
  return out;
}

std::string text_or(const json& object, const std::string& member, const std::string& otherwise) {
  return object.contains(member) ? object[member].get<std::string>() : otherwise;
}

// The only form that an owned rule has; any other rule is returned as JSON.
std::string rule_text(const json& rule) {
  const json all_ports = json::parse(R"([{"start_port":-1,"end_port":-1}])");
  const bool plain = rule.value("protocol", "") == "any" && rule.value("direction", "") == "<>" &&
                     rule.value("src_ports", json()) == all_ports && rule.value("dst_ports", json()) == all_ports &&
                     rule.value("action_list", json()) == json{{"simple_action", "pass"}} &&
                     rule["src_addresses"].size() == 1 && rule["dst_addresses"].size() == 1;
  if (!plain) return rule.dump();
  return rule["src_addresses"][0].value("virtual_network", "?") + " -> " +
         rule["dst_addresses"][0].value("virtual_network", "?");
}

class Observation {
 public:
  Observation(const json& dump, const Cluster& cluster, const OracleSettings& settings)
      : dump_(dump), cluster_(cluster), settings_(settings) {
    const auto& system = cluster.namespaces.at("kube-system");
    owner_ = (settings.cluster_name.empty() ? "kubernetes" : settings.cluster_name) + "/" + system.meta.uid;
    for (const auto& object : dump_.value("instance-ip", json::array()))
      if (joined(object["virtual_network_refs"][0]["to"]) == allocation_network())
        ++allocated_[object["instance_ip_address"]];
  }

  Picture picture() {
    for (const auto& [type, objects] : dump_.items())
      for (const auto& object : objects) {
        const auto keys = annotations(object);
        const auto owner = keys.find("opencontrail.org/owner");
        if (owner == keys.end() && type == "virtual-network") add_unowned(object);
        if (owner == keys.end() || (owner->second != owner_ && owner->second != "shared")) continue;
        auto fields = fields_of(type, object);
        fields["mark"] = mark(keys);
        out_[type + " " + name_of(type, object)] = std::move(fields);
      }
    for (const auto& [key, pod] : cluster_.pods)
      for (const auto& [name, value] : pod.meta.annotations)
        if (name == "opencontrail.org/pod-state") out_["pod-state " + key] = pod_state(pod, value);
    return std::move(out_);
  }

 private:
  // The policies of the controller on an unowned network.
  void add_unowned(const json& network) {
    if (auto attached = policies(network); !attached.empty())
      out_["network of others " + joined(network["fq_name"])] = {{"policies", attached}};
  }

  std::string allocation_network() const { return settings_.default_project + ":addr-alloc"; }

  static std::string mark(const std::map<std::string, std::string>& keys) {
    const auto value = [&](const std::string& key) {
      const auto found = keys.find(prefix + key);
      return found == keys.end() ? "(no " + key + ")" : found->second;
    };
    return value("kind") + " " + value("uid") + " " + value("object");
  }

  // A public address by its Service and address, if it has one of the two possible names.
  std::string name_of(const std::string& type, const json& object) const {
    const auto name = joined(object["fq_name"]);
    const auto& network = settings_.public_network;
    const auto pool = network + ":" + network.substr(network.rfind(':') + 1);
    if (type != "floating-ip" || name.compare(0, pool.size() + 1, pool + ":") != 0) return name;
    const auto keys = annotations(object);
    auto service = keys.at("opencontrail.org/object");
    std::replace(service.begin(), service.end(), '/', '_');
    if (!settings_.cluster_name.empty()) service = settings_.cluster_name + "_" + service;
    const auto address = object["floating_ip_address"].get<std::string>();
    auto in_name = address;
    std::replace(in_name.begin(), in_name.end(), ':', '-');
    const auto short_name = pool + ":" + service;
    return name == short_name || name == short_name + "_" + in_name ? short_name + " at " + address : name;
  }

  json fields_of(const std::string& type, const json& object) const {
    if (type == "project") return {{"uuid", object["uuid"]}};
    if (type == "virtual-network") return {{"subnets", subnets(object)}, {"policies", policies(object)}};
    if (type == "network-policy") return {{"rules", rules(object)}};
    if (type == "virtual-machine") return {{"uuid", object["uuid"]}, {"display_name", object["display_name"]}};
    if (type == "virtual-machine-interface")
      return {{"networks", targets(object, "virtual_network_refs")},
              {"machines", targets(object, "virtual_machine_refs")},
              {"mac", mac(object)}};
    if (type == "instance-ip") return instance_ip(object);
    if (type == "floating-ip") return floating_ip(object);
    return json::object();
  }

  static json subnets(const json& object) {
    std::set<json> out;
    for (const auto& ipam : object.value("network_ipam_refs", json::array()))
      for (const auto& subnet : ipam["attr"]["ipam_subnets"]) {
        const auto cidr = subnet["subnet"]["ip_prefix"].get<std::string>() + "/" +
                          std::to_string(subnet["subnet"]["ip_prefix_len"].get<int>());
        const auto gateway = subnet["default_gateway"].get<std::string>();
        const bool is_default = Number::parse(gateway) == Range::parse(cidr).last.minus(1);
        out.insert(json{{"cidr", cidr}, {"gateway", is_default ? "default" : gateway}});
      }
    return out;
  }

  static json policies(const json& object) {
    json out = json::object();
    for (const auto& reference : object.value("network_policy_refs", json::array())) {
      // Policies that other clients attach are not compared.
      const auto name = joined(reference["to"]);
      if (name.find(":__svc_") == std::string::npos && name.find(":__net_") == std::string::npos) continue;
      const auto& sequence = reference["attr"]["sequence"];
      out[name] = std::to_string(sequence.value("major", 0)) + "." + std::to_string(sequence.value("minor", 0));
    }
    return out;
  }

  static json rules(const json& object) {
    std::multiset<std::string> out;
    if (object.contains("network_policy_entries"))
      for (const auto& rule : object["network_policy_entries"]["policy_rule"]) out.insert(rule_text(rule));
    return out;
  }

  static std::string mac(const json& object) {
    const auto& list = object["virtual_machine_interface_mac_addresses"]["mac_address"];
    std::string digits, uuid = object["uuid"];
    for (const char c : uuid)
      if (c != '-') digits += c;
    std::string derived = "02";
    for (std::size_t i = 0; i < 10; i += 2) derived += ":" + digits.substr(i, 2);
    return list.size() == 1 && list[0] == derived ? "of the interface" : list.dump();
  }

  const json* find(const std::string& type, const std::string& name) const {
    const auto objects = dump_.find(type);
    if (objects == dump_.end()) return nullptr;
    for (const auto& object : *objects)
      if (joined(object["fq_name"]) == name) return &object;
    return nullptr;
  }

  // An address of a Pod must be in a private range, not reserved by a subnet, and assigned once.
  std::string chosen(const std::string& address) const {
    const auto number = Number::parse(address);
    if (!number) return "no address: " + address;
    for (const auto& text : settings_.private_ranges) {
      const auto range = Range::parse(text);
      if (!range.contains(*number)) continue;
      if (*number == range.first || *number > range.last.minus(3)) return "reserved: " + address;
      return allocated_.at(address) == 1 ? "chosen" : "given out twice: " + address;
    }
    return "outside: " + address;
  }

  json instance_ip(const json& object) const {
    const auto networks = targets(object, "virtual_network_refs");
    const auto address = object["instance_ip_address"].get<std::string>();
    if (networks == json::array({allocation_network()})) {
      json out{{"address", chosen(address)}, {"networks", networks}};
      if (object.contains("virtual_machine_interface_refs"))
        out["interfaces"] = targets(object, "virtual_machine_interface_refs");
      return out;
    }
    const bool v6 = address.find(':') != std::string::npos;
    const auto uid = annotations(object)["opencontrail.org/uid"];
    const auto* allocation = find("instance-ip", uid + (v6 ? "_v6" : ""));
    const bool same = allocation != nullptr && (*allocation)["instance_ip_address"] == address;
    return {{"address", same ? "as allocated" : address},
            {"networks", networks},
            {"interfaces", targets(object, "virtual_machine_interface_refs")},
            {"instance_ip_mode", text_or(object, "instance_ip_mode", "")}};
  }

  static json floating_ip(const json& object) {
    std::set<std::string> mappings;
    if (object.contains("floating_ip_port_mappings"))
      for (const auto& mapping : object["floating_ip_port_mappings"]["port_mappings"])
        mappings.insert(mapping["protocol"].get<std::string>() + " " + mapping["src_port"].dump() + " " +
                        mapping["dst_port"].dump());
    if (object.value("floating_ip_port_mappings_enable", false) != !mappings.empty()) mappings.insert("not as enabled");
    return {{"address", object["floating_ip_address"]},
            {"interfaces", targets(object, "virtual_machine_interface_refs")},
            {"projects", targets(object, "project_refs")},
            {"mappings", mappings},
            {"direction", text_or(object, "floating_ip_traffic_direction", "")}};
  }

  // Whether the annotation equals the content of the config API.
  std::string pod_state(const k8s::Pod& pod, const std::string& text) const {
    const auto ns = (settings_.cluster_name.empty() ? "" : settings_.cluster_name + "_") + pod.meta.ns;
    const auto* interface = find("virtual-machine-interface", settings_.domain + ":" + ns + ":" + pod.meta.name);
    if (interface == nullptr) return "for no interface: " + text;
    json right{{"uuid", (*interface)["uuid"]},
               {"podUid", pod.meta.uid},
               {"macAddress", (*interface)["virtual_machine_interface_mac_addresses"]["mac_address"][0]}};
    json addresses = json::array();
    for (const auto& range_text : settings_.private_ranges) {
      const bool v4 = Range::parse(range_text).is_v4();
      const auto* use = find("instance-ip", ns + "_" + pod.meta.name + (v4 ? "" : "_v6"));
      if (use == nullptr) return "without its address: " + text;
      addresses.push_back((*use)["instance_ip_address"]);
      if (addresses.size() == 1) right["gateway"] = gateway_for((*use)["virtual_network_refs"][0]["to"], range_text);
    }
    right["ipAddress"] = addresses[0];
    if (addresses.size() > 1) right["ipAddresses"] = addresses;
    return json::parse(text, nullptr, false) == right ? "as in the config API" : text + " instead of " + right.dump();
  }

  json gateway_for(const json& network_name, const std::string& range) const {
    const auto* network = find("virtual-network", joined(network_name));
    if (network != nullptr)
      for (const auto& ipam : (*network)["network_ipam_refs"])
        for (const auto& subnet : ipam["attr"]["ipam_subnets"])
          if (subnet["subnet"]["ip_prefix"].get<std::string>() + "/" + subnet["subnet"]["ip_prefix_len"].dump() ==
              range)
            return subnet["default_gateway"];
    return "none";
  }

  const json& dump_;
  const Cluster& cluster_;
  const OracleSettings& settings_;
  std::string owner_;
  std::map<std::string, int> allocated_;  // address → number of reservations
  Picture out_;
};

}  // namespace

std::map<std::string, std::set<std::string>> addresses_had(const std::string& dump, const Cluster& cluster,
                                                           const OracleSettings& settings) {
  std::map<std::string, std::set<std::string>> out;
  const auto owner = (settings.cluster_name.empty() ? "kubernetes" : settings.cluster_name) + "/" +
                     cluster.namespaces.at("kube-system").meta.uid;
  const auto all = json::parse(dump);
  for (const auto& object : all.value("floating-ip", json::array())) {
    auto keys = annotations(object);
    if (keys["opencontrail.org/owner"] == owner)
      out[object["floating_ip_address"].get<std::string>()].insert(keys["opencontrail.org/uid"]);
  }
  return out;
}

Picture observed(const std::string& dump, const Cluster& cluster, const OracleSettings& settings) {
  const auto parsed = json::parse(dump);
  return Observation(parsed, cluster, settings).picture();
}

std::vector<std::string> differences(const Picture& expected, const Picture& observed) {
  std::vector<std::string> out;
  for (const auto& [key, fields] : expected) {
    const auto found = observed.find(key);
    if (found == observed.end())
      out.push_back("missing: " + key);
    else if (found->second != fields)
      out.push_back("differs: " + key + "\n    expected " + fields.dump() + "\n    observed " + found->second.dump());
  }
  for (const auto& [key, fields] : observed)
    if (expected.count(key) == 0) out.push_back("too much: " + key);
  return out;
}

}  // namespace knm::test
