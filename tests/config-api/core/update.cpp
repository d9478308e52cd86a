#include <nlohmann/json.hpp>

#include "tests/config-api/core/allocation.hpp"
#include "tests/config-api/core/body.hpp"
#include "tests/config-api/core/policy.hpp"
#include "tests/config-api/core/references.hpp"
#include "tests/config-api/core/write.hpp"

namespace standin {
namespace {

using nlohmann::json;

Refusal not_found(const std::string& what) { return {404, "No " + what}; }

/// New references of one type, and what they make of a network's subnets.
struct ReferenceChange {
  TypeIndex target;
  std::vector<Reference> references;
  std::optional<std::vector<Subnet>> subnets;
};

Outcome<ReferenceChange> plan_change(Database& database, const Object& object, TypeIndex target,
                                     std::vector<Reference> references) {
  ReferenceChange change{target, std::move(references), std::nullopt};
  if (object.type == kVirtualNetwork && target == kNetworkIpam) {
    auto subnets = plan_subnets(database, &object, change.references);
    if (!subnets) return subnets.error();
    change.subnets = std::move(*subnets);
  }
  return change;
}

void apply(Database& database, Object& object, ReferenceChange change) {
  if (change.subnets) database.subnets[object.uuid] = std::move(*change.subnets);
  database.set_references(object, change.target, std::move(change.references));
}

/// 500 that wipes: null for a map or list property.
std::optional<Refusal> wipe_nulls(Database& database, Object& object, const json& body) {
  for (const PropertyInfo& property : info(object.type).properties) {
    const auto given = body.find(property.name);
    if (property.kind == PropertyInfo::Kind::plain || given == body.end() || !given->is_null()) continue;
    object.clear_property(property);
    database.touch(object.uuid);
    database.note(Change::Kind::update, object);
    return Refusal{500, "AttributeError: NoneType has no attribute get: " + property.name};
  }
  return std::nullopt;
}

/// An instance-ip keeps its address; a floating-ip may be given any, and nothing is reserved or given back for it.
std::optional<Refusal> check_address_kept(const Object& object, const json& body) {
  if (object.type != kInstanceIp || !body.contains("instance_ip_address")) return std::nullopt;
  const std::string* present = object.property("instance_ip_address");
  if (present != nullptr && *present == body["instance_ip_address"].dump()) return std::nullopt;
  return Refusal{400, "Instance IP Address can not be changed"};
}

Outcome<std::vector<ReferenceChange>> plan_changes(Database& database, const Object& object, const json& body) {
  std::vector<ReferenceChange> changes;
  for (const ReferenceInfo& reference : info(object.type).references) {
    const auto given = body.find(reference.field);
    if (given == body.end()) continue;
    auto references = read_references(database, reference, *given, Decides::uuid);
    if (!references) return references.error();
    auto change = plan_change(database, object, reference.target, std::move(*references));
    if (!change) return change.error();
    changes.push_back(std::move(*change));
  }
  return changes;
}

Outcome<Uuid> reference_target(const Database& database, TypeIndex type, const json& body) {
  if (const std::string* given = text_of(body, "ref-uuid")) {
    const auto uuid = parse_uuid(*given);
    if (!uuid) return not_found("object with uuid " + *given);
    return *uuid;
  }
  const auto name = body.find("ref-fq-name");
  const auto fq_name = name != body.end() ? read_texts(*name) : std::nullopt;
  if (!fq_name) return Refusal{400, "Bad Request, ref-uuid or ref-fq-name must be specified"};
  const Object* target = database.find(type, *fq_name);
  if (target == nullptr) return not_found(info(type).name + " named " + name->dump());
  return target->uuid;
}

/// What a ref-update names, found.
struct ReferenceUpdate {
  Object* object;
  const ReferenceInfo* reference;
  Uuid target;
  bool add;
};

Outcome<ReferenceUpdate> read_reference_update(Database& database, const json& body) {
  for (const char* name : {"type", "uuid", "ref-type", "operation"}) {
    if (text_of(body, name) == nullptr) return Refusal{400, std::string("Bad Request, ") + name + " must be specified"};
  }
  const std::string& operation = *text_of(body, "operation");
  if (operation != "ADD" && operation != "DELETE") return Refusal{400, "Bad Request, operation " + operation};
  const auto type = find_type(*text_of(body, "type"));
  const auto ref_type = find_type(*text_of(body, "ref-type"));
  if (!type || !ref_type) return not_found("such type");
  const ReferenceInfo* reference = info(*type).reference(*ref_type);
  if (reference == nullptr) return Refusal{400, info(*type).name + " has no references to " + info(*ref_type).name};
  const auto uuid = parse_uuid(*text_of(body, "uuid"));
  Object* object = uuid ? database.find(*type, *uuid) : nullptr;
  if (object == nullptr) return not_found("object with uuid " + *text_of(body, "uuid"));
  const auto target = reference_target(database, *ref_type, body);
  if (!target) return target.error();
  return ReferenceUpdate{object, reference, *target, operation == "ADD"};
}

}  // namespace

std::optional<Refusal> update_object(Database& database, TypeIndex type, const Uuid& uuid, json body) {
  Object* object = database.find(type, uuid);
  if (object == nullptr) return not_found(info(type).name + " " + to_text(uuid));
  if (auto refusal = check_properties(info(type), body)) return refusal;
  if (auto refusal = check_address_kept(*object, body)) return refusal;
  if (body.contains("network_policy_entries")) {
    if (auto refusal = complete_rules(body["network_policy_entries"], database.uuids)) return refusal;
  }
  auto changes = plan_changes(database, *object, body);
  if (!changes) return changes.error();
  if (auto refusal = wipe_nulls(database, *object, body)) return refusal;

  for (const PropertyInfo& property : info(type).properties) {
    const auto given = body.find(property.name);
    if (given == body.end()) continue;
    if (auto stored = stored_form(property, *given)) {
      object->set_property(property, std::move(*stored));
    } else {
      object->clear_property(property);
    }
  }
  for (ReferenceChange& change : *changes) apply(database, *object, std::move(change));
  database.touch(uuid);
  database.note(Change::Kind::update, *object);
  return std::nullopt;
}

Outcome<const Object*> update_reference(Database& database, const json& body) {
  auto update = read_reference_update(database, body);
  if (!update) return update.error();
  Object& object = *update->object;
  const TypeIndex target_type = update->reference->target;
  std::vector<Reference> references = object.references_to(target_type);
  if (update->add) {
    if (database.find(target_type, update->target) == nullptr)
      return not_found("object with uuid " + to_text(update->target));
    const auto attr = body.find("attr");
    Reference reference{target_type, update->target};
    if (update->reference->attr && attr != body.end()) {
      if (auto refusal = check_attr(*update->reference, *attr)) return *refusal;
      reference.attr = attr->dump();
    }
    add_or_replace(references, std::move(reference));
  } else {
    std::erase_if(references, [&](const Reference& reference) { return reference.target == update->target; });
  }
  auto change = plan_change(database, object, target_type, std::move(references));
  if (!change) return change.error();
  apply(database, object, std::move(*change));
  database.note(Change::Kind::update, object);
  return &std::as_const(object);
}

}  // namespace standin
