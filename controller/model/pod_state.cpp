#include "controller/model/pod_state.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "base/json_text.hpp"

namespace knm {
namespace {

using nlohmann::json;

constexpr std::size_t usual_text = 256;  // a text of this size rarely grows

base::Error unreadable(std::string_view member, std::string_view why) {
  return {boost::system::errc::make_error_code(boost::system::errc::invalid_argument),
          "`" + std::string(member) + "` " + std::string(why)};
}

// Empty: the member is absent, or no text.
std::string member_text(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool is_mac(std::string_view text) {
  if (text.size() != 17) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (i % 3 == 2 ? text[i] != ':'
                   : std::string_view("0123456789abcdefABCDEF").find(text[i]) == std::string_view::npos)
      return false;
  return true;
}

// `ipAddresses`, or `ipAddress` where that is absent.
base::Result<std::vector<contrail::IpAddress>> addresses_of(const json& object) {
  const auto several = object.find("ipAddresses");
  const json texts = several != object.end() ? *several : json::array({member_text(object, "ipAddress")});
  if (!texts.is_array() || texts.empty()) return unreadable("ipAddresses", "is not a list of addresses");
  std::vector<contrail::IpAddress> addresses;
  for (const auto& text : texts) {
    const auto address = text.is_string() ? contrail::IpAddress::parse(text.get<std::string>()) : std::nullopt;
    if (!address) return unreadable(several != object.end() ? "ipAddresses" : "ipAddress", "is not an IP address");
    addresses.push_back(*address);
  }
  return addresses;
}

}  // namespace

base::Result<PodState> parse_pod_state(std::string_view text) {
  const auto object = json::parse(text, nullptr, false);
  if (!object.is_object()) return unreadable(pod_state_annotation, "is not a JSON object");
  PodState state;
  state.pod_uid = member_text(object, "podUid");
  const auto interface = contrail::Uuid::parse(member_text(object, "uuid"));
  if (!interface) return unreadable("uuid", "is not a uuid");
  state.interface = *interface;
  state.mac = member_text(object, "macAddress");
  if (!is_mac(state.mac)) return unreadable("macAddress", "is not a MAC");
  auto addresses = addresses_of(object);
  if (!addresses) return addresses.error();
  state.addresses = std::move(*addresses);
  const auto gateway = contrail::IpAddress::parse(member_text(object, "gateway"));
  if (!gateway || gateway->family != state.addresses.front().family)
    return unreadable("gateway", "is not an address of the first address's family");
  state.gateway = *gateway;
  return state;
}

// Written without a document in memory: the text of a Pod is compared often.
std::string render(const PodState& state) {
  std::string out;
  out.reserve(usual_text);
  const auto add = [&](std::string_view key, std::string_view value) {
    out.append(out.empty() ? "{\"" : ",\"").append(key).append("\":");
    base::append_json_string(out, value);
  };
  add("uuid", state.interface.text());
  add("macAddress", state.mac);
  if (!state.addresses.empty()) {
    add("ipAddress", state.addresses.front().text());
    add("gateway", state.gateway.text());
  }
  if (state.addresses.size() > 1) {
    out += ",\"ipAddresses\":[";
    for (const auto& address : state.addresses) {
      if (out.back() != '[') out += ',';
      base::append_json_string(out, address.text());
    }
    out += ']';
  }
  if (!state.pod_uid.empty()) add("podUid", state.pod_uid);
  return out += '}';
}

contrail::IpAddress gateway_of(const contrail::Cidr& subnet) {
  auto gateway = subnet.last();
  --gateway.bytes.back();  // the host bits of the last address are all ones, so there is no borrow
  return gateway;
}

}  // namespace knm
