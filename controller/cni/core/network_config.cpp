#include "controller/cni/core/network_config.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "controller/cni/core/errc.hpp"
#include "k8sclient/api/dump.hpp"

namespace knm::cni {
namespace {

using nlohmann::json;

// What the specification and container runtimes put into a configuration, and the plugin does not use.
const std::set<std::string_view> accepted = {"cniVersion",   "cniVersions",  "name",       "type",
                                             "args",         "capabilities", "prevResult", "runtimeConfig",
                                             "disableCheck", "disableGC"};

constexpr int least_mtu = 1280;  // of IPv6: RFC 8200, section 5
constexpr int greatest_mtu = 65535;
constexpr int greatest_time_limit = 600;

base::Error wrong_key(const std::string& key, const std::string& why) {
  return {errc::bad_config, "`" + key + "` " + why};
}

// Reads the keys of the plugin from a configuration, and keeps the first error.
class KeyReader {
 public:
  explicit KeyReader(const json& object) : object_(object) {}

  void text(const std::string& key, std::string& value) {
    if (const auto* found = find(key, &json::is_string, "must be a text")) value = found->get<std::string>();
  }
  void flag(const std::string& key, bool& value) {
    if (const auto* found = find(key, &json::is_boolean, "must be true or false")) value = found->get<bool>();
  }
  void number(const std::string& key, int least, int greatest, int& value) {
    const auto wanted = "must be a whole number from " + std::to_string(least) + " to " + std::to_string(greatest);
    const auto* found = find(key, &json::is_number_integer, wanted);
    if (!found) return;
    const auto number = found->get<std::int64_t>();
    if (number < least || number > greatest) return fail(wrong_key(key, wanted));
    value = static_cast<int>(number);
  }
  void addresses(const std::string& key, std::vector<contrail::IpAddress>& value) {
    const auto* found = find(key, &json::is_array, "must be a list of IP addresses");
    if (!found) return;
    for (const auto& item : *found) {
      const auto address = item.is_string() ? contrail::IpAddress::parse(item.get<std::string>()) : std::nullopt;
      if (!address) return fail(wrong_key(key, "must be a list of IP addresses, not " + k8s::dump(item)));
      value.push_back(*address);
    }
  }
  // After all others: the keys that none of them has asked for.
  void rest() {
    for (const auto& [key, value] : object_.items())
      if (!known_.contains(key) && !accepted.contains(key) && !key.starts_with("cni.dev/"))
        return fail({errc::unknown_field, "`" + key + "`: " + k8s::dump(value) + "; docs/cni.md lists the keys"});
  }

  const std::optional<base::Error>& error() const { return error_; }

 private:
  const json* find(const std::string& key, bool (json::*is_right)() const noexcept, const std::string& wanted) {
    known_.insert(key);
    const auto found = object_.find(key);
    if (found == object_.end()) return nullptr;
    if (((*found).*is_right)()) return &*found;
    fail(wrong_key(key, wanted));
    return nullptr;
  }
  void fail(base::Error error) {
    if (!error_) error_ = std::move(error);
  }

  const json& object_;
  std::set<std::string> known_;
  std::optional<base::Error> error_;
};

std::optional<Version> version_in(const json& object) {
  if (!object.is_object()) return std::nullopt;
  const auto found = object.find("cniVersion");
  if (found == object.end() || !found->is_string()) return std::nullopt;
  const auto* at = std::find(std::begin(version_texts), std::end(version_texts), found->get<std::string>());
  if (at == std::end(version_texts)) return std::nullopt;
  return static_cast<Version>(at - std::begin(version_texts));
}

base::Result<std::vector<AttachmentRef>> attachments_of(const json& list) {
  const std::string key = "cni.dev/valid-attachments";
  if (!list.is_array()) return wrong_key(key, "must be a list");
  std::vector<AttachmentRef> attachments;
  for (const auto& item : list) {
    const auto text = [&](const char* name) {
      const auto found = item.is_object() ? item.find(name) : item.end();
      return item.is_object() && found != item.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    AttachmentRef attachment{text("containerID"), text("ifname")};
    // A wrong entry may be one that exists: nothing is removed then.
    if (!is_container_id(attachment.container) || !is_interface_name(attachment.interface))
      return wrong_key(key, "has an entry without `containerID` or `ifname`: " + k8s::dump(item));
    attachments.push_back(std::move(attachment));
  }
  return attachments;
}

// What was attached must go, also when the configuration is no longer valid: DEL and GC read only the keys they need.
bool removes(Command command) { return command == Command::del || command == Command::gc; }

void read_settings(KeyReader& reader, NetworkConfig& config) {
  reader.text("kubeconfig", config.kubeconfig);
  reader.text("bridge", config.bridge);
  reader.number("mtu", least_mtu, greatest_mtu, config.mtu);
  int limit = static_cast<int>(config.time_limit.count());
  reader.number("timeoutSeconds", 1, greatest_time_limit, limit);
  config.time_limit = std::chrono::seconds(limit);
  reader.flag("checksumOffload", config.checksum_offload);
  reader.flag("waitForFlows", config.wait_for_flows);
  reader.flag("adoptedInterfaces", config.adopted_interfaces);
  reader.addresses("gateways", config.gateways);
  reader.rest();
}

base::Result<void> check_needed(const NetworkConfig& config, Command command) {
  if (config.name.empty()) return wrong_key("name", "is missing: it is the name of the network");
  if (config.bridge.empty()) return wrong_key("bridge", "is empty");
  if ((command == Command::add || command == Command::status) && config.kubeconfig.empty())
    return wrong_key("kubeconfig", "is missing: it is the path of the file with which the plugin reads Pods");
  if (command == Command::add && !config.previous.is_null())
    return wrong_key("prevResult", "is there: this plugin makes the interface, and must be the first of its list");
  if (command == Command::check && !config.previous.is_object())
    return wrong_key("prevResult", "is missing: CHECK compares with it");
  if (command == Command::gc && !config.valid_attachments)
    return wrong_key("cni.dev/valid-attachments", "is missing: GC removes what it does not list");
  return {};
}

}  // namespace

Version version_of(std::string_view text) {
  return version_in(json::parse(text, nullptr, false)).value_or(Version::v1_1_0);
}

base::Result<NetworkConfig> read_network_config(std::string_view text, Command command) {
  const auto object = json::parse(text, nullptr, false);
  if (!object.is_object()) return base::Error{errc::undecodable, "the standard input must be a JSON object"};
  const auto version = version_in(object);
  if (!version)
    return base::Error{errc::bad_version,
                       "`cniVersion` is " +
                           (object.contains("cniVersion") ? k8s::dump(object["cniVersion"]) : "missing") +
                           "; the plugin knows 0.4.0, 1.0.0 and 1.1.0"};
  NetworkConfig config;
  config.version = *version;
  KeyReader reader(object);
  reader.text("name", config.name);
  reader.text("ovsDatabase", config.ovs_database);
  if (!removes(command)) read_settings(reader, config);
  if (reader.error()) return *reader.error();
  config.previous = object.value("prevResult", json());
  if (object.contains("cni.dev/valid-attachments")) {
    auto attachments = attachments_of(object["cni.dev/valid-attachments"]);
    if (!attachments) return attachments.error();
    config.valid_attachments = std::move(*attachments);
  }
  if (const auto checked = check_needed(config, command); !checked) return checked.error();
  return config;
}

}  // namespace knm::cni
