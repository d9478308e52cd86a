#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "controller/base/keys.hpp"

// Functions on records that the classes of all kinds of units share.
namespace knm {

// Whether a key is in a Namespace; always true if none is given.
inline bool is_in(std::optional<std::string_view> ns, std::string_view key) { return !ns || ns_of(key) == *ns; }

// The keys of the records with an existing unit, in no order.
template <class Map>
std::vector<PackedText> keys_with_facts(const Map& records, std::optional<std::string_view> ns) {
  std::vector<PackedText> out;
  for (const auto& [key, record] : records)
    if (record.facts && is_in(ns, key)) out.emplace_back(key);
  return out;
}

// The facts of a unit; null: it does not exist.
template <class Map>
auto* facts_in(const Map& records, std::string_view key) {
  const auto found = records.find(key);
  return found != records.end() && found->second.facts ? &*found->second.facts : nullptr;
}

}  // namespace knm
