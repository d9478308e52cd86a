#pragma once

#include <optional>

#include <nlohmann/json_fwd.hpp>

#include "tests/config-api/core/refusal.hpp"
#include "tests/config-api/core/uuid.hpp"

namespace standin {

/// Checks the rules of network_policy_entries beyond their shape and gives each its rule_uuid where the client did not.
/// Without protocol 500, unknown protocol or no action_list 400, a rule that is there twice 409.
std::optional<Refusal> complete_rules(nlohmann::json& entries, UuidGenerator& uuids);

}  // namespace standin
