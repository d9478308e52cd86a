#include "controller/model/pod_state.hpp"

#include <nlohmann/json.hpp>

namespace knm {

std::string render(const PodState& state) {
  nlohmann::ordered_json json{{"uuid", state.interface.text()}, {"macAddress", state.mac}};
  if (!state.addresses.empty()) {
    json["ipAddress"] = state.addresses.front().text();
    json["gateway"] = state.gateway.text();
  }
  if (state.addresses.size() > 1)
    for (const auto& address : state.addresses) json["ipAddresses"].push_back(address.text());
  if (!state.pod_uid.empty()) json["podUid"] = state.pod_uid;
  return json.dump();
}

contrail::IpAddress gateway_of(const contrail::Cidr& subnet) {
  auto gateway = subnet.last();
  --gateway.bytes.back();  // the host bits of the last address are all ones, so there is no borrow
  return gateway;
}

}  // namespace knm
