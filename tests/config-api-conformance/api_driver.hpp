#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "tests/config-api/config_api.hpp"

namespace conformance {

/// A stand-in in memory with the few calls that tests make of it.
class ApiDriver {
 public:
  using json = nlohmann::json;

  standin::Response send(const std::string& method, const std::string& target, const std::string& body = "") {
    return api.handle({method, target, "host:8082", body, {}});
  }
  int status(const std::string& method, const std::string& target, const json& body) {
    return send(method, target, body.dump()).status;
  }
  /// The JSON of an answer; a discarded value if it is not JSON.
  json get(const std::string& target) { return json::parse(send("GET", target).body, nullptr, false); }

  /// Creates an object and returns its uuid, or an empty text if it is refused.
  std::string create(const std::string& type, json object) {
    const standin::Response response = send("POST", "/" + type + "s", json{{type, std::move(object)}}.dump());
    last_status = response.status;
    if (response.status != 200) return "";
    return json::parse(response.body).at(type).at("uuid").get<std::string>();
  }

  /// A network of default-project with one subnet.
  std::string create_network(const std::string& name, const std::string& prefix, int length,
                             json more = json::object()) {
    more["subnet"] = {{"ip_prefix", prefix}, {"ip_prefix_len", length}};
    return create("virtual-network", {{"fq_name", {"default-domain", "default-project", name}},
                                      {"parent_type", "project"},
                                      {"network_ipam_refs", {ipam_reference(json::array({more}))}}});
  }
  static json ipam_reference(const json& subnets) {
    return {{"to", {"default-domain", "default-project", "default-network-ipam"}},
            {"attr", {{"ipam_subnets", subnets}}}};
  }

  /// Creates an instance-ip and returns its address, or an empty text if it is refused.
  std::string create_instance_ip(const std::string& name, const std::string& network,
                                 const json& more = json::object()) {
    json object = {{"fq_name", {name}},
                   {"virtual_network_refs", {{{"to", {"default-domain", "default-project", network}}}}}};
    object.update(more);
    const std::string uuid = create("instance-ip", object);
    return uuid.empty() ? "" : get("/instance-ip/" + uuid)["instance-ip"]["instance_ip_address"].get<std::string>();
  }

  standin::ConfigApi api;
  int last_status = 0;
};

}  // namespace conformance
