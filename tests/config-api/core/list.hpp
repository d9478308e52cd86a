#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "tests/config-api/core/database.hpp"
#include "tests/config-api/core/refusal.hpp"
#include "tests/config-api/core/target.hpp"

namespace standin {

/// What a list asks for, by GET /<type>s or POST /list-bulk-collection.
struct ListQuery {
  TypeIndex type = 0;
  std::optional<std::vector<std::string>> parents;    // uuids
  std::optional<std::vector<std::string>> back_refs;  // uuids that the objects refer to
  std::optional<std::vector<std::string>> uuids;
  std::optional<std::vector<std::string>> fq_names;  // joined by colons
  std::optional<std::string> parent_fq_name;         // joined by colons
  std::optional<std::string> parent_type;
  std::vector<std::string> fields;
  std::vector<std::pair<std::string, std::string>> filters;  // property, value as text or JSON
  bool count = false;
  bool detail = false;
  bool hrefs = true;
  std::optional<std::string> page_marker;  // set: the list is paged
  std::size_t page_limit = 0;
};

/// 400 for a page limit or filter that is none.
Outcome<ListQuery> read_list_query(TypeIndex type, const Target& target);
/// 404 without a known type.
Outcome<ListQuery> read_bulk_query(const nlohmann::json& body);

/// The whole answer as JSON text.
std::string list_objects(const Database& database, const ListQuery& query, const std::string& base_url);

}  // namespace standin
