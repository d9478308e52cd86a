#include "controller/model/names.hpp"

#include <algorithm>
#include <iterator>
#include <map>

namespace knm {
namespace {

template <class... Parts>
contrail::FqName colon(std::string_view first, const Parts&... parts) {
  contrail::FqName name;
  name.reserve((first.size() + ... + (1 + std::size(parts))));
  name += first;
  ((name += ':', name += parts), ...);
  return name;
}

// For names that may contain only letters, digits and '_'.
std::string spelled_out(std::string_view name) {
  std::string out(name);
  const auto stays = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  std::replace_if(out.begin(), out.end(), [&](char c) { return !stays(c); }, '_');
  return out;
}

}  // namespace

Names::Names(const Settings& settings)
    : domain_(settings.default_domain),
      cluster_(settings.cluster_name),
      default_project_(settings.default_project),
      allocation_network_(settings.default_project + ":addr-alloc"),
      public_network_(settings.public_network) {}

std::string Names::prefixed(std::string_view name) const {
  return cluster_.empty() ? std::string(name) : cluster_ + "_" + std::string(name);
}

contrail::FqName Names::project(std::string_view ns) const { return colon(domain_, prefixed(ns)); }

std::optional<std::string> Names::namespace_of(const contrail::FqName& name) const {
  const auto start = project("");
  return name.starts_with(start) ? std::optional(name.substr(start.size())) : std::nullopt;
}

std::string_view Names::namespace_in(contrail::Type type, std::string_view name) const {
  const auto without_cluster = [&](std::string_view text) -> std::string_view {
    if (cluster_.empty()) return text;
    const bool ours = text.starts_with(cluster_) && text.substr(cluster_.size()).starts_with('_');
    return ours ? text.substr(cluster_.size() + 1) : std::string_view();
  };
  const auto is_public = [&] {
    return name.starts_with(public_network_) && name.substr(public_network_.size()).starts_with(':');
  };
  if (type == contrail::Type::instance_ip || (type == contrail::Type::floating_ip && is_public())) {
    const auto last = without_cluster(name.substr(name.rfind(':') + 1));
    const auto end = last.find('_');
    // The reservation of a second family begins with the Pod's UID.
    if (end == std::string_view::npos || contrail::Uuid::parse(last.substr(0, end))) return {};
    return last.substr(0, end);
  }
  if (!name.starts_with(domain_) || !name.substr(domain_.size()).starts_with(':')) return {};
  name.remove_prefix(domain_.size() + 1);
  return without_cluster(name.substr(0, name.find(':')));
}

contrail::FqName Names::pod_network(std::string_view ns, std::string_view tier) const {
  return colon(project(ns), pod_network_name(tier));
}

contrail::FqName Names::service_network(std::string_view ns, std::string_view tier) const {
  return colon(project(ns), "service-" + std::string(tier));
}

contrail::FqName Names::access_policy(std::string_view ns, std::string_view tier) const {
  return colon(project(ns), "__svc_" + std::string(tier));
}

contrail::FqName Names::global_policy(const contrail::FqName& network) const {
  const auto project = contrail::parent_of(network);
  if (contrail::parent_of(project) == domain_) return colon(project, "__net_" + prefixed(contrail::last_of(network)));
  return colon(default_project_, "__net_" + prefixed(spelled_out(network)));
}

std::vector<contrail::FqName> Names::colliding(const std::vector<contrail::FqName>& global_networks) const {
  std::vector<contrail::FqName> out;
  std::map<contrail::FqName, contrail::FqName> first;
  for (const auto& network : global_networks)
    if (first.try_emplace(global_policy(network), network).first->second != network) out.push_back(network);
  return out;
}

contrail::FqName Names::interface(std::string_view ns, std::string_view pod) const { return colon(project(ns), pod); }

contrail::FqName Names::address_use(std::string_view ns, std::string_view pod, contrail::Family family) const {
  return prefixed(ns) + "_" + std::string(pod) + (family == contrail::Family::v6 ? "_v6" : "");
}

contrail::FqName Names::address_allocation(std::string_view pod_uid, contrail::Family family) {
  return share_of(pod_uid, family);
}

contrail::FqName Names::cluster_address(std::string_view ns, std::string_view tier, std::string_view service,
                                        contrail::Family family, bool second) const {
  const auto suffix = !second ? "" : family == contrail::Family::v6 ? "_v6" : "_v4";
  return colon(pool(service_network(ns, tier)), std::string(service) + suffix);
}

contrail::FqName Names::public_address(std::string_view ns, std::string_view service,
                                       const contrail::IpAddress& address, bool short_name) const {
  auto name = prefixed(ns) + "_" + std::string(service);
  if (!short_name) {
    auto text = address.text();
    std::replace(text.begin(), text.end(), ':', '-');
    name += "_" + text;
  }
  return colon(pool(public_network_), name);
}

contrail::FqName Names::pool(const contrail::FqName& network) { return colon(network, contrail::last_of(network)); }

contrail::FqName Names::public_ipam() const {
  return colon(default_project_, "__ipam_" + prefixed(contrail::last_of(public_network_)));
}

const contrail::FqName& Names::ipam() {
  static const contrail::FqName name = "default-domain:default-project:default-network-ipam";
  return name;
}

std::string share_of(std::string_view uid, contrail::Family family) {
  return std::string(uid) + (family == contrail::Family::v6 ? "_v6" : "");
}

std::string pod_network_name(std::string_view tier) {
  const bool reserved = tier.starts_with("service-") || tier == "default-virtual-network";
  return (reserved ? "__pod_" : "") + std::string(tier);
}

}  // namespace knm
