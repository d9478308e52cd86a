#include <cstdlib>

#include "tests/property/checks.hpp"
#include "tests/support/other_client.hpp"

namespace knm::test {
namespace {

using nlohmann::json;

// Another owner has the project of the Namespace `b`: foreign, or unowned with another uuid.
void take_project(World& world, Configuration& setup, bool with_owner) {
  const auto name = (setup.oracle.cluster_name.empty() ? "" : setup.oracle.cluster_name + "_") + "b";
  json fields{{"fq_name", {setup.oracle.domain, name}}, {"parent_type", "domain"}};
  if (with_owner)
    fields["annotations"] = {{"key_value_pair", {{{"key", "opencontrail.org/owner"}, {"value", "west/1"}}}}};
  OtherClient(world.api()).create("project", fields);
  setup.oracle.foreign_projects.insert("b");
}

// Whatever happens in the Namespace, the controller creates nothing for it and serves all other Namespaces.
TEST(ForeignProjects, OnlyTheOtherNamespacesAreServed) {
  std::size_t reported = 0;
  for (const auto seed : seeds(60)) {
    SCOPED_TRACE(replay(seed));
    auto setup = random_setup(seed);
    World world(setup.settings);
    take_project(world, setup, seed % 2 == 0);
    RandomCluster cluster(world, setup, seed);
    std::mt19937_64 random(seed);
    for (auto steps = random() % 30; steps > 0; --steps) cluster.step();
    world.start(seed);
    world.disorder(seed);
    for (int i = 0; i < 60; ++i) {
      cluster.step();
      for (auto requests = random() % 24; requests > 0; --requests) world.step();
      if (random() % 30 == 0) world.audit();
      if (random() % 30 == 0) world.restart(random());
    }
    ASSERT_TRUE(converges(world));
    ASSERT_TRUE(is_as_desired(world, setup));
    for (const auto& exchange : world.log())
      if (exchange.is_write() && exchange.status == 200)
        ASSERT_EQ(exchange.request.body.find("\"b/"), std::string::npos) << exchange.request.body;
    const bool there = world.cluster().namespaces.contains("b");
    const auto& pages = world.engine().problems().pages();
    EXPECT_EQ(pages.contains({SubjectKind::ns, "b"}), there);
    reported += there;
    ASSERT_TRUE(audits_and_restart_write_nothing(world));
    EXPECT_EQ(world.engine().problems().pages().contains({SubjectKind::ns, "b"}), there);
  }
  // A single repeated seed may have no such Namespace in the end.
  if (std::getenv("KNM_SEED") == nullptr) EXPECT_GT(reported, 0U);
}

}  // namespace
}  // namespace knm::test
