#pragma once

#include <nlohmann/json.hpp>

#include "tests/support/world.hpp"

// Applications of other shapes than guestbook, and Worlds with failures, for the state and the report.
namespace knm::test {

// Two Namespaces: `shop` with a tier of two Services, a tier without a Service, partial and unmet uses, a headless
// Service and a public address; `tools` with one Pod without any label.
void apply_shop(World& world);

// `tiers` tiers in the Namespace `mesh`, each with `pods` Pods and a Service; each tier uses the next two.
void apply_mesh(World& world, int tiers, int pods);

// From now on the config API does not answer.
void take_down(World& world);
// The config API refuses to create objects with this last name, with HTTP 500 and invalid text.
void refuse(World& world, const std::string& last_name);

// demo_settings() with another range for Pods.
Settings with_private_range(const std::string& cidr);

// The parsed state that the controller of the demo serves.
nlohmann::ordered_json state_json(World& world);

}  // namespace knm::test
