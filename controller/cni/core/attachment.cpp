#include "controller/cni/core/attachment.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "contrail-client/uuid.hpp"
#include "controller/cni/core/errc.hpp"
#include "k8sclient/api/dump.hpp"

namespace knm::cni {
namespace {

using contrail::Family;
using contrail::IpAddress;
using nlohmann::json;

constexpr std::size_t digits_of_device = 12;  // with the prefix as many as Linux allows
const std::string everything[] = {"0.0.0.0/0", "::/0"};

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

// What follows from the call and the configuration alone.
Attachment frame_of(const NetworkConfig& config, const Arguments& arguments) {
  Attachment attachment;
  attachment.device = device_of(config.name, arguments.attachment);
  attachment.network = config.name;
  attachment.ref = arguments.attachment;
  attachment.pod = arguments.pod;
  attachment.mtu = config.mtu;
  attachment.checksum_offload = config.checksum_offload;
  attachment.bridge = config.bridge;
  return attachment;
}

std::optional<IpAddress> gateway_for(Family family, const PodState& state, const NetworkConfig& config) {
  if (state.gateway.family == family) return state.gateway;
  const auto found = std::find_if(config.gateways.begin(), config.gateways.end(),
                                  [&](const IpAddress& gateway) { return gateway.family == family; });
  return found == config.gateways.end() ? std::nullopt : std::optional(*found);
}

std::string text_in(const json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

base::Error wrong_result(const std::string& why) { return {errc::bad_config, "`prevResult` " + why}; }

// The addresses that a result gives to the interface with this index in its list.
base::Result<std::vector<ContainerAddress>> addresses_in(const json& result, std::size_t interface) {
  std::vector<ContainerAddress> addresses;
  for (const auto& item : result.value("ips", json::array())) {
    if (!item.is_object() || item.value("interface", json()) != json(interface)) continue;
    const auto text = text_in(item, "address");
    const auto address = IpAddress::parse(text.substr(0, text.find('/')));
    const auto gateway = IpAddress::parse(text_in(item, "gateway"));
    if (!address || !gateway) return wrong_result("has an address that is not of this plugin: " + k8s::dump(item));
    addresses.push_back({*address, *gateway});
  }
  if (addresses.empty()) return wrong_result("has no address for the interface");
  return addresses;
}

}  // namespace

std::string with_prefix(const IpAddress& address) {
  return address.text() + (address.family == Family::v4 ? "/32" : "/128");
}

std::string device_of(const std::string& network, const AttachmentRef& ref) {
  auto digits = contrail::uuid_v5(contrail::Uuid{}, network + " " + ref.container + " " + ref.interface).text();
  digits.erase(std::remove(digits.begin(), digits.end(), '-'), digits.end());
  return "knm" + digits.substr(0, digits_of_device);
}

base::Result<Attachment> attachment_of(const NetworkConfig& config, const Arguments& arguments, const PodState& state) {
  auto attachment = frame_of(config, arguments);
  attachment.mac = lower(state.mac);
  attachment.interface_uuid = state.interface.text();
  for (const auto& address : state.addresses) {
    const auto gateway = gateway_for(address.family, state, config);
    if (!gateway)
      return base::Error{errc::bad_config,
                         "the Pod has the address " + address.text() + ", and " + std::string(pod_state_annotation) +
                             " has a gateway of the other family only: name the gateway in `gateways`"};
    attachment.addresses.push_back({address, *gateway});
  }
  return attachment;
}

std::string render_result(const Attachment& attachment, const std::string& netns, Version version) {
  json on_node{{"name", attachment.device}};
  json inside{{"name", attachment.ref.interface}, {"mac", attachment.mac}, {"sandbox", netns}};
  if (version >= Version::v1_1_0)
    for (auto* interface : {&on_node, &inside}) (*interface)["mtu"] = attachment.mtu;
  json result{{"cniVersion", text_of(version)}, {"interfaces", {on_node, inside}}, {"dns", json::object()}};
  for (const auto& [address, gateway] : attachment.addresses) {
    json ip{{"address", with_prefix(address)}, {"gateway", gateway.text()}, {"interface", 1}};
    if (version < Version::v1_0_0) ip["version"] = address.family == Family::v4 ? "4" : "6";
    result["ips"].push_back(std::move(ip));
    const json route{{"dst", everything[static_cast<int>(address.family)]}, {"gw", gateway.text()}};
    auto& routes = result["routes"];
    if (std::find(routes.begin(), routes.end(), route) == routes.end()) routes.push_back(route);
  }
  return result.dump();
}

base::Result<Attachment> attachment_of_result(const NetworkConfig& config, const Arguments& arguments) {
  auto attachment = frame_of(config, arguments);
  const auto listed = config.previous.value("interfaces", json());
  const auto interfaces = listed.is_array() ? listed : json::array();
  for (std::size_t i = 0; i < interfaces.size(); ++i) {
    const auto& interface = interfaces[i];
    if (text_in(interface, "name") != attachment.ref.interface || text_in(interface, "sandbox").empty()) continue;
    attachment.mac = lower(text_in(interface, "mac"));
    // The configuration may have changed since.
    if (interface.contains("mtu") && interface["mtu"].is_number_integer()) attachment.mtu = interface["mtu"].get<int>();
    auto addresses = addresses_in(config.previous, i);
    if (!addresses) return addresses.error();
    attachment.addresses = std::move(*addresses);
    return attachment;
  }
  return wrong_result("has no interface " + attachment.ref.interface + " in a container");
}

}  // namespace knm::cni
