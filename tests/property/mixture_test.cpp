#include "tests/property/checks.hpp"
#include "tests/support/other_client.hpp"

// A start with any mixture of leftovers, drift and objects of other clients: the result is the desired state, and
// objects of other clients do not change.
namespace knm::test {
namespace {

using nlohmann::json;

const std::string foreign = "foreign-";

std::string last_of(const std::string& fq_name) { return fq_name.substr(fq_name.rfind(':') + 1); }

class OtherClients {
 public:
  OtherClients(World& world, const Configuration& setup, std::uint64_t seed)
      : world_(world), setup_(setup), api_(world.api()), random_(seed) {}

  void change_objects() {
    const auto desired = expected(world_.cluster(), setup_.oracle);
    for (const auto& [ns, object] : world_.cluster().namespaces)
      if (has_owned_project(ns)) add_foreign_objects(project(ns));
    for (const auto* type : {"virtual-network", "network-policy", "floating-ip", "virtual-machine-interface"})
      for (const auto& name : api_.names(type)) {
        if (!is_owned(type, name)) continue;
        if (one_in(8)) api_.annotate(type, name, "team", "blue");
        // As an earlier program left it. An undesired unowned object is not the controller's and stays; so does a
        // public network.
        if (one_in(12) && std::string(type) == "virtual-network" && name != setup_.oracle.public_network &&
            desired.contains("virtual-network " + name) && (name.ends_with("addr-alloc") || is_in_owned_project(name)))
          remove_owner(type, name);
        if (one_in(12) && std::string(type) == "floating-ip") api_.put(type, name, {{"project_refs", json::array()}});
      }
    for (const auto& name : api_.names("floating-ip"))
      if (one_in(10)) api_.remove("floating-ip", name);
    if (api_.has("virtual-network", setup_.oracle.default_project + ":addr-alloc"))
      for (int i = 0; i < 3; ++i)
        api_.create("instance-ip",
                    {{"fq_name", {foreign + std::to_string(i)}},
                     {"virtual_network_refs", {{{"to", split_name(setup_.oracle.default_project + ":addr-alloc")}}}}});
  }

  // The objects of the other clients, as text.
  std::string picture() const {
    std::string out;
    const auto dump = json::parse(world_.api().dump());
    for (const auto& [type, objects] : dump.items())
      for (const auto& object : objects)
        if (last_of(joined(object["fq_name"])).starts_with(foreign)) out += object.dump() + "\n";
    return out;
  }

  // The owned networks that lost a policy of another client.
  std::vector<std::string> detached() const {
    std::vector<std::string> out;
    const auto dump = json::parse(world_.api().dump());
    for (const auto& [uuid, policy] : attached_)
      for (const auto& object : dump["virtual-network"])
        if (object["uuid"] == uuid && object.dump().find(policy) == std::string::npos)
          out.push_back(joined(object["fq_name"]));
    return out;
  }

 private:
  bool one_in(unsigned n) { return random_() % n == 0; }
  std::string project(const std::string& ns) const {
    const auto& cluster = setup_.oracle.cluster_name;
    return setup_.oracle.domain + ":" + (cluster.empty() ? "" : cluster + "_") + ns;
  }
  bool has_owned_project(const std::string& ns) const {
    return api_.has("project", project(ns)) && project(ns) != setup_.oracle.default_project &&
           api_.get("project", project(ns))["uuid"] == world_.cluster().namespaces.at(ns).meta.uid;
  }
  bool is_in_owned_project(const std::string& name) const {
    for (const auto& [ns, object] : world_.cluster().namespaces)
      if (name.starts_with(project(ns) + ":") && has_owned_project(ns)) return true;
    return false;
  }
  bool is_owned(const std::string& type, const std::string& name) const {
    return api_.get(type, name).dump().find("opencontrail.org/owner") != std::string::npos;
  }
  void remove_owner(const std::string& type, const std::string& name) {
    for (const auto* key : {"owner", "kind", "uid", "object"})
      api_.remove_annotation(type, name, std::string("opencontrail.org/") + key);
  }
  // Adds foreign objects to an owned project, and attaches a foreign policy to owned networks.
  void add_foreign_objects(const std::string& project) {
    const auto create = [&](const std::string& type) {
      api_.create(type, {{"fq_name", split_name(project + ":" + foreign + type)}, {"parent_type", "project"}});
    };
    create("virtual-network"), create("network-policy");
    const auto policy = project + ":" + foreign + "network-policy";
    for (const auto& name : api_.names("virtual-network"))
      if (name.starts_with(project + ":") && is_owned("virtual-network", name) && one_in(3)) {
        api_.reference("ADD", "virtual-network", name, "network-policy", policy,
                       {{"sequence", {{"major", 1}, {"minor", 0}}}});
        attached_.emplace_back(api_.get("virtual-network", name)["uuid"], last_of(policy));
      }
  }

  World& world_;
  const Configuration& setup_;
  OtherClient api_;
  std::mt19937_64 random_;
  std::vector<std::pair<std::string, std::string>> attached_;
};

TEST(Mixture, ReachesTheDesiredStateAndChangesNoForeignObject) {
  std::size_t changed = 0;
  for (const auto seed : seeds(100)) {
    SCOPED_TRACE(replay(seed));
    const auto setup = random_setup(seed);
    World world(setup.settings);
    RandomCluster cluster(world, setup, seed);
    std::mt19937_64 random(seed);
    for (int i = 0; i < 40; ++i) cluster.step();
    world.start(seed);
    for (auto requests = random() % 400; requests > 0; --requests) world.step();
    world.crash();
    for (auto changes = random() % 30; changes > 0; --changes) cluster.step();

    OtherClients others(world, setup, seed);
    others.change_objects();
    const auto before = others.picture();
    changed += !before.empty();
    world.start(seed + 1);
    ASSERT_TRUE(converges(world));
    ASSERT_TRUE(is_as_desired(world, setup));
    ASSERT_TRUE(audits_and_restart_write_nothing(world));
    EXPECT_EQ(others.picture(), before);
    EXPECT_EQ(others.detached(), std::vector<std::string>{});
  }
  EXPECT_GT(changed, seeds(100).size() / 2);
}

}  // namespace
}  // namespace knm::test
