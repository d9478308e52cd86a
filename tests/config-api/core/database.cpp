#include "tests/config-api/core/database.hpp"

#include <algorithm>

namespace standin {

const std::string* Object::property(std::string_view name) const {
  const auto found = std::ranges::find_if(properties, [&](const auto& entry) { return entry.first->name == name; });
  return found == properties.end() ? nullptr : &found->second;
}

void Object::set_property(const PropertyInfo& property, std::string json_text) {
  const auto found = std::ranges::lower_bound(properties, &property, std::ranges::less(),
                                              [](const auto& entry) { return entry.first; });
  if (found != properties.end() && found->first == &property) {
    found->second = std::move(json_text);
  } else {
    properties.emplace(found, &property, std::move(json_text));
  }
}

void Object::clear_property(const PropertyInfo& property) {
  std::erase_if(properties, [&](const auto& entry) { return entry.first == &property; });
}

const Reference* Object::first_reference(TypeIndex target_type) const {
  const auto found = std::ranges::find(references, target_type, &Reference::type);
  return found == references.end() ? nullptr : &*found;
}

std::vector<Reference> Object::references_to(TypeIndex target_type) const {
  std::vector<Reference> found;
  std::ranges::copy_if(references, std::back_inserter(found),
                       [&](const Reference& reference) { return reference.type == target_type; });
  return found;
}

std::string name_key(const std::vector<std::string>& fq_name) {
  std::string key;
  for (const std::string& element : fq_name) key.append(element).append(":");
  return key;
}

const Object* Database::find_any(const Uuid& uuid) const {
  const auto found = objects_.find(uuid);
  return found == objects_.end() ? nullptr : &found->second;
}

const Object* Database::find(TypeIndex type, const Uuid& uuid) const {
  const Object* object = find_any(uuid);
  return object != nullptr && object->type == type && !object->orphaned ? object : nullptr;
}

Object* Database::find(TypeIndex type, const Uuid& uuid) {
  return const_cast<Object*>(std::as_const(*this).find(type, uuid));
}

const Object* Database::find(TypeIndex type, const std::vector<std::string>& fq_name) const {
  const auto found = names_[type].find(name_key(fq_name));
  return found == names_[type].end() ? nullptr : find_any(found->second);
}

std::vector<const Object*> Database::children(const Uuid& parent, TypeIndex type) const {
  std::vector<const Object*> found;
  for (auto at = children_.lower_bound({parent, type, 0, Uuid{}}); at != children_.end(); ++at) {
    if (std::get<0>(*at) != parent || std::get<1>(*at) != type) break;
    found.push_back(find_any(std::get<3>(*at)));
  }
  return found;
}

std::vector<const Object*> Database::referrers(const Uuid& target, TypeIndex type) const {
  std::vector<const Object*> found;
  for (auto at = referrers_.lower_bound({target, type, Uuid{}}); at != referrers_.end(); ++at) {
    if (std::get<0>(*at) != target || std::get<1>(*at) != type) break;
    found.push_back(find_any(std::get<2>(*at)));
  }
  return found;
}

bool Database::has_referrers(const Uuid& target) const {
  const auto at = referrers_.lower_bound({target, 0, Uuid{}});
  return at != referrers_.end() && std::get<0>(*at) == target;
}

Object& Database::insert(Object object) {
  object.created = object.modified = ++clock;
  if (object.parent) touch(object.parent);
  touch_targets(object);
  return restore(std::move(object));
}

Object& Database::restore(Object object) {
  names_[object.type][name_key(object.fq_name)] = object.uuid;
  if (object.parent) children_.emplace(object.parent, object.type, object.created, object.uuid);
  index_references(object);
  return objects_[object.uuid] = std::move(object);
}

void Database::erase(const Uuid& uuid) {
  const auto found = objects_.find(uuid);
  if (found == objects_.end()) return;
  const Object& object = found->second;
  names_[object.type].erase(name_key(object.fq_name));
  if (object.parent) {
    children_.erase({object.parent, object.type, object.created, uuid});
    touch(object.parent);
  }
  unindex_references(object);
  touch_targets(object);
  subnets.erase(uuid);
  objects_.erase(found);
}

void Database::set_references(Object& object, TypeIndex target_type, std::vector<Reference> references) {
  unindex_references(object);
  touch_targets(object);
  std::erase_if(object.references, [&](const Reference& reference) { return reference.type == target_type; });
  std::ranges::move(references, std::back_inserter(object.references));
  index_references(object);
  touch_targets(object);
  touch(object.uuid);
}

void Database::note(Change::Kind kind, const Object& object) {
  // The create of these two types is followed by an update of the server itself, and a project's deletion is preceded
  // by one.
  const bool twice =
      object.type == kProject || (object.type == kVirtualMachineInterface && kind == Change::Kind::creation);
  const Change change{kind, info(object.type).name, to_text(object.uuid)};
  const Change update{Change::Kind::update, change.type, change.uuid};
  if (kind == Change::Kind::deletion && twice) changes.push_back(update);
  changes.push_back(change);
  if (kind == Change::Kind::creation && twice) changes.push_back(update);
}

void Database::touch(const Uuid& uuid) {
  const auto found = objects_.find(uuid);
  if (found != objects_.end()) found->second.modified = ++clock;
}

void Database::orphan(const Uuid& uuid) {
  const auto found = objects_.find(uuid);
  if (found != objects_.end()) found->second.orphaned = true;
}

void Database::index_references(const Object& object) {
  for (const Reference& reference : object.references) {
    referrers_.emplace(reference.target, object.type, object.uuid);
  }
}

void Database::unindex_references(const Object& object) {
  for (const Reference& reference : object.references) {
    referrers_.erase({reference.target, object.type, object.uuid});
  }
}

void Database::touch_targets(const Object& object) {
  for (const Reference& reference : object.references) touch(reference.target);
}

}  // namespace standin
