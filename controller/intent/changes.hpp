#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "controller/base/text_map.hpp"
#include "controller/intent/facts.hpp"

namespace knm {

// Which facts changed since the last settle(), and for frequent small changes exactly what: so the layers above can
// handle that part alone.
//
// The class of a unit reports each change of its facts here. A general report (add(), add_service()) overrides the
// narrow ones of the same unit, in any order.
class Changes {
 public:
  // A settle() begins: forgets the narrow reports of the last one.
  void begin();
  // Anything of the unit may have changed.
  void add(UnitKind kind, std::string_view key);
  // Only one pod tier changed: it uses the service tier or external network from now on, or no longer.
  void add_user(const Unit& unit, const TierKey& pod_tier);
  // Nothing changed from which objects of the Pod in the config API follow.
  void add_with_same_objects(const ObjectKey& pod);
  // Anything of the Service may have changed.
  void add_service(const ObjectKey& service);
  // Only these backends of the Service were added or removed.
  void add_backends(const ObjectKey& service, const std::vector<ObjectKey>& pods);
  // The settle() ends: returns the units that were reported since the last end, each once, lower kinds first.
  std::vector<Unit> take();

  bool empty() const { return changed_.empty(); }
  // The next four refer to the last settle(); Intent documents them.
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
