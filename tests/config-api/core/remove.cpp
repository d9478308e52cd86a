#include <algorithm>

#include <nlohmann/json.hpp>

#include "tests/config-api/core/allocation.hpp"
#include "tests/config-api/core/write.hpp"

namespace standin {
namespace {

bool is_default_child(const Object& child) { return child.fq_name.back() == "default-" + info(child.type).name; }

std::vector<const Object*> all_children(const Database& database, const Object& object) {
  std::vector<const Object*> found;
  for (TypeIndex type = 0; type < kTypeCount; ++type) {
    const auto& parents = info(type).parents;
    if (std::ranges::find(parents, object.type) == parents.end()) continue;
    std::ranges::move(database.children(object.uuid, type), std::back_inserter(found));
  }
  return found;
}

}  // namespace

std::optional<Refusal> delete_object(Database& database, TypeIndex type, const Uuid& uuid) {
  const Object* object = database.find(type, uuid);
  if (object == nullptr) return Refusal{404, "No " + info(type).name + " " + to_text(uuid)};
  const auto children = all_children(database, *object);
  const auto blocking =
      std::ranges::find_if_not(children, [](const Object* child) { return is_default_child(*child); });
  if (blocking != children.end()) {
    return Refusal{409, "Delete when children still present: " + to_text((*blocking)->uuid)};
  }
  if (database.has_referrers(uuid)) return Refusal{409, "Delete when resource still referred: " + to_text(uuid)};

  if (type == kInstanceIp || type == kFloatingIp) release_address(database, *object);
  for (const Object* child : children) database.orphan(child->uuid);
  database.note(Change::Kind::deletion, *object);
  database.erase(uuid);
  return std::nullopt;
}

}  // namespace standin
