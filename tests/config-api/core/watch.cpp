#include "tests/config-api/core/watch.hpp"

#include <algorithm>

#include "tests/config-api/core/json_text.hpp"

namespace standin {
namespace {

std::string event(std::string_view name, const std::string& data) {
  return "event: " + std::string(name) + "\ndata: " + data + "\n\n";
}

View view_of(const Target& target, TypeIndex type) {
  const auto fields = target.value(info(type).underscored + "_fields");
  return fields ? view_of_fields(type, split_list(*fields)) : view_of_all_fields(type);
}

/// What is left of an object: the event about its deletion has only the uuid. Any other event finds that its object is
/// gone when it is sent, and has nulls.
std::string deletion(const Change& change, TypeIndex type, bool with_nulls) {
  std::string out;
  {
    ObjectText wrapper(out);
    ObjectText text(wrapper.member(info(type).name));
    text.text("uuid", change.uuid);
    if (with_nulls) {
      for (const char* member : {"fq_name", "parent_type", "parent_uuid"}) text.raw(member, "null");
    }
  }
  return event("delete", out);
}

}  // namespace

Outcome<WatchQuery> read_watch_query(const Target& target) {
  const auto types = target.value("resource_type");
  if (!types) return Refusal{400, "resource_type required in request"};
  WatchQuery query;
  for (const std::string& name : split_list(*types)) {
    const auto type = find_type(name);
    if (!type) return Refusal{404, "Invalid Contrail resource type:'" + name + "'"};
    query.types.push_back({*type, view_of(target, *type)});
  }
  if (query.types.empty()) return Refusal{404, "Invalid Contrail resource type:''"};
  return query;
}

std::string init_event(const Database& database, const WatchQuery::Watched& watched) {
  std::string out;
  {
    ObjectText answer(out);
    ListText list(answer.member(info(watched.type).collection));
    for (const auto& [name, uuid] : database.names(watched.type)) {
      const Object* object = database.find(watched.type, uuid);
      if (object == nullptr) continue;
      ObjectText wrapper(list.element());
      append_object(wrapper.member(info(watched.type).name), database, *object, watched.view);
    }
  }
  return event("init", out);
}

std::string change_event(const Database& database, const WatchQuery& query, const Change& change) {
  const auto type = find_type(change.type);
  const auto watched = std::ranges::find_if(query.types, [&](const auto& one) { return one.type == type; });
  if (!type || watched == query.types.end()) return "";
  const auto uuid = parse_uuid(change.uuid);
  const bool is_deletion = change.kind == Change::Kind::deletion;
  const Object* object = is_deletion || !uuid ? nullptr : database.find(*type, *uuid);
  if (object == nullptr) return deletion(change, *type, !is_deletion);
  View view = watched->view;
  view.null_parent = true;
  std::string out;
  {
    ObjectText wrapper(out);
    append_object(wrapper.member(info(*type).name), database, *object, view);
  }
  return event(change.kind == Change::Kind::creation ? "create" : "update", out);
}

}  // namespace standin
