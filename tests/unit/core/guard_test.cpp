#include <gtest/gtest.h>

#include <functional>

#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"

// The API server answers 410 to a watch and then returns a wrong list: no object may be deleted for that.
namespace knm::test {
namespace {

// A Namespace of five tiers, each behind a Service and each a user of the next one, and some Pods without a Service.
class Guard : public testing::Test {
 protected:
  void run(int pods) {
    world_.apply(make_service("kube-system", "kube-dns", "", "10.254.0.10"));
    world_.apply(make_namespace("shop"));
    for (int tier = 0; tier < tiers; ++tier) {
      const auto name = tier_of(tier);
      world_.apply(make_service("shop", name, name, "10.254.1." + std::to_string(1 + tier)));
      std::vector<k8s::Pod> behind;
      for (int i = tier; i < pods; i += tiers) behind.push_back(pod(i));
      for (const auto& each : behind) world_.apply(each);
      world_.apply(make_slice("shop", name, behind));
    }
    world_.start();
    ASSERT_TRUE(converges(world_));
    ASSERT_TRUE(is_as_desired(world_, setup_));
    before_ = world_.api().dump();
    world_.clear_log();
  }
  static std::string tier_of(int tier) { return "tier-" + std::to_string(tier % tiers); }
  static k8s::Pod pod(int number) {
    return make_pod("shop", "pod-" + std::to_string(number), tier_of(number), {.uses = tier_of(number + 1)});
  }
  static std::string key(int number) { return "shop/pod-" + std::to_string(number); }
  // No watch sees these deletions; the slices lose the Pods as well.
  void lose_unseen(int from, int to) {
    world_.unseen([&](Cluster& cluster) {
      for (int i = from; i < to; ++i) {
        for (auto& [name, slice] : cluster.slices)
          std::erase_if(slice.endpoints,
                        [&](const auto& endpoint) { return endpoint.target_uid == cluster.pods.at(key(i)).meta.uid; });
        cluster.pods.erase(key(i));
      }
    });
  }
  void relist_all() {
    for (const auto kind : {Watched::slices, Watched::pods, Watched::services, Watched::namespaces})
      world_.relist(kind);
    ASSERT_TRUE(converges(world_));
  }
  testing::AssertionResult nothing_is_lost() {
    if (world_.writes() + world_.patches() > 0)
      return testing::AssertionFailure() << testing::PrintToString(world_.write_list());
    if (world_.api().dump() != before_) return testing::AssertionFailure() << "the config API has changed";
    return testing::AssertionSuccess();
  }
  // The config API has the objects of so many deleted Pods again, as after a restored backup.
  void restore_objects_of_deleted_pods(int count) {
    const auto backup = world_.api().save();
    for (int i = 0; i < count; ++i) world_.remove_pod(key(i));
    ASSERT_TRUE(converges(world_));
    world_.api() = standin::ConfigApi::load(backup);
    world_.clear_log();
  }
  std::size_t deletions() const {
    std::size_t out = 0;
    for (const auto& exchange : world_.log()) out += exchange.request.method == "DELETE";
    return out;
  }
  std::optional<Guarded> held(const std::string& what) {
    for (const auto& row : world_.engine().guarded())
      if (row.what == what) return row;
    return std::nullopt;
  }

  static constexpr int tiers = 5;
  Configuration setup_ = demo_setup();
  World world_{setup_.settings};
  std::string before_;
};

constexpr Watched all_kinds[] = {Watched::namespaces, Watched::pods, Watched::services, Watched::slices};

class GuardOfKind : public Guard, public testing::WithParamInterface<std::tuple<int, Watched>> {};

TEST_P(GuardOfKind, AnEmptyListDeletesNothing) {
  const auto [pods, kind] = GetParam();
  run(pods);
  world_.lie(kind);
  world_.relist(kind);
  EXPECT_FALSE(world_.engine().guarded().empty());
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(nothing_is_lost());
  EXPECT_TRUE(world_.engine().guarded().empty());
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

// The list contains only one object.
TEST_P(GuardOfKind, AnAlmostEmptyListDeletesNothing) {
  const auto [pods, kind] = GetParam();
  run(pods);
  world_.lie(kind, 1, [first = true](const auto&) mutable { return !std::exchange(first, false); });
  world_.relist(kind);
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(nothing_is_lost());
}

TEST_P(GuardOfKind, AStartWithAnEmptyListDeletesNothing) {
  const auto [pods, kind] = GetParam();
  run(pods);
  world_.crash();
  world_.lie(kind);
  world_.clear_log();
  world_.start();
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(nothing_is_lost());
  EXPECT_TRUE(world_.engine().guarded().empty());
}

// A mass deletion stays held after a second wrong list until a person confirms it.
TEST_P(GuardOfKind, TwoEmptyListsDeleteNothingOfMany) {
  const auto [pods, kind] = GetParam();
  run(pods);
  if (pods < 100) return;
  world_.lie(kind, 2);
  world_.relist(kind);
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(nothing_is_lost());
  EXPECT_FALSE(world_.engine().guarded().empty());
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(nothing_is_lost());
  world_.relist(kind);
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(nothing_is_lost());
  EXPECT_TRUE(world_.engine().guarded().empty());
}

TEST_P(GuardOfKind, AStartWithTwoEmptyListsDeletesNothingOfMany) {
  const auto [pods, kind] = GetParam();
  run(pods);
  if (pods < 100) return;
  world_.crash();
  world_.lie(kind, 2);
  world_.clear_log();
  world_.start();
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(deletions(), 0U) << testing::PrintToString(world_.write_list());
  EXPECT_EQ(world_.api().dump(), before_) << testing::PrintToString(world_.write_list());
  EXPECT_FALSE(world_.engine().guarded().empty());
  world_.relist(kind);
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(is_as_desired(world_, setup_));
  EXPECT_EQ(world_.api().dump(), before_);
  EXPECT_TRUE(world_.engine().guarded().empty());
}

INSTANTIATE_TEST_SUITE_P(Each, GuardOfKind, testing::Combine(testing::Values(40, 130), testing::ValuesIn(all_kinds)),
                         [](const auto& info) {
                           return std::string(name(std::get<1>(info.param))) + std::to_string(std::get<0>(info.param));
                         });

// The slices exist but are empty.
TEST_F(Guard, EmptySlicesRemoveNoBackends) {
  run(40);
  const auto slices = world_.cluster().slices;
  world_.unseen([](Cluster& cluster) {
    for (auto& [name, slice] : cluster.slices) slice.endpoints.clear();
  });
  world_.relist(Watched::slices);
  world_.unseen([&](Cluster& cluster) { cluster.slices = slices; });
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(nothing_is_lost());
}

TEST_F(Guard, FewPodsAreDeletedAtOnce) {
  run(9);
  lose_unseen(0, 9);
  relist_all();
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

TEST_F(Guard, ManyPodsAreDeletedAfterASecondList) {
  run(60);
  lose_unseen(0, 50);
  world_.relist(Watched::pods);
  EXPECT_EQ(held("Pods"), (Guarded{"Pods", 50, 60, false, false}));
  relist_all();
  EXPECT_TRUE(world_.engine().guarded().empty());
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

TEST_F(Guard, VeryManyPodsWaitForConfirmationByAPerson) {
  run(250);
  lose_unseen(0, 200);
  relist_all();
  EXPECT_TRUE(nothing_is_lost());
  EXPECT_EQ(held("Pods"), (Guarded{"Pods", 200, 250, true, false}));
  // New Pods are not held.
  world_.apply(pod(300));
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(OtherClient(world_.api()).has("virtual-machine-interface", "default-domain:shop:pod-300"));
  EXPECT_EQ(deletions(), 0U);
  const auto& pages = world_.engine().problems().pages();
  const auto page = pages.find({SubjectKind::ns, "kube-system"});
  ASSERT_NE(page, pages.end());
  EXPECT_EQ(page->second.all().front().reason, "MassDeletionHeld");
  EXPECT_NE(page->second.all().front().message.find("200 of 250 Pods"), std::string::npos);

  // A restart must not release the hold.
  world_.clear_log();
  world_.restart();
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(deletions(), 0U) << testing::PrintToString(world_.write_list());
  EXPECT_EQ(held("virtual-machine-interfaces"), (Guarded{"virtual-machine-interfaces", 200, 251, true, true}));
  EXPECT_EQ(world_.writes(), 0U) << testing::PrintToString(world_.write_list());

  setup_.settings.allow_mass_delete = true;
  world_.configure(setup_.settings);
  world_.restart();
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(world_.engine().guarded().empty());
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

TEST_F(Guard, WatchEventsAreNeverHeld) {
  run(250);
  for (int i = 0; i < 200; ++i) {
    auto slice = world_.cluster().slices.at("shop/" + tier_of(i) + "-slice");
    std::erase_if(slice.endpoints, [&](const auto& endpoint) { return endpoint.target_name == pod(i).meta.name; });
    world_.apply(slice);
    world_.remove_pod(key(i));
  }
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(world_.engine().guarded().empty());
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

// A watch event deletes a Pod with all its objects, withheld or not.
TEST_F(Guard, WatchEventsAreAppliedWhileOtherDeletionsAreHeld) {
  run(250);
  lose_unseen(0, 200);
  relist_all();
  world_.remove_pod(key(3));
  world_.remove_pod(key(240));
  ASSERT_TRUE(converges(world_));
  const OtherClient other(world_.api());
  EXPECT_FALSE(other.has("virtual-machine-interface", "default-domain:shop:pod-3"));
  EXPECT_FALSE(other.has("virtual-machine-interface", "default-domain:shop:pod-240"));
  EXPECT_EQ(held("Pods"), (Guarded{"Pods", 199, 250, true, false}));
}

// The same for deletions that a start holds.
TEST_F(Guard, WatchEventsAreAppliedWhileAStartHoldsDeletions) {
  run(250);
  world_.crash();
  lose_unseen(0, 200);
  world_.start();
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(nothing_is_lost());
  EXPECT_FALSE(world_.engine().guarded().empty());
  // One member of the Service is deleted and a new one is added while the deletion of others is held.
  auto slice = world_.cluster().slices.at("shop/tier-0-slice");
  std::erase_if(slice.endpoints, [&](const auto& endpoint) { return endpoint.target_name == "pod-240"; });
  world_.apply(slice);
  world_.remove_pod(key(240));
  ASSERT_TRUE(converges(world_));
  const OtherClient other(world_.api());
  EXPECT_FALSE(other.has("virtual-machine-interface", "default-domain:shop:pod-240"));
  world_.apply(pod(300));
  slice.endpoints.push_back(make_slice("shop", "tier-0", {pod(300)}).endpoints.front());
  world_.apply(slice);
  ASSERT_TRUE(converges(world_));
  const auto address = other.get("floating-ip", "default-domain:shop:service-tier-0:service-tier-0:tier-0").dump();
  EXPECT_NE(address.find("pod-300\""), std::string::npos);
  EXPECT_NE(address.find("pod-0\""), std::string::npos) << "a member whose deletion is held stays a member";
}

// A tier gets a new user while the deletion of other rules of its policy is held.
TEST_F(Guard, NewRulesAreWrittenBesideHeldRules) {
  setup_.settings.mass_delete_limit = 2;
  setup_.settings.mass_delete_confirm = 1;
  world_.configure(setup_.settings);
  world_.apply(make_namespace("shop"));
  world_.apply(make_service("shop", "db", "db", "10.254.1.1"));
  for (int i = 0; i < 4; ++i)
    world_.apply(make_pod("shop", "user-" + std::to_string(i), "user-" + std::to_string(i), {.uses = "db"}));
  world_.start();
  ASSERT_TRUE(converges(world_));
  world_.crash();
  world_.unseen([](Cluster& cluster) {
    for (int i = 0; i < 3; ++i) cluster.pods.erase("shop/user-" + std::to_string(i));
  });
  world_.start();
  ASSERT_TRUE(converges(world_));
  ASSERT_FALSE(world_.engine().guarded().empty());
  world_.apply(make_pod("shop", "late", "late", {.uses = "db"}));
  ASSERT_TRUE(converges(world_));
  const OtherClient other(world_.api());
  const auto policy = other.get("network-policy", "default-domain:shop:__svc_db").dump();
  for (const auto* network : {"shop:user-0\"", "shop:user-1\"", "shop:user-3\"", "shop:late\""})
    EXPECT_NE(policy.find(network), std::string::npos) << network << policy;
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(other.get("network-policy", "default-domain:shop:__svc_db").dump(), policy);

  setup_.settings.allow_mass_delete = true;
  world_.configure(setup_.settings);
  world_.restart();
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

// For example StatefulSets: new Pods with the same names must not wait for a person.
TEST_F(Guard, RecreatedPodsAreAcceptedAfterASecondList) {
  run(130);
  world_.unseen([](Cluster& cluster) {
    for (auto& [key, pod] : cluster.pods) pod.meta.uid = uid("pod", key, 2), pod.meta.annotations.pop_back();
    for (auto& [key, slice] : cluster.slices)
      for (auto& endpoint : slice.endpoints) endpoint.target_uid = uid("pod", "shop/" + endpoint.target_name, 2);
  });
  relist_all();
  EXPECT_TRUE(world_.engine().guarded().empty());
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

TEST_F(Guard, RecreatedPodsInOnlyOneListAreNotAccepted) {
  run(130);
  const auto pods = world_.cluster().pods;
  world_.unseen([](Cluster& cluster) {
    for (auto& [key, pod] : cluster.pods) pod.meta.uid = uid("pod", key, 2);
  });
  world_.relist(Watched::pods);
  world_.unseen([&](Cluster& cluster) { cluster.pods = pods; });
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(nothing_is_lost());
}

// An audit that finds objects of deleted Pods requests new lists; these confirm the deletion.
TEST_F(Guard, DeletionsThatAnAuditFindsAreConfirmedByAList) {
  run(40);
  restore_objects_of_deleted_pods(30);
  ASSERT_TRUE(world_.audit());
  EXPECT_TRUE(world_.engine().awaits_list(Watched::pods));
  EXPECT_EQ(deletions(), 0U);
  ASSERT_TRUE(converges(world_));
  EXPECT_FALSE(world_.engine().awaits_list(Watched::pods));
  EXPECT_TRUE(world_.engine().guarded().empty());
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

TEST_F(Guard, VeryManyDeletionsThatAnAuditFindsWaitForAPerson) {
  run(130);
  restore_objects_of_deleted_pods(125);
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(converges(world_));
  EXPECT_FALSE(world_.engine().guarded().empty());
  EXPECT_EQ(deletions(), 0U);
  setup_.settings.allow_mass_delete = true;
  world_.configure(setup_.settings);
  world_.restart();
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

// The first lists of a stream of notifications are an inventory like any other.
TEST_F(Guard, AStartWithNotificationsAndAnEmptyListDeletesNothing) {
  run(40);
  world_.crash();
  world_.notify();
  world_.lie(Watched::pods);
  world_.clear_log();
  world_.start();
  EXPECT_TRUE(world_.engine().watch_alive());
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(nothing_is_lost());
  EXPECT_TRUE(world_.engine().guarded().empty());
}

TEST_F(Guard, VeryManyDeletionsThatAStreamFindsWaitForAPerson) {
  world_.notify();
  run(130);
  restore_objects_of_deleted_pods(125);
  world_.cut_stream();
  ASSERT_TRUE(world_.engine().watch_alive());
  ASSERT_TRUE(converges(world_));
  EXPECT_FALSE(world_.engine().guarded().empty());
  EXPECT_EQ(deletions(), 0U);
}

}  // namespace
}  // namespace knm::test
