#pragma once

#include <string>

#include "controller/plan/table.hpp"

namespace knm {

// Which of the fields that are ours differ between what an entry had and what it has, in the words of the config API:
// "virtual_machine_interface_refs: 1 went; floating_ip_traffic_direction: 1 changed". Empty where none does.
std::string drift_between(const FieldDigests& before, const Entry& entry);

}  // namespace knm
