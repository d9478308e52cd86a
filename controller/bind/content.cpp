#include "controller/bind/content.hpp"

#include <algorithm>

namespace knm {

bool is_known_as(const Entry& entry, const Content& content) {
  const auto& shown = content.provenance;
  return entry.exists() && entry.uuid() == shown.ids.uuid && entry.identity() == shown.ids.identity &&
         entry.ownership() == shown.ownership && entry.is_of_former_cluster() == shown.of_former_cluster &&
         entry.observed() == content.items && std::ranges::equal(entry.cold().foreign_rules, content.foreign_rules) &&
         std::ranges::equal(entry.cold().foreign_ipams, content.foreign_ipams);
}

}  // namespace knm
