#include "controller/cni/core/observed.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "controller/cni/core/errc.hpp"

namespace knm::cni {
namespace {

using nlohmann::json;

base::Error unexpected(const std::string& program) {
  return {errc::io_failure, "the output of `" + program + "` does not have the expected form; is the program too old?"};
}

// ip prints nothing at all where it has nothing to show.
json parse_list(std::string_view text) {
  return text.find_first_not_of(" \n") == std::string_view::npos ? json::array() : json::parse(text, nullptr, false);
}

bool has_flag(const json& item, const char* flag) {
  const auto flags = item.value("flags", json::array());
  return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

Device device_of_item(const json& item) {
  Device device;
  device.name = item.value("ifname", "");
  device.index = item.value("ifindex", 0);
  device.peer_index = item.value("link_index", 0);
  device.mac = item.value("address", "");
  device.mtu = item.value("mtu", 0);
  device.up = has_flag(item, "UP");
  for (const auto& address : item.value("addr_info", json::array()))
    if (address.value("scope", "") != "link")
      device.addresses.insert(address.value("local", "") + "/" + std::to_string(address.value("prefixlen", 0)));
  return device;
}

// Values of OVSDB are a text itself, ["map", [[key, value]…]], or ["set", []] for a text that is absent (RFC 7047,
// section 5.1).
Port port_of_row(const json& row) {
  Port port{row.at(0).get<std::string>(), {}};
  if (row.at(1).at(0) != "map") throw json::other_error::create(0, "no map", nullptr);
  if (row.at(2).is_string()) port.error = row.at(2).get<std::string>();
  for (const auto& pair : row.at(1).at(1))
    port.external_ids[pair.at(0).get<std::string>()] = pair.at(1).get<std::string>();
  return port;
}

// Each item of a list, read by `read`. Items that do not have the form make the JSON library throw.
template <class T, class Read>
base::Result<std::vector<T>> read_items(const json& list, const std::string& program, Read read) {
  if (!list.is_array()) return unexpected(program);
  std::vector<T> items;
  try {
    for (const auto& item : list) items.push_back(read(item));
  } catch (const json::exception&) {
    return unexpected(program);
  }
  return items;
}

}  // namespace

base::Result<std::vector<Device>> read_devices(std::string_view text) {
  return read_items<Device>(parse_list(text), "ip -json address show", device_of_item);
}

base::Result<std::vector<Route>> read_routes(std::string_view text) {
  return read_items<Route>(parse_list(text), "ip -json route show", [](const json& item) {
    return Route{item.value("dst", ""), item.value("gateway", ""), item.value("dev", "")};
  });
}

base::Result<std::vector<Port>> read_ports(std::string_view text) {
  const auto table = json::parse(text, nullptr, false);
  const auto rows = table.is_object() ? table.value("data", json()) : json();
  return read_items<Port>(rows, "ovs-vsctl --format=json find interface", port_of_row);
}

std::set<std::string> read_lines(std::string_view text) {
  std::set<std::string> lines;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (!line.empty()) lines.emplace(line);
  }
  return lines;
}

}  // namespace knm::cni
