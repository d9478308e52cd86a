#include "tests/support/predecessor.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <set>

namespace knm::test {
namespace {

using nlohmann::json;

// An order in which the objects can be created.
constexpr std::array order{"project",          "network-policy",  "virtual-network",
                           "floating-ip-pool", "virtual-machine", "virtual-machine-interface",
                           "instance-ip",      "floating-ip"};

bool exists_from_the_start(const std::string& key) {
  static const std::set<std::string> keys{"project default-domain:default-project",
                                          "virtual-network default-domain:default-project:__link_local__",
                                          "virtual-network default-domain:default-project:default-virtual-network",
                                          "virtual-network default-domain:default-project:ip-fabric"};
  return keys.count(key) > 0;
}

std::string member(std::string type) {
  std::replace(type.begin(), type.end(), '-', '_');
  return type + "_refs";
}

std::string machine_name(const json& fq_name) {
  return fq_name[1].get<std::string>() + "__" + fq_name[2].get<std::string>();
}

}  // namespace

std::string Predecessor::name_of(const json& object) {
  return object["type"] == "virtual-machine" ? machine_name(object["fq_name"]) : joined(object["fq_name"]);
}

Predecessor::Predecessor(const std::string& path) : objects_(json::parse(std::ifstream(path))) {
  const std::set<std::string> types(order.begin(), order.end());
  for (const auto& object : objects_) {
    const auto key = object["type"].get<std::string>() + " " + name_of(object);
    if (types.count(object["type"]) > 0 && !exists_from_the_start(key)) uuids_[key] = object["uuid"];
  }
}

Settings Predecessor::settings() {
  Settings settings;
  settings.public_ip_range = {*contrail::Cidr::parse("192.0.2.0/24")};
  settings.service_cluster_ip_range = {*contrail::Cidr::parse("10.96.0.0/16")};
  return settings;
}

void Predecessor::write(OtherClient& api) const {
  for (const auto* type : order)
    for (const auto& object : objects_) {
      const auto name = name_of(object);
      if (object["type"] != type || uuids_.count(std::string(type) + " " + name) == 0) continue;
      auto fields = object.value("props", json::object());
      fields.erase("virtual_network_network_id");
      fields["fq_name"] = split_name(name);
      fields["uuid"] = object["uuid"];
      if (object["type"] != "virtual-machine" && object.contains("parent") && !object["parent"].is_null())
        fields["parent_type"] = object["parent"];
      const auto referred = object.value("refs", json::object());
      for (const auto& [target, references] : referred.items())
        for (const auto& reference : references)
          fields[member(target)].push_back(
              {{"to", target == "virtual-machine" ? json::array({machine_name(reference["to"])}) : reference["to"]},
               {"attr", reference["attr"]}});
      api.create(type, fields);
    }
}

void Predecessor::apply(World& world) const {
  for (const std::string name : {"gb", "default", "kube-system", "kube-public", "kube-node-lease"}) {
    auto ns = make_namespace(name);
    ns.meta.uid = uuid("project default-domain:" + name);
    world.apply(ns);
  }
  std::map<std::string, std::vector<k8s::Pod>> tiers;
  const auto add = [&](const std::string& tier, int count, const std::string& uses) {
    for (int i = 0; i < count; ++i) {
      auto pod = make_pod("gb", tier + "-" + std::to_string(i), tier, {.uses = uses});
      pod.meta.uid = uuid("virtual-machine gb__" + pod.meta.name);
      tiers[tier].push_back(pod);
      world.apply(pod);
    }
  };
  add("redis-master", 1, "");
  add("redis-slave", 2, "redis-master");
  add("guestbook", 3, "redis-master,redis-slave");
  const std::map<std::string, std::string> addresses{
      {"redis-master", "10.96.214.104"}, {"redis-slave", "10.96.115.10"}, {"guestbook", "10.96.60.104"}};
  for (const auto& [tier, address] : addresses) {
    ServiceOptions options;
    if (tier == "guestbook") options.external_ips = {"192.0.2.10"}, options.ports = {{"", "TCP", 3000, 3000, "", 0}};
    world.apply(make_service("gb", tier, tier, address, options));
    auto slice = make_slice("gb", tier, tiers[tier]);
    slice.ports = {{"", "TCP", options.ports.front().target_port}};
    world.apply(slice);
  }
}

}  // namespace knm::test
