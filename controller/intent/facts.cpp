#include "controller/intent/facts.hpp"

#include <utility>

namespace knm {

const Reach& ServiceFacts::reached(contrail::Family family) const { return reach[static_cast<std::size_t>(family)]; }

bool ServiceTierFacts::open() const {
  if (users.empty()) return false;
  if (!external.empty()) return true;
  return addressed || headless_backends.size() > 1 ||
         (headless_backends.size() == 1 && (users.size() > 1 || *users.begin() != *headless_backends.begin()));
}

NameList ServiceFacts::all_backends() const {
  const auto& [first, second] = reach;
  if (second.pods.empty()) return first.pods;
  std::vector<ObjectName> all(first.pods.begin(), first.pods.end());
  all.insert(all.end(), second.pods.begin(), second.pods.end());
  return all;
}

}  // namespace knm
