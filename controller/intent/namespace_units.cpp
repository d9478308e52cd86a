#include "controller/intent/namespace_units.hpp"

#include <utility>

namespace knm {
namespace {

// The Namespace whose project would be the default project, which all clusters share: it is not served. Empty: none.
std::string reserved_namespace(const Settings& settings) {
  auto start = settings.default_domain + ":";
  if (!settings.cluster_name.empty()) start += settings.cluster_name + "_";
  return settings.default_project.starts_with(start) ? settings.default_project.substr(start.size()) : "";
}

}  // namespace

NamespaceUnits::NamespaceUnits(const Settings& settings, Changes& changes)
    : settings_(settings), changes_(changes), reserved_(reserved_namespace(settings)) {}

bool NamespaceUnits::put(const k8s::Namespace& object) {
  NamespaceFacts facts{object.meta.name, object.meta.uid, {}};
  if (facts.name == reserved_)
    facts.problems.push_back(
        {"NamespaceReserved", "the project of the Namespace would be " + settings_.default_project +
                                  ", which all clusters share, so the controller creates no objects for the Namespace; "
                                  "use another Namespace, or configure another default-project"});
  auto& known = namespaces_[facts.name];
  if (known == facts) return false;
  known = std::move(facts);
  changes_.add(UnitKind::ns, object.meta.name);
  return true;
}

bool NamespaceUnits::drop(std::string_view name) {
  const auto found = namespaces_.find(name);
  if (found == namespaces_.end()) return false;
  namespaces_.erase(found);
  changes_.add(UnitKind::ns, name);
  return true;
}

bool NamespaceUnits::refuse(const std::string& name, bool refused) {
  return refused ? refused_.insert(name).second : refused_.erase(name) > 0;
}

std::vector<PackedText> NamespaceUnits::keys() const {
  std::vector<PackedText> out;
  for (const auto& [name, facts] : namespaces_) out.push_back(name);
  return out;
}

}  // namespace knm
