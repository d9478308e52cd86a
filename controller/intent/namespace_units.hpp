#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/text_map.hpp"
#include "controller/config/settings.hpp"
#include "controller/intent/changes.hpp"
#include "controller/intent/facts.hpp"
#include "k8sclient/api/objects.hpp"

namespace knm {

// The Namespaces, and which of them are served: a Namespace without its own project gets nothing.
class NamespaceUnits {
 public:
  // Retains references to both.
  NamespaceUnits(const Settings& settings, Changes& changes);

  // Each returns whether anything changed.
  bool put(const k8s::Namespace& object);
  bool drop(std::string_view name);
  // Whether its project is foreign.
  bool refuse(const std::string& name, bool refused);

  // Whether a Namespace of this name, existing or not, may have a project.
  bool is_served(std::string_view name) const { return name != reserved_ && !refused_.contains(name); }
  const std::set<std::string, std::less<>>& refused() const { return refused_; }
  // Null: there is none.
  const NamespaceFacts* find(std::string_view name) const { return find_or_null(namespaces_, name); }
  PackedText shared_key(std::string_view name) const { return key_in(namespaces_, name); }
  // In no order.
  std::vector<PackedText> keys() const;

 private:
  const Settings& settings_;
  Changes& changes_;
  std::string reserved_;  // the Namespace whose project would be the default one; empty: none
  std::set<std::string, std::less<>> refused_;
  TextMap<NamespaceFacts> namespaces_;
};

}  // namespace knm
