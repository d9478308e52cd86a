#pragma once

#include <cstdint>
#include <string_view>

#include "controller/plan/next.hpp"

namespace knm {

// The progress of an entry. Every value except settled is out of sync.
enum class Progress : std::uint8_t {
  settled,      // in sync
  in_flight,    // a request is in flight
  due,          // the next request is sent as soon as there is room
  waiting,      // another entry must exist, or be deleted, first
  backing_off,  // the last attempt failed; the next one is later
  conflict,     // a foreign object has the name
  held,         // its deletion is held
};
inline constexpr int progress_count = 7;

std::string_view name(Progress progress);  // "in flight"

// Whether an entry concerns this cluster: it is desired, owned and to be deleted, or being verified.
bool is_ours(const Entry& entry);

// The progress of an entry whose next step this is.
Progress progress_of(const Entry& entry, const Action& action);

// The present progress of an entry, from next() alone, regardless of delays.
Progress progress_of(const Table& table, SlotId id);

}  // namespace knm
