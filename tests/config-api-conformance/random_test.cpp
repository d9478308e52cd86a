// Random valid and invalid requests: references and back references, parents and children, lists and counts must be
// consistent, and a saved state must equal the state.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tests/config-api-conformance/api_driver.hpp"

namespace conformance {
namespace {

using nlohmann::json;

/// How the test creates objects of one type.
struct Recipe {
  const char* type;
  const char* parent_type;  // null: none
  int levels;               // of its fq_name above the project: names repeat, so that requests collide
  std::vector<const char*> targets;
};

const std::vector<Recipe>& recipes() {
  static const std::vector<Recipe> all = {
      {"project", "domain", 1, {}},
      {"network-ipam", "project", 2, {}},
      {"network-policy", "project", 2, {}},
      {"virtual-network", "project", 2, {"network-policy", "network-ipam"}},
      {"floating-ip-pool", "virtual-network", 3, {}},
      {"floating-ip", "floating-ip-pool", 4, {"project", "virtual-machine-interface"}},
      {"virtual-machine", nullptr, 0, {}},
      {"virtual-machine-interface", "project", 2, {"virtual-network", "virtual-machine"}},
      {"instance-ip", nullptr, 0, {"virtual-network", "virtual-machine-interface"}},
  };
  return all;
}

std::string underscored(std::string type) {
  std::ranges::replace(type, '-', '_');
  return type;
}

class RandomRequests {
 public:
  explicit RandomRequests(unsigned seed) : random_(seed) {}

  /// One random request. @return its status
  int step() {
    const Recipe& recipe = recipes()[pick(recipes().size())];
    switch (pick(6)) {
      case 0:
      case 1:
      case 2:
        return create(recipe);
      case 3:
        return driver.send("DELETE", "/" + std::string(recipe.type) + "/" + some_uuid(recipe.type)).status;
      case 4:
        return put(recipe);
      default:
        return update_reference(recipe);
    }
  }

  ApiDriver driver;

 private:
  std::size_t pick(std::size_t count) { return random_() % count; }

  std::string some_name(const std::string& type) {
    // Sometimes the name that does not keep its parent from being deleted.
    return pick(12) == 0 ? "default-" + type : std::string(1, static_cast<char>('a' + pick(3)));
  }

  json some_fq_name(const Recipe& recipe) {
    if (recipe.levels == 0) return {some_name(recipe.type)};
    json name = {"default-domain"};
    for (int i = 1; i < recipe.levels; ++i) name.push_back(std::string(1, static_cast<char>('a' + pick(2))));
    name.push_back(some_name(recipe.type));
    return name;
  }

  std::string some_uuid(const std::string& type) {
    const json list = driver.get("/" + type + "s")[type + "s"];
    return list.empty() || pick(20) == 0 ? "c0ffee00-0000-4000-8000-000000000000"
                                         : list[pick(list.size())]["uuid"].get<std::string>();
  }

  json some_attr(const std::string& target) {
    if (target != "network-ipam") return nullptr;
    json subnets = json::array();
    for (std::size_t i = pick(3); i > 0; --i) {
      const std::string prefix = "10." + std::to_string(pick(2)) + ".0.0";
      subnets.push_back({{"subnet", {{"ip_prefix", prefix}, {"ip_prefix_len", 28 + pick(5)}}}});
    }
    return {{"ipam_subnets", subnets}};
  }

  json some_references(const std::string& target) {
    json references = json::array();
    for (std::size_t i = pick(3); i > 0; --i) {
      const json list = driver.get("/" + target + "s")[target + "s"];
      if (list.empty()) break;
      const json& row = list[pick(list.size())];
      json reference = {{"to", row["fq_name"]}, {"attr", some_attr(target)}};
      if (pick(4) == 0) reference["uuid"] = some_uuid(target);
      references.push_back(reference);
    }
    return references;
  }

  json some_object(const Recipe& recipe) {
    json object = json::object();
    for (const char* target : recipe.targets) {
      if (pick(4) != 0) object[underscored(target) + "_refs"] = some_references(target);
    }
    if (pick(3) == 0) object["display_name"] = some_name("x");
    if (pick(6) == 0) object["annotations"] = nullptr;
    if (pick(6) == 0) object["instance_ip_address"] = "10.0.0." + std::to_string(pick(16));
    if (pick(6) == 0) object["floating_ip_address"] = "10.0.0." + std::to_string(pick(16));
    return object;
  }

  int create(const Recipe& recipe) {
    json object = some_object(recipe);
    object["fq_name"] = some_fq_name(recipe);
    if (recipe.parent_type != nullptr) object["parent_type"] = recipe.parent_type;
    return driver.status("POST", "/" + std::string(recipe.type) + "s", {{recipe.type, object}});
  }

  int put(const Recipe& recipe) {
    return driver.status("PUT", "/" + std::string(recipe.type) + "/" + some_uuid(recipe.type),
                         {{recipe.type, some_object(recipe)}});
  }

  int update_reference(const Recipe& recipe) {
    if (recipe.targets.empty()) return 200;
    const std::string target = recipe.targets[pick(recipe.targets.size())];
    return driver.status("POST", "/ref-update",
                         {{"type", recipe.type},
                          {"uuid", some_uuid(recipe.type)},
                          {"ref-type", target},
                          {"ref-uuid", some_uuid(target)},
                          {"operation", pick(2) == 0 ? "ADD" : "DELETE"},
                          {"attr", some_attr(target)}});
  }

  std::mt19937 random_;
};

/// Reads all objects of a type one by one, as a client would.
json read_all(ApiDriver& driver, const std::string& type) {
  json objects = json::array();
  const json answer = driver.get("/" + type + "s?detail=true");
  for (const json& row : answer[type + "s"]) {
    const std::string uuid = row[type]["uuid"];
    objects.push_back(driver.get("/" + type + "/" + uuid)[type]);
  }
  return objects;
}

/// "referrer refers-to target" and "child below parent", as read from both ends.
struct Relations {
  std::multiset<std::string> from_below;
  std::multiset<std::string> from_above;
};

void collect(const std::string& uuid, const json& object, Relations& relations) {
  if (object.contains("parent_uuid"))
    relations.from_below.insert(uuid + " below " + object["parent_uuid"].get<std::string>());
  for (const auto& [name, value] : object.items()) {
    if (!value.is_array() || value.empty() || !value[0].is_object() || !value[0].contains("to")) continue;
    for (const json& neighbour : value) {
      const std::string other = neighbour["uuid"].get<std::string>();
      if (name.ends_with("_back_refs")) {
        relations.from_above.insert(other + " to " + uuid);
      } else if (name.ends_with("_refs")) {
        if (neighbour["to"] != json({"ERROR"})) relations.from_below.insert(uuid + " to " + other);
      } else {
        relations.from_above.insert(other + " below " + uuid);
      }
    }
  }
}

/// At most one end of an orphan's relations can be read, so they are left out.
void leave_out_orphans(const std::set<std::string>& reachable, Relations& relations) {
  const auto concerns_orphan = [&](const std::string& line) {
    return !reachable.contains(line.substr(0, 36)) || !reachable.contains(line.substr(line.size() - 36));
  };
  std::erase_if(relations.from_above, concerns_orphan);
  std::erase_if(relations.from_below, concerns_orphan);
}

/// @return the number of relations
std::size_t check_relations(ApiDriver& driver) {
  Relations relations;
  std::set<std::string> reachable;
  std::vector<std::string> types = {"domain"};
  for (const Recipe& recipe : recipes()) types.emplace_back(recipe.type);
  for (const std::string& type : types) {
    const json objects = read_all(driver, type);
    for (const json& object : objects) {
      reachable.insert(object["uuid"].get<std::string>());
      collect(object["uuid"], object, relations);
    }
  }
  leave_out_orphans(reachable, relations);
  EXPECT_EQ(relations.from_above, relations.from_below);
  return relations.from_above.size();
}

void check_counts(ApiDriver& driver) {
  for (const Recipe& recipe : recipes()) {
    const std::string type = recipe.type;
    const std::size_t rows = driver.get("/" + type + "s")[type + "s"].size();
    EXPECT_EQ(driver.get("/" + type + "s?count=true")[type + "s"]["count"], rows);
    EXPECT_EQ(driver.api.count(type), rows);
  }
}

TEST(RandomRequests, LeaveEverythingConsistent) {
  const std::set<int> known = {200, 400, 404, 409, 500};
  std::map<int, int> seen;
  std::size_t compared = 0;
  for (unsigned seed = 1; seed <= 30; ++seed) {
    RandomRequests requests(seed);
    for (int i = 0; i < 200; ++i) {
      const int status = requests.step();
      ++seen[status];
      ASSERT_TRUE(known.contains(status)) << status << " with seed " << seed;
    }
    compared += check_relations(requests.driver);
    check_counts(requests.driver);
    const standin::ConfigApi loaded = standin::ConfigApi::load(requests.driver.api.save());
    EXPECT_EQ(loaded.save(), requests.driver.api.save());
    ASSERT_FALSE(HasFailure()) << "with seed " << seed;
  }
  EXPECT_GT(compared, 600U) << "there must be something to compare";
  for (const int status : known) EXPECT_GT(seen[status], 10) << "the requests must be of every kind: " << status;
}

}  // namespace
}  // namespace conformance
