#include <algorithm>

#include <nlohmann/json.hpp>

#include "tests/config-api/core/allocation.hpp"
#include "tests/config-api/core/body.hpp"
#include "tests/config-api/core/policy.hpp"
#include "tests/config-api/core/references.hpp"
#include "tests/config-api/core/write.hpp"

namespace standin {
namespace {

using nlohmann::json;

/// What is to be stored once every check has passed.
struct Draft {
  Object object;
  std::vector<Subnet> subnets;  // of a virtual-network
};

Refusal without_parent_type(TypeIndex type) {
  // Measured: the real server stumbles over a network without it, and asks for it where there are several to choose
  // from.
  if (type == kVirtualNetwork) return {500, "KeyError: parent_type"};
  return {400, "Bad Request, parent_type is required for " + info(type).name};
}

/// Names, parent and uuid.
std::optional<Refusal> identify(Database& database, const json& body, Object& object) {
  const TypeInfo& type = info(object.type);
  auto uuid = read_uuid(body);
  if (!uuid) return uuid.error();
  auto fq_name = read_fq_name(body);
  if (!fq_name) return fq_name.error();
  object.fq_name = std::move(*fq_name);

  const std::string* given_parent = text_of(body, "parent_type");
  if (given_parent != nullptr && *given_parent == "config-root") given_parent = nullptr;
  std::optional<TypeIndex> parent_type;
  if (type.parents.empty()) {
    if (given_parent != nullptr) return Refusal{400, type.name + " has no parent of type " + *given_parent};
    if (object.fq_name.size() != 1) return Refusal{400, "fq_name of a " + type.name + " has exactly one element"};
  } else {
    if (given_parent == nullptr) return without_parent_type(object.type);
    parent_type = find_type(*given_parent);
    if (!parent_type || std::ranges::find(type.parents, *parent_type) == type.parents.end()) {
      return Refusal{400, "Invalid parent type: " + *given_parent};
    }
  }

  if (const Object* same = database.find(object.type, object.fq_name)) {
    return Refusal{409, json(object.fq_name).dump() + " already exists with uuid: " + to_text(same->uuid)};
  }
  object.uuid = *uuid ? **uuid : database.uuids.next();
  if (const Object* same = database.find_any(object.uuid)) {
    return Refusal{409, to_text(object.uuid) + " already exists with fq_name: " + json(same->fq_name).dump()};
  }
  if (!parent_type) return std::nullopt;
  const std::vector<std::string> parent_name(object.fq_name.begin(), object.fq_name.end() - 1);
  const Object* parent = database.find(*parent_type, parent_name);
  if (parent == nullptr || parent->orphaned) {
    return Refusal{object.type == kProject ? 400 : 404,
                   "Parent " + json(parent_name).dump() + " type " + info(*parent_type).name + " does not exist"};
  }
  object.parent = parent->uuid;
  object.parent_type = *parent_type;
  return std::nullopt;
}

std::optional<Refusal> refer(const Database& database, const json& body, Object& object) {
  for (const ReferenceInfo& reference : info(object.type).references) {
    const auto given = body.find(reference.field);
    if (given == body.end()) continue;
    auto references = read_references(database, reference, *given, Decides::name);
    if (!references) return references.error();
    std::ranges::move(*references, std::back_inserter(object.references));
  }
  return std::nullopt;
}

/// How many of the type count against the project's quota.
std::size_t quota_use(const Database& database, const Uuid& project, TypeIndex type) {
  if (type == kFloatingIp) return database.referrers(project, type).size();
  return database.children(project, type).size();
}

std::optional<Refusal> check_quota(const Database& database, const Object& object) {
  Uuid project = object.parent_type == kProject ? object.parent : Uuid{};
  if (object.type == kFloatingIp) {
    const Reference* reference = object.first_reference(kProject);
    if (reference != nullptr) project = reference->target;
  }
  const Object* owner = database.find(kProject, project);
  const std::string* text = owner != nullptr ? owner->property("quota") : nullptr;
  if (text == nullptr) return std::nullopt;
  const json quota = json::parse(*text);
  auto limit = quota.find(info(object.type).underscored);
  if (limit == quota.end() || limit->is_null()) limit = quota.find("defaults");
  if (limit == quota.end() || !limit->is_number_integer() || limit->get<long long>() < 0) return std::nullopt;
  if (quota_use(database, project, object.type) < static_cast<std::size_t>(limit->get<long long>())) {
    return std::nullopt;
  }
  return Refusal{412, "quota limit (" + limit->dump() + ") exceeded for resource " + info(object.type).underscored};
}

std::optional<Refusal> complete_network(Database& database, json& body, Draft& draft) {
  std::vector<Reference> ipams = draft.object.references_to(kNetworkIpam);
  auto subnets = plan_subnets(database, nullptr, ipams);
  if (!subnets) return subnets.error();
  draft.subnets = std::move(*subnets);
  std::erase_if(draft.object.references, [](const Reference& reference) { return reference.type == kNetworkIpam; });
  std::ranges::move(ipams, std::back_inserter(draft.object.references));
  body["virtual_network_network_id"] = database.next_network_number++;
  if (!body.contains("is_shared")) body["is_shared"] = false;
  return std::nullopt;
}

/// The MAC that the real server derives: 02 and the first five bytes of the uuid.
std::string derived_mac(const Uuid& uuid) {
  const std::string text = to_text(uuid);
  return "02:" + text.substr(0, 2) + ":" + text.substr(2, 2) + ":" + text.substr(4, 2) + ":" + text.substr(6, 2) + ":" +
         text.substr(9, 2);
}

std::optional<Refusal> complete_interface(json& body, const Object& object) {
  if (object.first_reference(kVirtualNetwork) == nullptr) return Refusal{500, "KeyError: virtual_network_refs"};
  json& macs = body["virtual_machine_interface_mac_addresses"];
  const auto given = macs.is_object() ? macs.find("mac_address") : macs.end();
  if (!macs.is_object() || given == macs.end() || given->empty()) {
    macs = {{"mac_address", {derived_mac(object.uuid)}}};
  }
  return std::nullopt;
}

std::optional<Refusal> complete_instance_ip(Database& database, json& body, const Object& object) {
  const Reference* network = object.first_reference(kVirtualNetwork);
  if (network == nullptr) return Refusal{400, "instance-ip needs a virtual_network_refs"};
  auto taken = take_instance_ip(database, network->target, body);
  if (!taken) return taken.error();
  body["instance_ip_address"] = taken->address;
  body["subnet_uuid"] = taken->subnet_uuid;
  return std::nullopt;
}

std::optional<Refusal> complete_floating_ip(Database& database, json& body, const Object& object) {
  const auto network = network_of_pool(database, object.parent);
  if (!network) return Refusal{404, "the floating-ip-pool has no network"};
  auto taken = take_floating_ip(database, *network, body);
  if (!taken) return taken.error();
  body["floating_ip_address"] = taken->address;
  return std::nullopt;
}

/// What each type adds. The last step that can fail: from an address taken on, the create succeeds.
std::optional<Refusal> complete(Database& database, json& body, Draft& draft) {
  switch (draft.object.type) {
    case kVirtualNetwork:
      return complete_network(database, body, draft);
    case kNetworkPolicy:
      return body.contains("network_policy_entries") ? complete_rules(body["network_policy_entries"], database.uuids)
                                                     : std::nullopt;
    case kVirtualMachineInterface:
      return complete_interface(body, draft.object);
    case kInstanceIp:
      return complete_instance_ip(database, body, draft.object);
    case kFloatingIp:
      return complete_floating_ip(database, body, draft.object);
    default:
      return std::nullopt;
  }
}

}  // namespace

Outcome<const Object*> create_object(Database& database, TypeIndex type, json body) {
  Draft draft;
  draft.object.type = type;
  if (auto refusal = check_properties(info(type), body)) return *refusal;
  if (auto refusal = identify(database, body, draft.object)) return *refusal;
  if (auto refusal = refer(database, body, draft.object)) return *refusal;
  if (auto refusal = check_quota(database, draft.object)) return *refusal;
  if (auto refusal = complete(database, body, draft)) return *refusal;

  if (!body.contains("display_name")) body["display_name"] = draft.object.fq_name.back();
  for (const PropertyInfo& property : info(type).properties) {
    const auto given = body.find(property.name);
    if (given == body.end()) continue;
    if (auto stored = stored_form(property, *given)) draft.object.set_property(property, std::move(*stored));
  }
  const Uuid uuid = draft.object.uuid;
  if (!draft.subnets.empty()) database.subnets[uuid] = std::move(draft.subnets);
  const Object& made = database.insert(std::move(draft.object));
  database.note(Change::Kind::creation, made);
  return &made;
}

}  // namespace standin
