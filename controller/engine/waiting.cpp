#include "controller/engine/waiting.hpp"

#include <vector>

#include "controller/plan/standing.hpp"

namespace knm {
namespace {

// It goes as soon as nothing holds it any longer, or makes room for its successor.
bool makes_room(const Entry& entry) {
  if (entry.home != Home::config || !entry.exists || entry.stays) return false;
  return entry.wanted ? !is_in_place(entry) && !is_somebody_elses(entry) : entry.ownership == Ownership::ours;
}

bool keeps_others(const Table& table, const Entry& entry) {
  if (entry.home != Home::config || !entry.exists) return false;
  if (entry.hold != Hold::none) return entry.hold != Hold::undecided;
  return !entry.wanted && entry.ownership != Ownership::ours && !is_leftover(table, entry);
}

}  // namespace

std::map<SlotId, SlotId> kept_waiting(const Table& table) {
  std::map<SlotId, SlotId> out;
  std::vector<bool> seen(table.size());
  std::vector<std::pair<SlotId, SlotId>> open;  // what is kept, and by what in the end
  for (SlotId id = 0; id < table.size(); ++id) {
    if (!keeps_others(table, table[id])) continue;
    if (table[id].wanted && makes_room(table[id])) out.emplace(id, id);
    for (const auto other : table[id].holds) open.emplace_back(other, id);
  }
  while (!open.empty()) {
    const auto [id, culprit] = open.back();
    open.pop_back();
    if (seen[id] || !makes_room(table[id])) continue;
    seen[id] = true;
    if (table[id].wanted) out.emplace(id, culprit);
    for (const auto other : table[id].holds) open.emplace_back(other, culprit);
  }
  return out;
}

}  // namespace knm
