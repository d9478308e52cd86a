#pragma once

#include <map>

#include "controller/plan/table.hpp"

namespace knm {

inline constexpr std::uint32_t often_refused = 3;
// The server has refused it, or has failed to do it, several times in a row. Once may be chance.
bool is_refused(const Entry& entry);

// Of the wanted entries whose predecessors must go first and cannot: what keeps them, at the end of however long a
// chain. That is an entry that is held, is refused, or is of another owner. Costs as much as the table is long.
std::map<SlotId, SlotId> kept_waiting(const Table& table);
// The same of what `culprit` keeps, at the cost of as much.
std::map<SlotId, SlotId> kept_waiting(const Table& table, SlotId culprit);

}  // namespace knm
