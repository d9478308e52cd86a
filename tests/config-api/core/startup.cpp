#include "tests/config-api/core/router.hpp"

namespace standin {
namespace {

/// Objects made at start have no display_name and no properties but a network's.
Uuid add(Database& database, TypeIndex type, std::vector<std::string> fq_name, const Object* parent) {
  Object object;
  object.type = type;
  object.uuid = database.uuids.next();
  object.fq_name = std::move(fq_name);
  if (parent != nullptr) {
    object.parent = parent->uuid;
    object.parent_type = parent->type;
  }
  if (type == kVirtualNetwork) {
    object.set_property(*info(type).property("virtual_network_network_id"),
                        std::to_string(database.next_network_number++));
    object.set_property(*info(type).property("is_shared"), "false");
  }
  return database.insert(std::move(object)).uuid;
}

}  // namespace

Database first_database(std::uint64_t seed) {
  Database database(seed);
  const Uuid domain = add(database, kDomain, {"default-domain"}, nullptr);
  const Uuid project =
      add(database, kProject, {"default-domain", "default-project"}, std::as_const(database).find(kDomain, domain));
  const Object* parent = std::as_const(database).find(kProject, project);
  for (const char* name : {"default-virtual-network", "ip-fabric", "__link_local__", "dci-network"}) {
    add(database, kVirtualNetwork, {"default-domain", "default-project", name}, parent);
  }
  for (const char* name : {"default-network-ipam", "service-chain-flat-ipam"}) {
    add(database, kNetworkIpam, {"default-domain", "default-project", name}, parent);
  }
  return database;
}

}  // namespace standin
