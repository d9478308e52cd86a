#include "tests/scenarios/graph.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include "contrail-client/uuid.hpp"
#include "tests/support/other_client.hpp"

namespace knm::test {
namespace {

using nlohmann::json;

std::string without_domain(std::string text) {
  const std::string domain = "default-domain:";
  for (auto at = text.find(domain); at != std::string::npos; at = text.find(domain)) text.erase(at, domain.size());
  return text;
}

std::string list_of(const std::set<std::string>& items) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ", ") + item;
  return out.empty() ? "none" : out;
}

std::string targets(const json& object, const std::string& type) {
  std::set<std::string> out;
  for (const auto& reference : object.value(type + "_refs", json::array())) out.insert(joined(reference["to"]));
  return list_of(out);
}

std::string mac_of_uuid(std::string uuid) {
  std::erase(uuid, '-');
  std::string mac = "02";
  for (std::size_t i = 0; i < 10; i += 2) mac += ":" + uuid.substr(i, 2);
  return mac;
}

std::string mac(const json& object) {
  if (!object.contains("virtual_machine_interface_mac_addresses")) return "no MAC";
  const auto list = object["virtual_machine_interface_mac_addresses"].value("mac_address", json::array());
  if (list.size() != 1) return "MACs " + list.dump();
  return list[0] == mac_of_uuid(object["uuid"]) ? "its own MAC" : "MAC " + list[0].get<std::string>();
}

std::string subnets(const json& object) {
  std::set<std::string> out;
  for (const auto& ipam : object.value("network_ipam_refs", json::array()))
    for (const auto& subnet : ipam["attr"]["ipam_subnets"]) {
      const auto text = subnet["subnet"]["ip_prefix"].get<std::string>() + "/" +
                        subnet["subnet"]["ip_prefix_len"].dump() + " gateway " +
                        subnet.value("default_gateway", "none");
      const auto name = joined(ipam["to"]);
      out.insert(text + (name == "default-domain:default-project:default-network-ipam" ? "" : " of " + name));
    }
  return list_of(out);
}

std::string policies(const json& object) {
  std::set<std::string> out;
  for (const auto& reference : object.value("network_policy_refs", json::array())) {
    const auto attr = reference.value("attr", json());
    std::string place = " without a place";
    if (attr.is_object() && attr.value("sequence", json()).is_object())
      place = " at " + attr["sequence"]["major"].dump() + "." + attr["sequence"]["minor"].dump();
    out.insert(joined(reference["to"]) + (place == " at 10.0" ? "" : place));
  }
  return list_of(out);
}

// Whether the rule has the id that docs/formats.md derives for an owned rule, independent of later writes.
bool has_its_own_id(const std::string& policy, const json& rule) {
  static const auto name_space = *contrail::Uuid::parse("3c79d3da-54e8-4d7b-b7ef-8ac4450c1655");
  const auto& sources = rule["src_addresses"];
  const auto& destinations = rule["dst_addresses"];
  if (sources.empty() || destinations.size() != 1) return false;
  const auto is = [&](const std::string& source) {
    const auto destination = destinations[0].value("virtual_network", "?");
    return rule.value("rule_uuid", "") ==
           contrail::uuid_v5(name_space, "rule " + policy + " " + source + " " + destination).text();
  };
  if (sources.size() == 1) return is(sources[0].value("virtual_network", "?"));
  for (int bucket = 0; bucket < 32; ++bucket)
    if (is("bucket " + std::to_string(bucket))) return true;
  return false;
}

// `policy`: empty if the ids are derived from other names.
std::string rule_text(const std::string& policy, json rule) {
  const json all_ports = json::parse(R"([{"start_port":-1,"end_port":-1}])");
  const bool plain = rule.value("protocol", "") == "any" && rule.value("direction", "") == "<>" &&
                     rule.value("src_ports", json()) == all_ports && rule.value("dst_ports", json()) == all_ports &&
                     rule.value("action_list", json()) == json{{"simple_action", "pass"}};
  const auto networks = [&](const char* side) {
    std::set<std::string> out;
    for (const auto& address : rule[side]) out.insert(address.value("virtual_network", "?"));
    return list_of(out);
  };
  if (plain)
    return networks("src_addresses") + " <> " + networks("dst_addresses") +
           (policy.empty() || has_its_own_id(policy, rule) ? "" : " (another id)");
  rule.erase("rule_uuid");
  return rule.dump();
}

std::string rules(const json& object, bool renamed) {
  std::multiset<std::string> sorted;
  if (object.contains("network_policy_entries"))
    for (const auto& rule : object["network_policy_entries"].value("policy_rule", json::array()))
      sorted.insert(rule_text(renamed ? "" : joined(object["fq_name"]), rule));
  std::string out;
  for (const auto& rule : sorted) out += (out.empty() ? "" : ", ") + rule;
  return out.empty() ? "no rules" : out;
}

std::string mappings(const json& object) {
  std::set<std::string> out;
  if (object.contains("floating_ip_port_mappings"))
    for (const auto& mapping : object["floating_ip_port_mappings"].value("port_mappings", json::array()))
      out.insert(mapping["protocol"].get<std::string>() + " " + mapping["src_port"].dump() + ">" +
                 mapping["dst_port"].dump());
  const bool enabled = object.value("floating_ip_port_mappings_enable", false);
  if (out.empty()) return enabled ? ", mappings without one" : "";
  return ", ports " + list_of(out) + (enabled ? "" : " (off)");
}

class Drawing {
 public:
  Drawing(const Sight& sight, const KnownUids& uids, bool in_full)
      : sight_(sight), dump_(sight.objects), uids_(uids), in_full_(in_full) {}

  Graph draw() {
    for (const auto& [type, objects] : dump_.items())
      for (const auto& object : objects)
        add(type + " " + joined(object["fq_name"]), text_of(type, object) + mark_of(object));
    for (const auto& [key, state] : sight_.pod_states) add("pod-state " + key, pod_state(key, state));
    for (const auto& [key, addresses] : sight_.ingress) add("status " + key, list_of(addresses));
    for (const auto& [subject, reasons] : sight_.problems) add("problem " + subject, list_of(reasons));
    if (!in_full_) fold();
    return std::move(out_);
  }

 private:
  void add(const std::string& key, const std::string& text) { out_[readable(key)] = readable(text); }

  // Each Pod is one line if all its objects are as usual; the objects of every cluster have no line.
  void fold() {
    for (const auto& [id, who] : uids_)
      if (who.starts_with("pod ")) fold_pod(who);
    const auto drop = [&](const std::string& key, const std::string& usual) {
      const auto found = out_.find(key);
      if (found != out_.end() && found->second == usual) out_.erase(found);
    };
    drop("project kube-system", "uuid <namespace kube-system>");
    drop("virtual-network default-project:addr-alloc",
         "subnets 10.0.0.0/16 gateway 10.0.255.254; policies none [shared AddressAllocation, "
         "opencontrail.org/user.kubernetes=<namespace kube-system>]");
  }

  void fold_pod(const std::string& who) {
    const auto hash = who.find(" #");
    const auto key = who.substr(4, hash == std::string::npos ? hash : hash - 4);
    const auto of = hash == std::string::npos ? "" : " (" + who.substr(hash + 1) + ")";
    const auto slash = key.find('/');
    const auto ns = key.substr(0, slash), name = key.substr(slash + 1), uid = "<" + who + ">";
    const auto interface = ns + ":" + name;
    const auto found = out_.find("virtual-machine-interface " + interface);
    if (found == out_.end() || !found->second.starts_with("network ")) return;
    const auto network = found->second.substr(8, found->second.find(',') - 8);
    const Graph usual{
        {"instance-ip " + uid, "an address of default-project:addr-alloc" + of},
        {"instance-ip " + ns + "_" + name,
         "the allocated address on " + network + ", interface " + interface + ", active-active" + of},
        {"pod-state " + key, "interface " + interface + ", 1 address, gateway 10.0.255.254, of " + uid},
        {"virtual-machine " + uid, "uuid " + uid + ", called " + name + of},
        {"virtual-machine-interface " + interface, "network " + network + ", machine " + uid + ", its own MAC" + of},
    };
    for (const auto& [object, text] : usual)
      if (const auto seen = out_.find(object); seen == out_.end() || seen->second != text) return;
    for (const auto& [object, text] : usual) out_.erase(object);
    out_["pod " + key] = "in " + network + of;
  }

  std::string readable(std::string text) const {
    for (const auto& [id, who] : uids_)
      for (auto at = text.find(id); at != std::string::npos; at = text.find(id))
        text.replace(at, id.size(), "<" + who + ">");
    return without_domain(std::move(text));
  }

  std::string own_uuid(const json& object) const {
    return uids_.contains(object["uuid"]) ? "uuid " + object["uuid"].get<std::string>() : "a uuid of its own";
  }

  std::string text_of(const std::string& type, const json& object) const {
    if (type == "project") return own_uuid(object);
    if (type == "virtual-network") return "subnets " + subnets(object) + "; policies " + policies(object);
    if (type == "network-policy") return rules(object, sight_.renamed);
    if (type == "virtual-machine") return own_uuid(object) + ", called " + object.value("display_name", "nothing");
    if (type == "virtual-machine-interface")
      return "network " + targets(object, "virtual_network") + ", machine " + targets(object, "virtual_machine") +
             ", " + mac(object);
    if (type == "instance-ip") return instance_ip(object);
    if (type == "floating-ip")
      return object.value("floating_ip_address", "no address") + " -> " + targets(object, "virtual_machine_interface") +
             "; project " + targets(object, "project") + ", " +
             object.value("floating_ip_traffic_direction", "no direction") + mappings(object);
    return "";
  }

  // The owner and kind of the object; also a UID that is not that of its Kubernetes object.
  std::string mark_of(const json& object) const {
    std::map<std::string, std::string> keys;
    if (object.contains("annotations"))
      for (const auto& pair : object["annotations"].value("key_value_pair", json::array()))
        keys[pair["key"]] = pair["value"];
    const auto take = [&](const std::string& key) {
      const auto found = keys.find("opencontrail.org/" + key);
      if (found == keys.end()) return std::string("(no " + key + ")");
      const auto value = found->second;
      keys.erase(found);
      return value;
    };
    std::string out = " [unowned";
    if (keys.contains("opencontrail.org/owner")) {
      const auto owner = take("owner"), kind = take("kind"), uid = take("uid"), what = take("object");
      const auto known = uids_.find(uid);
      if (!in_full_ && owner.starts_with("kubernetes/") && known != uids_.end() && keys.empty()) {
        const auto hash = known->second.find(" #");
        return hash == std::string::npos ? "" : " (" + known->second.substr(hash + 1) + ")";
      }
      out = " [" + (owner.starts_with("kubernetes/") ? "" : owner + " ") + kind + (uid.empty() ? "" : " of " + uid) +
            (uid.empty() || kind == "Namespace" || kind == "Pod" || kind == "Service" ? "" : ": " + what);
    }
    for (const auto& [key, value] : keys) out += ", " + key + "=" + value;
    return out + "]";
  }

  const json* find(const std::string& type, const std::string& name) const {
    const auto objects = dump_.find(type);
    if (objects == dump_.end()) return nullptr;
    const auto found = std::find_if(objects->begin(), objects->end(),
                                    [&](const auto& object) { return joined(object["fq_name"]) == name; });
    return found == objects->end() ? nullptr : &*found;
  }

  std::string instance_ip(const json& object) const {
    const auto address = object.value("instance_ip_address", "no address");
    const auto interface = targets(object, "virtual_machine_interface");
    const auto network = targets(object, "virtual_network");
    const auto mode = object.value("instance_ip_mode", "");
    if (interface == "none") return "an address of " + network;
    bool allocated = false;
    for (const auto& other : dump_.value("instance-ip", json::array()))
      allocated |= other["uuid"] != object["uuid"] && other.value("instance_ip_address", "") == address &&
                   targets(other, "virtual_machine_interface") == "none";
    return (allocated ? "the allocated address" : "an address") + (" on " + network) + ", interface " + interface +
           (mode.empty() ? "" : ", " + mode);
  }

  std::string pod_state(const std::string& key, const std::string& text) const {
    const auto state = json::parse(text, nullptr, false);
    for (const auto& object : dump_.value("virtual-machine-interface", json::array())) {
      if (!state.is_object() || state.value("uuid", "") != object["uuid"].get<std::string>()) continue;
      std::set<std::string> addresses, stated;
      for (const auto& ip : dump_.value("instance-ip", json::array()))
        if (targets(ip, "virtual_machine_interface") == joined(object["fq_name"]))
          addresses.insert(ip.value("instance_ip_address", ""));
      for (const auto& address : state.value("ipAddresses", json::array({state.value("ipAddress", "")})))
        stated.insert(address.get<std::string>());
      const bool right = addresses == stated && mac(object) == "its own MAC" &&
                         state.value("macAddress", "") == mac_of_uuid(object["uuid"]);
      if (right)
        return "interface " + joined(object["fq_name"]) + ", " + std::to_string(addresses.size()) +
               " address, gateway " + state.value("gateway", "none") + ", of " + state.value("podUid", "no Pod");
    }
    return "says " + text + " of " + key.substr(key.find('/') + 1);
  }

  const Sight& sight_;
  const json& dump_;
  const KnownUids& uids_;
  bool in_full_;
  Graph out_;
};

}  // namespace

Sight sight_of(World& world) {
  Sight out{json::parse(world.api().dump()), {}, {}, {}, false};
  for (const auto& [key, pod] : world.pods())
    if (const auto* state = k8s::find_value(pod.meta.annotations, "opencontrail.org/pod-state"))
      out.pod_states[key] = *state;
  for (const auto& [key, service] : world.cluster().services)
    if (!service.ingress.empty()) out.ingress[key] = {service.ingress.begin(), service.ingress.end()};
  if (!world.runs()) return out;
  for (const auto& [subject, page] : world.engine().problems().pages())
    for (const auto& problem : page.all())
      out.problems[std::string(name(subject.kind)) + " " + subject.key].insert(problem.reason);
  return out;
}

Graph graph_of(const Sight& sight, const KnownUids& uids, bool in_full) {
  static const Graph from_start = [] {
    World fresh;
    return Drawing(sight_of(fresh), {}, true).draw();
  }();
  auto out = Drawing(sight, uids, in_full).draw();
  std::erase_if(out, [&](const auto& line) {
    const auto known = from_start.find(line.first);
    return known != from_start.end() && known->second == line.second;
  });
  return out;
}

Graph end_of(const Graph& graph) {
  Graph out;
  for (const auto& [key, text] : graph) {
    const auto pool = key.find(":Public:Public:");
    auto name = key;
    if (key.starts_with("floating-ip ") && pool != std::string::npos) {
      const auto address = text.substr(0, text.find(' '));
      auto in_name = "_" + address;
      std::replace(in_name.begin(), in_name.end(), ':', '-');
      if (name.ends_with(in_name)) name.erase(name.size() - in_name.size());
      name += " at " + address;
    }
    out[name] = text;
  }
  return out;
}

std::vector<std::string> changes(const Graph& before, const Graph& after) {
  std::map<std::string, std::string> lines;  // by object, deletions before additions
  for (const auto& [key, text] : before)
    if (!after.contains(key)) lines[key] = "- " + key;
  for (const auto& [key, text] : after) {
    const auto known = before.find(key);
    if (known == before.end() || known->second != text) lines[key] = "+ " + key + (text.empty() ? "" : ": " + text);
  }
  std::vector<std::string> out;
  for (const auto& [key, line] : lines) out.push_back(line);
  return out;
}

std::string writes_of(const World& world) {
  std::size_t created = 0, updated = 0, deleted = 0, refused = 0;
  for (const auto& exchange : world.log()) {
    if (!exchange.is_write()) continue;
    const auto& target = exchange.request.target;
    if (exchange.status != 200)
      ++refused;
    else if (exchange.request.method == "DELETE")
      ++deleted;
    else if (exchange.request.method == "PUT" || target.starts_with("/ref-update") ||
             target.starts_with("/prop-collection-update"))
      ++updated;
    else
      ++created;
  }
  std::string out;
  const auto add = [&](std::size_t count, const char* what) {
    if (count > 0) out += (out.empty() ? "" : ", ") + std::to_string(count) + " " + what;
  };
  add(created, "created"), add(updated, "updated"), add(deleted, "deleted");
  add(world.patches(), "annotated"), add(refused, "refused or lost");
  return out.empty() ? "none" : out;
}

}  // namespace knm::test
