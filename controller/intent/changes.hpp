#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "controller/base/text_map.hpp"
#include "controller/intent/facts.hpp"

namespace knm {

// Which facts changed since the last settle(), and for the changes that are frequent and small, what exactly: the
// layers above then pay for that part alone.
//
// The class of a unit reports each change of its facts here. A general report (add(), add_service()) outweighs the
// narrow ones of the same unit, whichever comes first.
class Changes {
 public:
  // A settle() begins: forgets what was exact about the one before.
  void begin();
  // Anything of the unit may have changed.
  void add(UnitKind kind, std::string_view key);
  // A pod tier came to use a service tier or an external network, or ceased to; nothing else of it changed.
  void add_user(const Unit& unit, const TierKey& pod_tier);
  // Of a Pod nothing changed that its objects in the config API follow from.
  void add_with_same_objects(const ObjectKey& pod);
  // Anything of the Service may have changed.
  void add_service(const ObjectKey& service);
  // These backends of the Service came or went; nothing else of it changed.
  void add_backends(const ObjectKey& service, const std::vector<ObjectKey>& pods);
  // The settle() ends: the units that were reported since the last end, each once, lower kinds first.
  std::vector<Unit> take();

  bool empty() const { return changed_.empty(); }
  // The four below are about the last settle(); Intent documents them.
  std::uint64_t round() const { return round_; }
  bool has_same_objects(const ObjectKey& pod) const { return same_objects_before_.contains(pod); }
  const std::set<TierKey>* moved_users(const Unit& unit) const;
  const std::vector<ObjectKey>* moved_backends(std::string_view service) const;

 private:
  std::set<Unit> changed_;
  std::map<Unit, std::set<TierKey>> moved_users_;
  TextMap<std::vector<ObjectKey>> moved_backends_;
  std::set<ObjectKey> whole_services_;                      // reported by add_service()
  std::set<ObjectKey> same_objects_, same_objects_before_;  // Pods of this settle(), and of the last one
  std::uint64_t round_ = 0;
};

}  // namespace knm
