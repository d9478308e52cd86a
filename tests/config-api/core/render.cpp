#include "tests/config-api/core/render.hpp"

#include <algorithm>
#include <cstdio>

#include "tests/config-api/core/json_text.hpp"

namespace standin {
namespace {

bool names(const std::vector<std::string>& fields, std::string_view name) {
  return std::ranges::find(fields, name) != fields.end();
}

bool has_child_type(TypeIndex type, TypeIndex child) {
  const auto& parents = info(child).parents;
  return std::ranges::find(parents, type) != parents.end();
}

bool has_referrer_type(TypeIndex type, TypeIndex referrer) { return info(referrer).reference(type) != nullptr; }

/// A tick of the database's clock as a time: the stand-in knows no other.
std::string timestamp(std::uint64_t tick) {
  char text[40];
  const std::uint64_t seconds = tick / 1000000;
  std::snprintf(text, sizeof text, "2024-03-01T%02u:%02u:%02u.%06u", static_cast<unsigned>(seconds / 3600 % 24),
                static_cast<unsigned>(seconds / 60 % 60), static_cast<unsigned>(seconds % 60),
                static_cast<unsigned>(tick % 1000000));
  return text;
}

void append_id_perms(std::string& out, const Object& object) {
  ObjectText perms(out);
  perms.raw("enable", "true");
  perms.text("created", timestamp(object.created));
  perms.text("last_modified", timestamp(object.modified));
  perms.raw("creator", "null");
  perms.raw("description", "null");
  perms.raw("user_visible", "true");
  perms.raw("uuid", R"({"uuid_mslong":)" + std::to_string(object.uuid.high) + R"(,"uuid_lslong":)" +
                        std::to_string(object.uuid.low) + "}");
  perms.raw(
      "permissions",
      R"({"owner":"cloud-admin","owner_access":7,"group":"cloud-admin-group","group_access":7,"other_access":7})");
}

/// One entry of `<x>_refs`, `<x>_back_refs` or a list of children.
struct Neighbour {
  TypeIndex type;
  Uuid uuid;
  const Object* object;     // null: the reference dangles
  const std::string* attr;  // null: a child, which has none
};

void append_neighbour(std::string& out, const Neighbour& neighbour, const View& view) {
  ObjectText entry(out);
  if (neighbour.object != nullptr) {
    append_quoted(entry.member("to"), neighbour.object->fq_name);
  } else {
    entry.raw("to", R"(["ERROR"])");
  }
  if (neighbour.attr != nullptr) entry.raw("attr", *neighbour.attr);
  entry.text("uuid", to_text(neighbour.uuid));
  if (view.reference_hrefs && !view.base_url.empty()) {
    entry.text("href", href_of(view.base_url, neighbour.type, neighbour.uuid));
  }
}

void append_neighbours(ObjectText& object, std::string_view name, const std::vector<Neighbour>& neighbours,
                       const View& view) {
  if (neighbours.empty()) return;
  ListText list(object.member(name));
  for (const Neighbour& neighbour : neighbours) append_neighbour(list.element(), neighbour, view);
}

std::vector<Neighbour> targets(const Database& database, const Object& object, TypeIndex type) {
  std::vector<Neighbour> found;
  for (const Reference& reference : object.references) {
    if (reference.type != type) continue;
    found.push_back({type, reference.target, database.find_any(reference.target), &reference.attr});
  }
  return found;
}

std::vector<Neighbour> referrers(const Database& database, const Object& object, TypeIndex type) {
  std::vector<Neighbour> found;
  for (const Object* referrer : database.referrers(object.uuid, type)) {
    const auto reference = std::ranges::find(referrer->references, object.uuid, &Reference::target);
    found.push_back({type, referrer->uuid, referrer, &reference->attr});
  }
  return found;
}

std::vector<Neighbour> children(const Database& database, const Object& object, TypeIndex type) {
  std::vector<Neighbour> found;
  for (const Object* child : database.children(object.uuid, type)) found.push_back({type, child->uuid, child, nullptr});
  return found;
}

void append_identity(ObjectText& text, const Object& object, const View& view) {
  text.text("uuid", to_text(object.uuid));
  append_quoted(text.member("fq_name"), object.fq_name);
  if (view.name) text.text("name", object.fq_name.back());
  if (view.href && !view.base_url.empty()) text.text("href", href_of(view.base_url, object.type, object.uuid));
  if (!object.parent) {
    if (view.null_parent) {
      text.raw("parent_type", "null");
      text.raw("parent_uuid", "null");
    }
    return;
  }
  text.text("parent_type", info(object.parent_type).name);
  text.text("parent_uuid", to_text(object.parent));
  if (view.parent_href && !view.base_url.empty()) {
    text.text("parent_href", href_of(view.base_url, object.parent_type, object.parent));
  }
}

}  // namespace

std::string href_of(const std::string& base_url, TypeIndex type, const Uuid& uuid) {
  return base_url + "/" + info(type).name + "/" + to_text(uuid);
}

View view_of_all_fields(TypeIndex type) {
  View view;
  view.id_perms = view.perms2 = true;
  view.properties.assign(info(type).properties.size(), true);
  view.references.assign(info(type).references.size(), true);
  return view;
}

View view_of_fields(TypeIndex type, const std::vector<std::string>& fields) {
  View view;
  view.id_perms = names(fields, "id_perms");
  view.perms2 = names(fields, "perms2");
  for (const PropertyInfo& property : info(type).properties) view.properties.push_back(names(fields, property.name));
  for (const ReferenceInfo& reference : info(type).references)
    view.references.push_back(names(fields, reference.field));
  add_neighbours(view, type, fields);
  return view;
}

void add_neighbours(View& view, TypeIndex type, const std::vector<std::string>& fields) {
  for (TypeIndex other = 0; other < kTypeCount; ++other) {
    if (has_child_type(type, other) && names(fields, info(other).children_field)) view.children.push_back(other);
    if (has_referrer_type(type, other) && names(fields, info(other).back_field)) view.referrers.push_back(other);
  }
}

void add_all_children(View& view, TypeIndex type) {
  for (TypeIndex other = 0; other < kTypeCount; ++other) {
    if (has_child_type(type, other)) view.children.push_back(other);
  }
}

void add_all_referrers(View& view, TypeIndex type) {
  for (TypeIndex other = 0; other < kTypeCount; ++other) {
    if (has_referrer_type(type, other)) view.referrers.push_back(other);
  }
}

void append_row(std::string& out, const Object& object, const View& view) {
  ObjectText text(out);
  text.text("uuid", to_text(object.uuid));
  append_quoted(text.member("fq_name"), object.fq_name);
  if (view.href && !view.base_url.empty()) text.text("href", href_of(view.base_url, object.type, object.uuid));
}

void append_object(std::string& out, const Database& database, const Object& object, const View& view) {
  const TypeInfo& type = info(object.type);
  ObjectText text(out);
  append_identity(text, object, view);
  if (view.id_perms) append_id_perms(text.member("id_perms"), object);
  if (view.perms2) text.raw("perms2", R"({"owner":"cloud-admin","owner_access":7,"global_access":0,"share":[]})");
  for (const auto& [property, value] : object.properties) {
    if (view.properties[static_cast<std::size_t>(property - type.properties.data())]) text.raw(property->name, value);
  }
  for (std::size_t i = 0; i < type.references.size(); ++i) {
    if (!view.references[i]) continue;
    std::vector<Neighbour> neighbours = targets(database, object, type.references[i].target);
    if (view.sorted_references) std::ranges::sort(neighbours, {}, &Neighbour::uuid);
    append_neighbours(text, type.references[i].field, neighbours, view);
  }
  for (const TypeIndex child : view.children) {
    append_neighbours(text, info(child).children_field, children(database, object, child), view);
  }
  for (const TypeIndex referrer : view.referrers) {
    append_neighbours(text, info(referrer).back_field, referrers(database, object, referrer), view);
  }
}

}  // namespace standin
