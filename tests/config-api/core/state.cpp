#include "tests/config-api/core/state.hpp"

#include <algorithm>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "tests/config-api/core/json_text.hpp"
#include "tests/config-api/core/render.hpp"

namespace standin {
namespace {

using nlohmann::json;

constexpr const char* kFormat = "config-api state 1";

json save_taken(const Database& database, const Uuid& network) {
  json by_prefix = json::object();
  const auto subnets = database.subnets.find(network);
  if (subnets == database.subnets.end()) return by_prefix;
  for (const Subnet& subnet : subnets->second) {
    json intervals = json::array();
    for (const auto& [first, last] : subnet.taken.intervals()) {
      intervals.push_back(
          {to_text(Address{subnet.prefix.network.v6, first}), to_text(Address{subnet.prefix.network.v6, last})});
    }
    by_prefix[to_text(subnet.prefix)] = std::move(intervals);
  }
  return by_prefix;
}

json save_object(const Database& database, const Object& object) {
  json saved = {{"type", info(object.type).name}, {"uuid", to_text(object.uuid)}, {"fq_name", object.fq_name},
                {"created", object.created},      {"modified", object.modified},  {"orphaned", object.orphaned},
                {"properties", json::object()},   {"references", json::array()}};
  if (object.parent) {
    saved["parent"] = to_text(object.parent);
    saved["parent_type"] = info(object.parent_type).name;
  }
  for (const auto& [property, text] : object.properties) saved["properties"][property->name] = json::parse(text);
  for (const Reference& reference : object.references) {
    saved["references"].push_back({{"type", info(reference.type).name},
                                   {"uuid", to_text(reference.target)},
                                   {"attr", json::parse(reference.attr)}});
  }
  if (object.type == kVirtualNetwork) saved["taken"] = save_taken(database, object.uuid);
  return saved;
}

TypeIndex load_type(const json& name) {
  const auto type = find_type(name.get<std::string>());
  if (!type) throw std::runtime_error("unknown type " + name.dump());
  return *type;
}

Uuid load_uuid(const json& text) {
  const auto uuid = parse_uuid(text.get<std::string>());
  if (!uuid) throw std::runtime_error("badly formed uuid " + text.dump());
  return *uuid;
}

Number128 load_number(const json& text) {
  const auto address = parse_address(text.get<std::string>());
  if (!address) throw std::runtime_error("badly formed address " + text.dump());
  return address->value;
}

/// Subnets are what the references to ipams make of them; only what is taken is saved.
void load_subnets(Database& database, const Object& network, const json& taken) {
  std::vector<Subnet> subnets;
  for (const Reference& reference : network.references) {
    if (reference.type != kNetworkIpam) continue;
    json attr = json::parse(reference.attr);
    auto read = read_subnets(attr, database.uuids);
    if (!read) throw std::runtime_error("network " + to_text(network.uuid) + ": " + read.error().text);
    std::ranges::move(*read, std::back_inserter(subnets));
  }
  for (Subnet& subnet : subnets) {
    for (const json& interval : taken.value(to_text(subnet.prefix), json::array())) {
      const Number128 last = load_number(interval.at(1));
      for (Number128 number = load_number(interval.at(0)); number <= last; ++number) subnet.taken.insert(number);
    }
  }
  if (!subnets.empty()) database.subnets[network.uuid] = std::move(subnets);
}

void load_object(Database& database, const json& saved) {
  Object object;
  object.type = load_type(saved.at("type"));
  object.uuid = load_uuid(saved.at("uuid"));
  object.fq_name = saved.at("fq_name").get<std::vector<std::string>>();
  object.created = saved.at("created").get<std::uint64_t>();
  object.modified = saved.at("modified").get<std::uint64_t>();
  object.orphaned = saved.at("orphaned").get<bool>();
  if (saved.contains("parent")) {
    object.parent = load_uuid(saved.at("parent"));
    object.parent_type = load_type(saved.at("parent_type"));
  }
  for (const auto& [name, value] : saved.at("properties").items()) {
    const PropertyInfo* property = info(object.type).property(name);
    if (property == nullptr) throw std::runtime_error(info(object.type).name + " has no property " + name);
    object.set_property(*property, value.dump());
  }
  for (const json& reference : saved.at("references")) {
    object.references.push_back(
        {load_type(reference.at("type")), load_uuid(reference.at("uuid")), reference.at("attr").dump()});
  }
  const Object& restored = database.restore(std::move(object));
  if (restored.type == kVirtualNetwork) load_subnets(database, restored, saved.at("taken"));
}

}  // namespace

std::string save_database(const Database& database) {
  json saved = {{"format", kFormat},
                {"uuids", database.uuids.state()},
                {"clock", database.clock},
                {"next_network_number", database.next_network_number},
                {"objects", json::array()}};
  for (TypeIndex type = 0; type < kTypeCount; ++type) {
    for (const auto& [key, uuid] : database.names(type)) {
      saved["objects"].push_back(save_object(database, *database.find_any(uuid)));
    }
  }
  return saved.dump();
}

Database load_database(std::string_view text) {
  try {
    const json saved = json::parse(text);
    if (saved.at("format") != kFormat) throw std::runtime_error("its format is not \"" + std::string(kFormat) + "\"");
    Database database(saved.at("uuids").get<std::uint64_t>());
    for (const json& object : saved.at("objects")) load_object(database, object);
    database.clock = saved.at("clock").get<std::uint64_t>();
    database.next_network_number = saved.at("next_network_number").get<std::uint32_t>();
    return database;
  } catch (const json::exception& error) {
    throw std::runtime_error(std::string("not a saved state of the config API: ") + error.what());
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(std::string("not a saved state of the config API: ") + error.what());
  }
}

std::string dump_objects(const Database& database) {
  std::string out;
  {
    ObjectText types(out);
    for (TypeIndex type = 0; type < kTypeCount; ++type) {
      View view = view_of_all_fields(type);
      view.id_perms = view.perms2 = false;
      view.sorted_references = true;
      if (type == kVirtualNetwork) {
        const PropertyInfo* number = info(type).property("virtual_network_network_id");
        view.properties[static_cast<std::size_t>(number - info(type).properties.data())] = false;
      }
      ListText objects(types.member(info(type).name));
      for (const auto& [key, uuid] : database.names(type)) {
        append_object(objects.element(), database, *database.find_any(uuid), view);
      }
    }
  }
  return out;
}

}  // namespace standin
