#pragma once

#include <cstdint>

#include "controller/plan/table.hpp"

namespace knm {

// A number for an entry, or for a part of it (the key of a field digest), as the subject of a Pace. It stays the same
// when the entry is deleted and made again.
inline std::uint64_t thing_of(const Entry& entry, std::uint64_t part = 0) {
  auto out = name_hash(entry.type(), entry.name()) ^ (static_cast<std::uint64_t>(entry.target_api()) << 61);
  out ^= part + 0x9e3779b97f4a7c15 + (out << 6) + (out >> 2);
  return out;
}

}  // namespace knm
