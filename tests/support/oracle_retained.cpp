#include "tests/support/oracle.hpp"

namespace knm::test {
namespace {

bool begins_with(const nlohmann::json& text, const std::string& start) {
  return text.is_string() && text.get<std::string>().rfind(start, 0) == 0;
}

}  // namespace

Picture with_retained(Picture desired, const Picture& there, const Cluster& cluster, const OracleSettings& settings) {
  for (const auto& [ns, tier] : settings.cluster_services) {
    const auto project =
        settings.domain + ":" + (settings.cluster_name.empty() ? "" : settings.cluster_name + "_") + ns;
    const auto network_key = "virtual-network " + project + ":service-" + tier, project_key = "project " + project;
    const auto network = there.find(network_key), parent = there.find(project_key);
    if (network == there.end() || parent == there.end()) continue;
    const auto living = cluster.namespaces.find(ns);
    const auto uid = living == cluster.namespaces.end() ? "" : living->second.meta.uid + " ";
    // With a Service the network is like any other one, but a former Namespace may have left its project.
    if (desired.count(network_key) == 0) {
      auto fields = network->second;
      if (!begins_with(fields["mark"], "ServiceTier " + uid) || !fields["policies"].empty()) continue;
      desired[network_key] = std::move(fields);
    }
    if (!begins_with(parent->second["mark"], "Namespace " + uid)) continue;
    desired[project_key] = parent->second;
  }
  return desired;
}

}  // namespace knm::test
