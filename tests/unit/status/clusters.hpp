#pragma once

#include <nlohmann/json.hpp>

#include "tests/support/world.hpp"

// Applications of other shapes than guestbook, and worlds in trouble, for the state and the report.
namespace knm::test {

// Two namespaces: `shop` with a tier of two Services, a tier without a Service, partial and unmet uses, a headless
// Service and an address from outside; `tools` with one Pod without any label.
void apply_shop(World& world);

// `tiers` tiers in namespace `mesh`, each of which uses the next two; each with `pods` Pods and a Service.
void apply_mesh(World& world, int tiers, int pods);

// The config API does not answer from now on.
void take_down(World& world);
// It refuses to make what is named `last name`, by HTTP 500 and a page of garbage.
void refuse(World& world, const std::string& last_name);

// Settings of demo_settings() with another range for pods.
Settings with_private_range(const std::string& cidr);

// The state as the demo's controller serves it, read back.
nlohmann::ordered_json state_json(World& world);

}  // namespace knm::test
