#include <gtest/gtest.h>

#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"

// A change causes only the necessary writes, and without changes nothing is written.
namespace knm::test {
namespace {

using nlohmann::json;

class Touch : public testing::Test {
 protected:
  Touch() {
    Guestbook::apply_all(world_);
    world_.start();
    EXPECT_TRUE(converges(world_));
    world_.clear_log();
  }

  void settle() {
    ASSERT_TRUE(converges(world_));
    ASSERT_TRUE(is_as_desired(world_, setup_));
  }

  // The number of writes by method and target, without ids and bodies.
  std::map<std::string, int> written() const {
    std::map<std::string, int> out;
    for (const auto& exchange : world_.log()) {
      if (!exchange.is_write()) continue;
      const auto& target = exchange.request.target;
      ++out[exchange.request.method + " " + target.substr(0, target.find('/', 1))];
    }
    return out;
  }

  Configuration setup_ = demo_setup();
  World world_{setup_.settings};
  OtherClient other_{world_.api()};
  const std::string address_ = "default-domain:gb:service-guestbook:service-guestbook:guestbook";
};

TEST_F(Touch, ANewPodOfATierCreatesItsObjectsAndChangesNoOther) {
  const auto before = json::parse(world_.api().dump());
  world_.apply(make_pod("gb", "guestbook-3", "guestbook", {.uses = "redis-master,redis-slave"}));
  settle();
  const std::map<std::string, int> own{
      {"POST /instance-ips", 2}, {"POST /virtual-machine-interfaces", 1}, {"POST /virtual-machines", 1}};
  EXPECT_EQ(written(), own);
  EXPECT_EQ(world_.patches(), 1U);
  const auto after = json::parse(world_.api().dump());
  for (const auto& [type, objects] : before.items())
    for (const auto& object : objects)
      EXPECT_NE(std::find(after[type].begin(), after[type].end(), object), after[type].end()) << object["fq_name"];
}

TEST_F(Touch, ANewBackendIsOneReferenceOfEachAddress) {
  auto pods = Guestbook::guestbook();
  pods.push_back(make_pod("gb", "guestbook-3", "guestbook", {.uses = "redis-master,redis-slave"}));
  world_.apply(pods.back());
  settle();
  world_.clear_log();
  const auto uuid = other_.get("floating-ip", address_)["uuid"];
  world_.apply(Guestbook::front(pods));
  settle();
  EXPECT_EQ(written(), (std::map<std::string, int>{{"POST /ref-update", 2}}));
  EXPECT_EQ(other_.get("floating-ip", address_)["uuid"], uuid);
}

TEST_F(Touch, ManyChangedBackendsAreWrittenOnceAndNoAddressIsRecreated) {
  const auto uuid = other_.get("floating-ip", address_)["uuid"];
  world_.apply(Guestbook::front(Guestbook::guestbook(), {"guestbook-0", "guestbook-1"}));
  settle();
  EXPECT_EQ(written(), (std::map<std::string, int>{{"PUT /floating-ip", 2}}));
  EXPECT_EQ(other_.get("floating-ip", address_)["uuid"], uuid);
}

// All objects of the API server arrive again, as after a broken watch.
void resync(World& world) {
  const auto cluster = world.cluster();
  for (const auto& [key, object] : cluster.namespaces) world.apply(object);
  for (const auto& [key, object] : cluster.services) world.apply(object);
  for (const auto& [key, object] : cluster.pods) world.apply(object);
  for (const auto& [key, object] : cluster.slices) world.apply(object);
}

TEST_F(Touch, NothingIsWrittenInSyncAndDeletedObjectsReturn) {
  const auto check_that_nothing_is_written = [&] {
    world_.clear_log();
    for (int i = 0; i < 10; ++i) {
      resync(world_);
      ASSERT_TRUE(world_.audit());
      settle();
    }
    EXPECT_EQ(world_.writes() + world_.patches(), 0U) << testing::PrintToString(world_.write_list());
  };
  check_that_nothing_is_written();
  const auto there = json::parse(world_.api().dump());
  std::size_t types = 0;
  for (const auto& [type, objects] : there.items()) {
    const auto owned = std::find_if(objects.begin(), objects.end(), [](const json& object) {
      return object.contains("annotations") &&
             object["annotations"].dump().find("opencontrail.org/owner") != std::string::npos;
    });
    if (owned == objects.end()) continue;
    SCOPED_TRACE(type);
    ++types;
    world_.clear_log();
    const auto removed = other_.remove_with_dependents(type, joined((*owned)["fq_name"]));
    ASSERT_TRUE(world_.audit());
    settle();
    EXPECT_EQ(world_.writes(), removed) << testing::PrintToString(world_.write_list());
    check_that_nothing_is_written();
  }
  EXPECT_EQ(types, 8U);
}

}  // namespace
}  // namespace knm::test
