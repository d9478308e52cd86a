#pragma once

#include <string>

#include "controller/plan/table.hpp"

namespace knm {

// Which owned fields differ between the former and the present observed state, in the words of the config API:
// "virtual_machine_interface_refs: 1 went; floating_ip_traffic_direction: 1 changed". Empty: none differ.
std::string drift_between(const FieldDigests& before, const Entry& entry);

}  // namespace knm
