#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "tests/config-api/core/refusal.hpp"
#include "tests/config-api/core/schema.hpp"
#include "tests/config-api/core/uuid.hpp"

namespace standin {

/// The body of an action: a JSON object, else 500 as on the real server.
Outcome<nlohmann::json> read_body(const std::string& body);

/// The object inside {"<wrapper>": {...}}; anything else is 500.
Outcome<nlohmann::json> read_wrapped(const std::string& body, const std::string& wrapper);

/// 400 where a property has a wrong type, a value out of range or an unknown nested field. Unknown properties pass:
/// the caller drops them when it stores the object.
std::optional<Refusal> check_properties(const TypeInfo& type, const nlohmann::json& body);

/// How a property is kept and read back, as JSON text: maps sorted, the last of duplicate keys winning. Nothing: it
/// reads back as absent.
std::optional<std::string> stored_form(const PropertyInfo& property, const nlohmann::json& value);

/// The member "fq_name". 400 where it is no list of at least one name, or where a name has a colon or a control
/// character.
Outcome<std::vector<std::string>> read_fq_name(const nlohmann::json& body);

/// The member "uuid", none where it is absent or null. 400 where it is not in the dashed lower-case form, 500 where it
/// is no uuid at all.
Outcome<std::optional<Uuid>> read_uuid(const nlohmann::json& body);

/// A member that is text; null where it is absent or something else.
const std::string* text_of(const nlohmann::json& object, const char* name);

}  // namespace standin
