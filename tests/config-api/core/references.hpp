#pragma once

#include <optional>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "tests/config-api/core/database.hpp"
#include "tests/config-api/core/refusal.hpp"

namespace standin {

/// What counts in a reference that has both: on create the name, on PUT the uuid.
enum class Decides { name, uuid };

/// Reads `<x>_refs` of a body; null is an empty list. A target given twice is there once, the last one counts.
/// By name: a missing target is 400, or 500 where a uuid was given with it; a uuid alone is 500.
/// By uuid: a uuid is taken unchecked, so that the reference may dangle; `to` alone is looked up, 400 when missing.
Outcome<std::vector<Reference>> read_references(const Database& database, const ReferenceInfo& info,
                                                const nlohmann::json& list, Decides decides);

/// 400 where attr is not of the reference's shape.
std::optional<Refusal> check_attr(const ReferenceInfo& info, const nlohmann::json& attr);

/// Adds it, or puts it in place of the one to the same target.
void add_or_replace(std::vector<Reference>& references, Reference reference);

/// A list of texts, as fq_names are given; none where it is something else.
std::optional<std::vector<std::string>> read_texts(const nlohmann::json& value);

}  // namespace standin
