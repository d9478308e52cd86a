#pragma once

#include "controller/plan/table.hpp"

namespace knm {

// What the connections of a Pod still wait for, as the labels are now: a policy without its rule, or a network that a
// policy is not attached to; no_slot: nothing. What has failed, is in conflict or is held is not waited for.
SlotId awaited_connection(const Table& table, const Entry& pod_state);

}  // namespace knm
