#include <gtest/gtest.h>

#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"

// A cluster with the same name and another kube-system: a former cluster that this one replaces, or a duplicate cluster
// name.
namespace knm::test {
namespace {

using nlohmann::json;

const std::string allocation_network = "default-domain:default-project:addr-alloc";

class TakeOver : public testing::Test {
 protected:
  TakeOver() {
    Guestbook::apply_all(world_);
    world_.start();
    EXPECT_TRUE(converges(world_));
  }

  // The cluster is recreated with the same content, except for one Pod.
  void rebuild() {
    world_.crash();
    world_.remove_namespace("gb");
    world_.apply(make_namespace("kube-system", 2));
    world_.apply(make_namespace("gb", 2));
    for (auto service : Guestbook::services()) {
      service.meta.uid = uid("service", service.meta.ns + "/" + service.meta.name, 2);
      world_.apply(service);
    }
    std::vector<k8s::Pod> front;
    for (auto pod : Guestbook::all_pods()) {
      if (pod.meta.name == "redis-slave-1") continue;
      pod.meta.uid = uid("pod", "gb/" + pod.meta.name, 2);
      if (pod.meta.name.starts_with("guestbook")) front.push_back(pod);
      world_.apply(pod);
    }
    world_.apply(Guestbook::front(front));
    world_.clear_log();
  }

  testing::AssertionResult is_refused() {
    const auto& why = world_.engine().refusal();
    if (!why || !world_.engine().has_duplicate_cluster())
      return testing::AssertionFailure() << "the start is not refused";
    for (const auto& word : {uid("namespace", "kube-system", 1), uid("namespace", "kube-system", 2),
                             std::string("--take-over"), std::string("cluster-name")})
      if (why->find(word) == std::string::npos) return testing::AssertionFailure() << word << " is not in " << *why;
    while (world_.step()) {
    }
    if (world_.writes() + world_.patches() == 0) return testing::AssertionSuccess();
    return testing::AssertionFailure() << testing::PrintToString(world_.write_list());
  }

  Configuration setup_ = demo_setup();
  World world_{setup_.settings};
  OtherClient other_{world_.api()};
};

TEST_F(TakeOver, AnotherClusterIsRefusedAndNothingIsWritten) {
  rebuild();
  world_.start();
  EXPECT_TRUE(is_refused());
}

TEST_F(TakeOver, AnotherClusterIsDetectedByASharedObjectAlone) {
  world_.remove_namespace("gb");
  world_.remove_service("kube-system/kube-dns");
  ASSERT_TRUE(converges(world_));
  world_.crash();
  other_.remove_with_dependents("project", "default-domain:kube-system");
  world_.apply(make_namespace("kube-system", 2));
  world_.clear_log();
  world_.start();
  EXPECT_TRUE(is_refused());
}

TEST_F(TakeOver, WithTakeOverTheObjectsOfTheFormerClusterAreOwned) {
  rebuild();
  auto settings = setup_.settings;
  settings.take_over = true;
  world_.configure(settings);
  world_.start();
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.reported(Report::Kind::taken_over), 1U);
  EXPECT_TRUE(is_as_desired(world_, setup_));
  const auto dump = json::parse(world_.api().dump());
  for (const auto& [type, objects] : dump.items())
    for (const auto& object : objects)
      EXPECT_EQ(object.value("annotations", json()).dump().find(uid("namespace", "kube-system", 1)), std::string::npos)
          << object.dump();
  EXPECT_NE(other_.get("virtual-network", allocation_network).dump().find(uid("namespace", "kube-system", 2)),
            std::string::npos);
  // The next start does not need the flag.
  world_.configure(setup_.settings);
  EXPECT_TRUE(audits_and_restart_write_nothing(world_));
}

// Some objects have new owner annotations by then: the next start needs the flag again, and continues.
TEST_F(TakeOver, TheNextStartCompletesATakeOverAfterACrash) {
  rebuild();
  const auto before = world_.api().save();
  auto settings = setup_.settings;
  settings.take_over = true;
  std::size_t refused = 0;
  bool complete = false;
  for (std::size_t count = 0; !complete; count += 3) {
    world_.crash();
    world_.api() = standin::ConfigApi::load(before);
    world_.configure(settings);
    world_.clear_log();
    world_.start();
    while (world_.writes() < count && world_.step()) {
    }
    complete = world_.writes() < count;
    world_.crash();
    world_.configure(setup_.settings);
    world_.start();
    refused += world_.engine().has_duplicate_cluster();
    world_.crash();
    world_.configure(settings);
    world_.start();
    ASSERT_TRUE(converges(world_));
    ASSERT_TRUE(is_as_desired(world_, setup_)) << "after " << count << " writes";
  }
  EXPECT_GT(refused, 10U);
}

// Held objects get the new owner annotations as well: a later start with --allow-mass-delete must not need --take-over.
TEST_F(TakeOver, HeldObjectsGetTheNewOwnerAnnotations) {
  rebuild();
  for (const auto* pod : {"guestbook-0", "guestbook-1", "guestbook-2", "redis-slave-0"})
    world_.remove_pod("gb/" + std::string(pod));
  auto settings = setup_.settings;
  settings.take_over = true;
  settings.mass_delete_limit = 3;
  settings.mass_delete_fraction = 0.5;
  world_.configure(settings);
  world_.start();
  ASSERT_TRUE(converges(world_));
  ASSERT_TRUE(!world_.engine().guarded().empty());
  const auto& pages = world_.engine().problems().pages();
  const auto page = pages.find({SubjectKind::ns, "gb"});
  ASSERT_NE(page, pages.end()) << "the Namespace does not report why it waits";
  EXPECT_NE(page->second.all().front().message.find("--allow-mass-delete"), std::string::npos);

  settings.take_over = false;
  settings.allow_mass_delete = true;
  world_.configure(settings);
  world_.restart();
  EXPECT_FALSE(world_.engine().has_duplicate_cluster());
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(is_as_desired(world_, setup_));
  const auto former = "kubernetes/" + uid("namespace", "kube-system", 1);
  EXPECT_EQ(world_.api().dump().find(former), std::string::npos);
}

// An object with the same UID in both clusters only gets new owner annotations.
TEST_F(TakeOver, ObjectsOfTheSameKubernetesObjectAreKept) {
  world_.crash();
  world_.remove_namespace("kube-system");
  world_.apply(make_namespace("kube-system", 2));
  auto settings = setup_.settings;
  settings.take_over = true;
  world_.configure(settings);
  world_.clear_log();
  world_.start();
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(is_as_desired(world_, setup_));
  for (const auto& exchange : world_.log()) {
    if (!exchange.is_write() || exchange.request.target == "/prop-collection-update") continue;
    // The project of kube-system with its content is not compared.
    EXPECT_EQ(exchange.request.body.find("\"gb\""), std::string::npos) << exchange.request.body;
  }
}

TEST_F(TakeOver, ARunningControllerStopsWhenAnotherTakesOver) {
  other_.annotate("project", "default-domain:gb", "opencontrail.org/owner",
                  "kubernetes/" + uid("namespace", "kube-system", 2));
  world_.clear_log();
  ASSERT_TRUE(world_.audit());
  world_.remove_service("gb/guestbook");
  EXPECT_TRUE(is_refused());
}

// The flag applies to the start; a later cluster is a duplicate.
TEST_F(TakeOver, TheFlagAppliesOnlyToTheStart) {
  auto settings = setup_.settings;
  settings.take_over = true;
  world_.configure(settings);
  world_.restart();
  ASSERT_TRUE(converges(world_));
  other_.annotate("project", "default-domain:gb", "opencontrail.org/owner",
                  "kubernetes/" + uid("namespace", "kube-system", 2));
  world_.clear_log();
  ASSERT_TRUE(world_.audit());
  EXPECT_TRUE(is_refused());
}

TEST(Owners, ADuplicateClusterHasTheSameNameAndAnotherUid) {
  Owners owners;
  owners.set("east/1");
  const auto owned_by = [](const std::string& owner) { return Owners::Marks{{"opencontrail.org/owner", owner}}; };
  EXPECT_EQ(owners.duplicate_cluster(owned_by("east/1")), std::nullopt);
  EXPECT_EQ(owners.duplicate_cluster(owned_by("east/2")), "2");
  EXPECT_EQ(owners.duplicate_cluster(owned_by("eastern/2")), std::nullopt);
  EXPECT_EQ(owners.duplicate_cluster(owned_by("west/2")), std::nullopt);
  EXPECT_EQ(owners.duplicate_cluster(owned_by("east")), std::nullopt);
  EXPECT_EQ(owners.duplicate_cluster({}), std::nullopt);
  auto shared = owned_by("shared");
  EXPECT_EQ(owners.duplicate_cluster(shared), std::nullopt) << "other clusters share the object, but not yet this one";
  shared["opencontrail.org/user.west"] = "2";
  EXPECT_EQ(owners.duplicate_cluster(shared), std::nullopt);
  shared["opencontrail.org/user.east"] = "2";
  EXPECT_EQ(owners.duplicate_cluster(shared), "2");
  EXPECT_TRUE(owners.take_over("2"));
  EXPECT_FALSE(owners.take_over("2"));
  EXPECT_EQ(owners.duplicate_cluster(shared), std::nullopt);
  EXPECT_EQ(owners.of(owned_by("east/2")), Ownership::owned);
  EXPECT_EQ(owners.of(owned_by("west/2")), Ownership::foreign);
  EXPECT_EQ(owners.duplicate_cluster(owned_by("east/3")), "3");
}

}  // namespace
}  // namespace knm::test
