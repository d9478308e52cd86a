#pragma once

#include <optional>

#include <nlohmann/json_fwd.hpp>

#include "tests/config-api/core/database.hpp"
#include "tests/config-api/core/refusal.hpp"

namespace standin {

/// POST /<type>s. A refused create leaves nothing behind.
Outcome<const Object*> create_object(Database& database, TypeIndex type, nlohmann::json body);

/// PUT /<type>/<uuid>: what is left out is kept, a property given is replaced whole. A refusal changes nothing, except
/// that null for a map or list property is a 500 that wipes it.
std::optional<Refusal> update_object(Database& database, TypeIndex type, const Uuid& uuid, nlohmann::json body);

/// DELETE /<type>/<uuid>. 409 while children or references to it remain; children named default-<type> do not count and
/// are orphaned.
std::optional<Refusal> delete_object(Database& database, TypeIndex type, const Uuid& uuid);

/// POST /ref-update: one reference added (or its attr replaced) or deleted. @return the object that refers
Outcome<const Object*> update_reference(Database& database, const nlohmann::json& body);

/// POST /prop-collection-update: single entries of map and list properties. @return nothing on success
std::optional<Refusal> update_collection(Database& database, const nlohmann::json& body);

}  // namespace standin
