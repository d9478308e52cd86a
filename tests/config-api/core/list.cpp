#include "tests/config-api/core/list.hpp"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "tests/config-api/core/json_text.hpp"
#include "tests/config-api/core/render.hpp"

namespace standin {
namespace {

using nlohmann::json;
using Objects = std::vector<const Object*>;

std::vector<Uuid> known_uuids(const std::vector<std::string>& texts) {
  std::vector<Uuid> uuids;
  for (const std::string& text : texts) {
    if (const auto uuid = parse_uuid(text)) uuids.push_back(*uuid);
  }
  return uuids;
}

/// The parents asked for that exist, by uuid and by name. None where the query does not ask for parents.
std::optional<std::vector<Uuid>> parents_of(const Database& database, const ListQuery& query) {
  if (!query.parents && !query.parent_fq_name) return std::nullopt;
  std::vector<Uuid> parents;
  for (const Uuid& uuid : known_uuids(query.parents.value_or(std::vector<std::string>()))) {
    const Object* parent = database.find_any(uuid);
    if (parent != nullptr) parents.push_back(uuid);
  }
  if (!query.parent_fq_name) return parents;
  const std::vector<std::string> name = split_list(*query.parent_fq_name, ':');
  for (const TypeIndex type : info(query.type).parents) {
    if (query.parent_type && find_type(*query.parent_type) != type) continue;
    if (const Object* parent = database.find(type, name)) parents.push_back(parent->uuid);
  }
  return parents;
}

Objects by_uuids(const Database& database, const ListQuery& query) {
  Objects found;
  for (const Uuid& uuid : known_uuids(*query.uuids)) {
    if (const Object* object = database.find(query.type, uuid)) found.push_back(object);
  }
  return found;
}

Objects by_names(const Database& database, const ListQuery& query) {
  Objects found;
  for (const std::string& name : *query.fq_names) {
    const auto named = database.names(query.type).find(name + ":");
    if (named != database.names(query.type).end()) found.push_back(database.find_any(named->second));
  }
  return found;
}

/// By uuid, each once though it may refer to several of the targets.
Objects by_references(const Database& database, const ListQuery& query) {
  Objects found;
  for (const Uuid& target : known_uuids(*query.back_refs)) {
    if (database.find_any(target) != nullptr)
      std::ranges::move(database.referrers(target, query.type), std::back_inserter(found));
  }
  std::ranges::sort(found, {}, [](const Object* object) { return object->uuid; });
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

Objects by_parents(const Database& database, const ListQuery& query, const std::vector<Uuid>& parents) {
  Objects found;
  for (const Uuid& parent : parents)
    std::ranges::move(database.children(parent, query.type), std::back_inserter(found));
  return found;
}

Objects all_after_marker(const Database& database, const ListQuery& query) {
  const auto& names = database.names(query.type);
  Objects found;
  for (auto at = names.upper_bound(query.page_marker.value_or("")); at != names.end(); ++at) {
    found.push_back(database.find_any(at->second));
    if (query.page_marker && query.filters.empty() && found.size() == query.page_limit) break;
  }
  return found;
}

/// The objects by the narrowest way that the query offers; what else it asks for is left to narrow().
Objects gather(const Database& database, const ListQuery& query, const std::optional<std::vector<Uuid>>& parents) {
  if (query.uuids) return by_uuids(database, query);
  if (query.fq_names) return by_names(database, query);
  if (query.back_refs) return by_references(database, query);
  if (parents) return by_parents(database, query, *parents);
  return all_after_marker(database, query);
}

bool matches(const Object& object, const std::pair<std::string, std::string>& filter) {
  const std::string* stored = object.property(filter.first);
  if (stored == nullptr) return false;
  const json wanted = json::parse(filter.second, nullptr, false);
  const json present = json::parse(*stored);
  return (!wanted.is_discarded() && present == wanted) || (present.is_string() && present == json(filter.second));
}

void narrow(const Database& database, const ListQuery& query, const std::optional<std::vector<Uuid>>& parents,
            Objects& objects) {
  if (parents) {
    const std::set<Uuid> wanted(parents->begin(), parents->end());
    std::erase_if(objects, [&](const Object* object) { return !wanted.contains(object->parent); });
  }
  if (query.back_refs && (query.uuids || query.fq_names)) {
    const Objects referring = by_references(database, query);
    std::erase_if(objects,
                  [&](const Object* object) { return std::ranges::find(referring, object) == referring.end(); });
  }
  for (const auto& filter : query.filters) {
    std::erase_if(objects, [&](const Object* object) { return !matches(*object, filter); });
  }
}

std::string marker_of(const Object& object) { return name_key(object.fq_name) + to_text(object.uuid); }

/// Cuts the page out. @return the marker of the next one, as JSON text
std::string cut_page(const ListQuery& query, Objects& objects) {
  std::ranges::sort(objects, {}, [](const Object* object) { return name_key(object->fq_name); });
  std::erase_if(objects, [&](const Object* object) { return marker_of(*object) <= *query.page_marker; });
  if (objects.size() > query.page_limit) objects.resize(query.page_limit);
  // A full page may be the last one: the real server does not look ahead, the next page is then empty.
  if (objects.size() < query.page_limit || objects.empty()) return "null";
  std::string marker;
  append_quoted(marker, marker_of(*objects.back()));
  return marker;
}

View view_of(const ListQuery& query, const std::string& base_url) {
  View view = query.detail ? view_of_all_fields(query.type) : view_of_fields(query.type, query.fields);
  if (query.detail) add_neighbours(view, query.type, query.fields);
  view.name = query.detail;
  if (query.hrefs) view.base_url = base_url;
  return view;
}

void append_list(std::string& out, const Database& database, const ListQuery& query, Objects objects,
                 const View& view) {
  ListText list(out);
  if (!query.detail && query.fields.empty()) {
    for (const Object* object : objects) append_row(list.element(), *object, view);
    return;
  }
  // Objects are read one by one here: orphans are not found. And nobody may rely on an order, so this one is of no use.
  std::erase_if(objects, [](const Object* object) { return object->orphaned; });
  std::ranges::reverse(objects);
  for (const Object* object : objects) {
    if (!query.detail) {
      append_object(list.element(), database, *object, view);
      continue;
    }
    ObjectText wrapper(list.element());
    append_object(wrapper.member(info(query.type).name), database, *object, view);
  }
}

Outcome<std::vector<std::pair<std::string, std::string>>> read_filters(const std::string& text) {
  std::vector<std::pair<std::string, std::string>> filters;
  for (const std::string& part : split_list(text)) {
    const auto equals = part.find("==");
    if (equals == std::string::npos) return Refusal{400, "Invalid filter: " + part};
    filters.emplace_back(part.substr(0, equals), part.substr(equals + 2));
  }
  return filters;
}

std::optional<std::vector<std::string>> list_value(const Target& target, const char* name) {
  const auto value = target.value(name);
  return value ? std::optional(split_list(*value)) : std::nullopt;
}

bool is_true(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text == "true";
}

/// Body members become query values: the two ways of asking are one from here on.
std::string as_query_value(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return value.dump();
  std::string joined;
  for (const json& element : value) {
    if (!joined.empty()) joined += ',';
    joined += as_query_value(element);
  }
  return joined;
}

}  // namespace

Outcome<ListQuery> read_list_query(TypeIndex type, const Target& target) {
  ListQuery query;
  query.type = type;
  query.parents = list_value(target, "parent_id");
  query.back_refs = list_value(target, "back_ref_id");
  query.uuids = list_value(target, "obj_uuids");
  query.fq_names = list_value(target, "fq_names");
  query.parent_fq_name = target.value("parent_fq_name_str");
  query.parent_type = target.value("parent_type");
  query.fields = list_value(target, "fields").value_or(std::vector<std::string>());
  query.count = is_true(target.value("count").value_or(""));
  query.detail = is_true(target.value("detail").value_or(""));
  query.hrefs = !target.has("exclude_hrefs");
  auto filters = read_filters(target.value("filters").value_or(""));
  if (!filters) return filters.error();
  query.filters = std::move(*filters);
  query.page_marker = target.value("page_marker");
  const std::string limit = target.value("page_limit").value_or("100");
  if (limit.empty() || limit.size() > 9 || limit.find_first_not_of("0123456789") != std::string::npos) {
    return Refusal{400, "Invalid page_limit: " + limit};
  }
  query.page_limit = std::stoul(limit);
  return query;
}

Outcome<ListQuery> read_bulk_query(const json& body) {
  const auto named = body.find("type");
  const auto type = named != body.end() && named->is_string() ? find_type(named->get<std::string>()) : std::nullopt;
  if (!type) return Refusal{404, "Resource type not found"};
  Target target;
  for (const auto& [name, value] : body.items()) {
    if (name != "type" && !value.is_null()) target.query.emplace_back(name, as_query_value(value));
  }
  return read_list_query(*type, target);
}

std::string list_objects(const Database& database, const ListQuery& query, const std::string& base_url) {
  const auto parents = parents_of(database, query);
  Objects objects = gather(database, query, parents);
  narrow(database, query, parents, objects);
  std::optional<std::string> marker;
  if (query.page_marker) marker = cut_page(query, objects);

  std::string out;
  {
    ObjectText answer(out);
    std::string& list = answer.member(info(query.type).collection);
    if (query.count) {
      list += R"({"count":)" + std::to_string(objects.size()) + "}";
    } else {
      append_list(list, database, query, std::move(objects), view_of(query, base_url));
    }
    if (marker) answer.raw("marker", *marker);
  }
  return out;
}

}  // namespace standin
