#pragma once

#include <map>

#include "controller/plan/table.hpp"

namespace knm {

// Of the wanted entries whose predecessors must go first and cannot: what keeps them, at the end of however long a
// chain. That is an entry that is held, or one of others. Costs as much as the table is long.
std::map<SlotId, SlotId> kept_waiting(const Table& table);

}  // namespace knm
