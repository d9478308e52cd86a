#include "controller/cni/node/node.hpp"

#include <net/if.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <utility>

#include "controller/cni/core/commands.hpp"
#include "controller/cni/core/errc.hpp"
#include "controller/cni/node/child.hpp"

namespace knm::cni {
namespace {

using std::chrono::seconds;

constexpr seconds ip_limit{10};
constexpr seconds ovs_limit{10};
constexpr seconds grace{5};  // how much longer ovs-vsctl would wait, if this process could not end it

base::Result<std::string> ip(Words words, const std::string& input = "") {
  words.insert(words.begin(), "ip");
  return run_program(std::move(words), input, ip_limit);
}

// Where the output does not matter.
base::Result<void> whether_done(const base::Result<std::string>& output) {
  if (!output) return output.error();
  return {};
}

base::Result<void> ip_batch(const std::string& lines) {
  const auto output = ip({"-batch", "-"}, lines);
  if (!output) return annotate(output.error(), "lines of ip:\n" + lines);
  return {};
}

// Options before the words: --no-wait does not wait for ovs-vswitchd to carry out the change.
base::Result<std::string> ovs_vsctl(const NetworkConfig& config, const Words& words, seconds limit = ovs_limit,
                                    bool wait = true) {
  Words all{"ovs-vsctl", "--timeout=" + std::to_string((limit + grace).count())};
  if (!config.ovs_database.empty()) all.push_back("--db=" + config.ovs_database);
  if (!wait) all.emplace_back("--no-wait");
  all.insert(all.end(), words.begin(), words.end());
  return run_program(std::move(all), "", limit);
}

std::optional<Device> named(const std::vector<Device>& devices, const std::string& name) {
  const auto found =
      std::find_if(devices.begin(), devices.end(), [&](const Device& device) { return device.name == name; });
  return found == devices.end() ? std::nullopt : std::optional(*found);
}

// Keeps the node's own stack from speaking with the container: packets to a user-space datapath reach that stack, too.
base::Result<void> silence(const std::string& device) {
  for (const auto& [path, value] : silencing(device)) {
    if (!std::filesystem::exists(path)) continue;  // the kernel does not have the protocol
    std::ofstream file(path);
    file << value << std::flush;
    if (!file) return base::Error{errc::io_failure, path + " cannot be set to " + value + "; is /proc/sys read-only?"};
  }
  return {};
}

// The device of this name in the namespace of this thread.
base::Result<std::optional<Device>> find_device(const std::string& name) {
  if (::if_nametoindex(name.c_str()) == 0) return std::optional<Device>();
  const auto text = ip({"-json", "address", "show", "dev", name});
  if (!text) return text.error();
  const auto devices = read_devices(*text);
  if (!devices) return devices.error();
  return named(*devices, name);
}

}  // namespace

base::Result<Observed> Node::observe(const Attachment& attachment, const NetworkNamespace& netns) const {
  Observed observed;
  auto on_node = find_device(attachment.device);
  if (!on_node) return on_node.error();
  observed.on_node = std::move(*on_node);
  if (const auto inside = observe_inside(attachment, netns, observed); !inside) return inside.error();
  auto found = ports();
  if (!found) return found.error();
  observed.ports = std::move(*found);
  const auto on_bridge = ovs_vsctl(config_, {"list-ports", config_.bridge});
  if (!on_bridge) return on_bridge.error();
  observed.on_bridge = read_lines(*on_bridge);
  return observed;
}

base::Result<void> Node::observe_inside(const Attachment& attachment, const NetworkNamespace& netns,
                                        Observed& observed) const {
  const auto& interface = attachment.ref.interface;
  const auto entered = InsideNamespace::enter(netns);
  if (!entered) return entered.error();
  auto device = find_device(interface);
  if (!device) return device.error();
  observed.inside = std::move(*device);
  if (!observed.inside) return {};
  const auto offload = cni::checksum_offload(interface);
  if (!offload) return offload.error();
  observed.checksum_offload = *offload;
  // A kernel without IPv6 has nothing to show for it.
  std::set<contrail::Family> families;
  for (const auto& [address, gateway] : attachment.addresses) families.insert(address.family);
  for (const auto family : families) {
    const auto text = ip({"-json", family == contrail::Family::v6 ? "-6" : "-4", "route", "show"});
    if (!text) return text.error();
    const auto routes = read_routes(*text);
    if (!routes) return routes.error();
    observed.routes.insert(observed.routes.end(), routes->begin(), routes->end());
  }
  return {};
}

base::Result<void> Node::apply(const Step& step, const Attachment& attachment, const NetworkNamespace& netns) const {
  if (const auto* to_unplug = std::get_if<Unplug>(&step)) return unplug({to_unplug->port});
  if (std::holds_alternative<MakePair>(step)) return make_pair(attachment, netns);
  if (const auto* to_remove = std::get_if<RemoveDevice>(&step))
    return whether_done(ip({"link", "delete", "dev", to_remove->name}));
  return whether_done(ovs_vsctl(config_, plug_port(attachment)));
}

base::Result<void> Node::make_pair(const Attachment& attachment, const NetworkNamespace& netns) const {
  if (auto made = ip_batch(line_of_pair(attachment, netns.file())); !made) return made;
  if (auto quiet = silence(attachment.device); !quiet) return quiet;
  if (auto up = ip_batch("link set " + attachment.device + " up\n"); !up) return up;
  const auto entered = InsideNamespace::enter(netns);
  if (!entered) return entered.error();
  if (auto set = set_checksum_offload(attachment.ref.interface, attachment.checksum_offload); !set) return set;
  return ip_batch(lines_inside(attachment));
}

base::Result<void> Node::await_flows_of(const std::string& port) const {
  const auto done = ovs_vsctl(config_, await_flows(port), config_.time_limit);
  if (done) return {};
  return base::Error{errc::try_again,
                     "the flows of the port " + port + " were not installed within " +
                         std::to_string(config_.time_limit.count()) +
                         " s: check that ovn-controller runs on this node, and that the data plane knows the Pod's "
                         "interface. " +
                         done.error().message};
}

base::Result<std::vector<Port>> Node::ports() const {
  const auto text = ovs_vsctl(config_, find_ports(config_.name));
  if (!text) return text.error();
  return read_ports(*text);
}

base::Result<void> Node::unplug(const std::vector<std::string>& ports) const {
  return whether_done(ovs_vsctl(config_, unplug_ports(ports), ovs_limit, false));
}

base::Result<void> Node::remove(const std::vector<std::string>& devices) const {
  if (devices.empty()) return {};
  auto outcome = unplug(devices);
  for (const auto& device : devices) {
    if (::if_nametoindex(device.c_str()) == 0) continue;
    const auto done = ip({"link", "delete", "dev", device});
    // It may have gone with its namespace in between.
    if (!done && outcome && ::if_nametoindex(device.c_str()) != 0) outcome = done.error();
  }
  return outcome;
}

base::Result<void> Node::check_bridge() const {
  return whether_done(ovs_vsctl(config_, {"list-ports", config_.bridge}));
}

}  // namespace knm::cni
