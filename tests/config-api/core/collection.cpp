#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include "tests/config-api/core/body.hpp"
#include "tests/config-api/core/write.hpp"

namespace standin {
namespace {

using nlohmann::json;
using Kind = PropertyInfo::Kind;

/// The entries of a map or list property, to be changed one by one.
struct Entries {
  const PropertyInfo* property;
  json list = json::array();
};

json entries_of(const Object& object, const PropertyInfo& property) {
  const std::string* text = object.property(property.name);
  return text != nullptr ? json::parse(*text).at(property.member) : json::array();
}

std::string key_of(const json& entry) {
  const std::string* key = text_of(entry, "key");
  return key != nullptr ? *key : "";
}

std::optional<Refusal> update_map(json& entries, const std::string& operation, const json& update) {
  if (operation == "set") {
    if (text_of(update.value("value", json()), "key") == nullptr) return Refusal{400, "Bad Request, value without key"};
    entries.push_back(update["value"]);  // the last of duplicates wins when it is stored
    return std::nullopt;
  }
  if (operation == "delete") {
    const std::string* position = text_of(update, "position");
    if (position == nullptr) return Refusal{400, "Bad Request, delete needs a position"};
    const auto gone =
        std::remove_if(entries.begin(), entries.end(), [&](const json& entry) { return key_of(entry) == *position; });
    entries.erase(gone, entries.end());
    return std::nullopt;
  }
  return Refusal{400, "Bad Request, operation " + operation + " is not one of set, delete"};
}

/// A position in a list is its index, as text.
std::optional<std::size_t> index_of(const json& update) {
  const std::string* text = text_of(update, "position");
  std::size_t index = 0;
  if (text == nullptr || std::from_chars(text->data(), text->data() + text->size(), index).ec != std::errc()) {
    return std::nullopt;
  }
  return index;
}

std::optional<Refusal> update_list(json& entries, const std::string& operation, const json& update) {
  if (operation == "add") {
    if (!update.contains("value")) return Refusal{400, "Bad Request, add needs a value"};
    entries.push_back(update["value"]);
    return std::nullopt;
  }
  const auto index = index_of(update);
  if (operation != "modify" && operation != "delete") {
    return Refusal{400, "Bad Request, operation " + operation + " is not one of add, modify, delete"};
  }
  if (!index) return Refusal{400, "Bad Request, " + operation + " needs a position"};
  if (*index >= entries.size()) return std::nullopt;
  if (operation == "delete") {
    entries.erase(*index);
  } else {
    entries[*index] = update.value("value", json());
  }
  return std::nullopt;
}

std::optional<Refusal> update_entries(Entries& entries, const json& update) {
  const std::string* operation = text_of(update, "operation");
  if (operation == nullptr) return Refusal{400, "Bad Request, an update without operation"};
  return entries.property->kind == Kind::map ? update_map(entries.list, *operation, update)
                                             : update_list(entries.list, *operation, update);
}

/// The entries of the property that the update names, those of earlier updates of the same request included.
Outcome<Entries*> entries_for(const Object& object, const json& update, std::vector<Entries>& changed) {
  const std::string* field = text_of(update, "field");
  const PropertyInfo* property = field != nullptr ? info(object.type).property(*field) : nullptr;
  if (property == nullptr || property->kind == Kind::plain) {
    return Refusal{400, "Bad Request, only map and list properties can be updated: " + update.dump()};
  }
  const auto known = std::ranges::find(changed, property, &Entries::property);
  if (known != changed.end()) return &*known;
  changed.push_back({property, entries_of(object, *property)});
  return &changed.back();
}

}  // namespace

std::optional<Refusal> update_collection(Database& database, const json& body) {
  const std::string* given = text_of(body, "uuid");
  const auto updates = body.find("updates");
  if (given == nullptr || updates == body.end() || !updates->is_array()) {
    return Refusal{400, "Bad Request, uuid and updates must be specified"};
  }
  const auto uuid = parse_uuid(*given);
  const Object* known = uuid ? database.find_any(*uuid) : nullptr;
  Object* object = known != nullptr ? database.find(known->type, *uuid) : nullptr;
  if (object == nullptr) return Refusal{404, "No object with uuid " + *given};

  std::vector<Entries> changed;
  for (const json& update : *updates) {
    auto entries = entries_for(*object, update, changed);
    if (!entries) return entries.error();
    if (auto refusal = update_entries(**entries, update)) return refusal;
  }
  for (const Entries& entries : changed) {
    const json value{{entries.property->member, entries.list}};
    if (auto fault = find_fault(entries.property->shape, value, entries.property->name)) return Refusal{400, *fault};
    if (auto stored = stored_form(*entries.property, value)) {
      object->set_property(*entries.property, std::move(*stored));
    } else {
      object->clear_property(*entries.property);
    }
  }
  database.touch(object->uuid);
  database.note(Change::Kind::update, *object);
  return std::nullopt;
}

}  // namespace standin
