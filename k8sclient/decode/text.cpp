#include "k8sclient/decode/text.hpp"

#include <charconv>

#include "base/cut.hpp"
#include "base/utf8.hpp"
#include "k8sclient/decode/failure.hpp"

namespace k8s {
std::uint64_t parse_resource_version(std::string_view text) {
  if (text.empty()) return 0;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    malformed("the resourceVersion '" + std::string(base::cut(text, 40)) + "' is not a number");
  return value;
}

PodPhase parse_phase(std::string_view text) {
  if (text == "Running") return PodPhase::running;
  if (text == "Pending") return PodPhase::pending;
  if (text == "Succeeded") return PodPhase::succeeded;
  if (text == "Failed") return PodPhase::failed;
  return PodPhase::unknown;
}

ServiceType parse_service_type(std::string_view text) {
  if (text == "ClusterIP" || text.empty()) return ServiceType::cluster_ip;
  if (text == "NodePort") return ServiceType::node_port;
  if (text == "LoadBalancer") return ServiceType::load_balancer;
  if (text == "ExternalName") return ServiceType::external_name;
  malformed("the service type '" + std::string(base::cut(text, 40)) + "' is unknown");
}

AddressType parse_address_type(std::string_view text) {
  if (text == "IPv4") return AddressType::ipv4;
  if (text == "IPv6") return AddressType::ipv6;
  if (text == "FQDN") return AddressType::fqdn;
  malformed("the address type '" + std::string(base::cut(text, 40)) + "' is unknown");
}

void check_kind(std::string_view api_version, std::string_view kind, std::string_view want_version,
                std::string_view want) {
  if (api_version != want_version || kind != want)
    malformed("it is a '" + std::string(base::cut(api_version, 40)) + " " + std::string(base::cut(kind, 40)) +
              "', not a '" + std::string(want_version) + " " + std::string(want) + "'");
}

void add_text(std::string_view key, std::string_view value, std::vector<KeyValue>& into) {
  if (!base::is_utf8(value)) malformed("the value of '" + std::string(key) + "' is not UTF-8");
  into.emplace_back(key, value);
}

void complete(EndpointPort& port) {
  if (port.protocol.empty()) port.protocol = "TCP";
}

void complete(ServicePort& port) {
  if (port.protocol.empty()) port.protocol = "TCP";
  if (port.target_port == 0 && port.target_name.empty()) port.target_port = port.port;
}

}  // namespace k8s
