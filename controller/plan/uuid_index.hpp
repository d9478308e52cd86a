#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "contrail-client/uuid.hpp"

namespace knm {

// Slots by a uuid that is stored in the slot itself: an open-addressed table of slot ids, four bytes a cell. It forgets
// nothing by itself: a slot that has another uuid since, or none, is passed over by a search and left out when the
// index is built again.
class UuidIndex {
 public:
  using Slot = std::uint32_t;
  static constexpr Slot none = ~Slot{0};

  bool empty() const { return cells_.empty(); }
  // Whether insert() needs a new index first.
  bool is_full() const { return (filled_ + 1) * 8 > cells_.size() * 7; }
  // Forgets all; has room for `slots` of them and some more.
  void reset(std::size_t slots) {
    constexpr std::size_t least = 1024;
    cells_.assign(std::bit_ceil(std::max(least, slots + slots / 2)), none);
    filled_ = 0;
  }
  // Not if is_full().
  void insert(const contrail::Uuid& uuid, Slot slot) {
    auto at = first(uuid);
    for (; cells_[at] != none; at = next(at))
      if (cells_[at] == slot) return;
    cells_[at] = slot;
    ++filled_;
  }
  // Calls `visit` with each slot that may have this uuid, until it returns true.
  void search(const contrail::Uuid& uuid, const auto& visit) const {
    if (cells_.empty()) return;
    for (auto at = first(uuid); cells_[at] != none; at = next(at))
      if (visit(cells_[at])) return;
  }

 private:
  std::size_t first(const contrail::Uuid& uuid) const {
    return std::hash<contrail::Uuid>{}(uuid) & (cells_.size() - 1);
  }
  std::size_t next(std::size_t at) const { return (at + 1) & (cells_.size() - 1); }

  std::vector<Slot> cells_;
  std::size_t filled_ = 0;
};

}  // namespace knm
