#include "k8sclient/decode/text.hpp"

#include <algorithm>
#include <charconv>

#include "base/cut.hpp"
#include "k8sclient/decode/failure.hpp"

namespace k8s {
namespace {

// The length of the character that begins with `lead`, and the bounds of its second byte (RFC 3629, section 4).
struct Shape {
  std::size_t length = 0;  // 0: no character begins like this
  unsigned char low = 0x80, high = 0xbf;
};

Shape shape_of(unsigned char lead) {
  if (lead < 0x80) return {1};
  if (lead >= 0xc2 && lead <= 0xdf) return {2};
  if (lead == 0xe0) return {3, 0xa0};
  if (lead == 0xed) return {3, 0x80, 0x9f};
  if (lead >= 0xe1 && lead <= 0xef) return {3};
  if (lead == 0xf0) return {4, 0x90};
  if (lead >= 0xf1 && lead <= 0xf3) return {4};
  if (lead == 0xf4) return {4, 0x80, 0x8f};
  return {};
}

}  // namespace

bool is_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t i = 0; i < text.size();) {
    if (byte(i) < 0x80) {
      ++i;
      continue;
    }
    const Shape shape = shape_of(byte(i));
    if (shape.length == 0 || i + shape.length > text.size()) return false;
    if (byte(i + 1) < shape.low || byte(i + 1) > shape.high) return false;
    for (std::size_t k = 2; k < shape.length; ++k)
      if (byte(i + k) < 0x80 || byte(i + k) > 0xbf) return false;
    i += shape.length;
  }
  return true;
}

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

void keep(const std::vector<std::string>& keys, std::string_view key, std::string_view value,
          std::vector<KeyValue>& into) {
  if (std::find(keys.begin(), keys.end(), key) == keys.end()) return;
  if (!is_utf8(value)) malformed("the value of '" + std::string(key) + "' is not UTF-8");
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
