#pragma once

#include <vector>

#include "controller/plan/entry.hpp"

namespace knm {

// What a reading of a config object shows of all that an entry stores.
struct Content {
  Provenance provenance;
  FieldDigests items;
  std::vector<contrail::Rule> foreign_rules;
  std::vector<contrail::IpamReference> foreign_ipams;
};

// Whether the entry exists and is known to be so.
bool is_known_as(const Entry& entry, const Content& content);

}  // namespace knm
