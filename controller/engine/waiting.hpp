#pragma once

#include <map>

#include "controller/plan/table.hpp"

namespace knm {

inline constexpr std::uint32_t often_refused = 3;
// The server has refused it, or has failed to do it, several times in a row. A single failure may be chance.
bool is_refused(const Entry& entry);

// The desired entries that wait for the deletion of a predecessor, each with the entry that blocks it at the end of a
// chain of any length: one that is held, refused or foreign. Linear in the number of slots.
std::map<SlotId, SlotId> kept_waiting(const Table& table);
// The same for the entries that `culprit` blocks; linear in their number.
std::map<SlotId, SlotId> kept_waiting(const Table& table, SlotId culprit);

}  // namespace knm
