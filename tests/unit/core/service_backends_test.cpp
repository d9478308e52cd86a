#include "controller/intent/service_backends.hpp"

#include <gtest/gtest.h>

#include "controller/intent/service_problems.hpp"
#include "tests/support/builders.hpp"
#include "tests/unit/core/unit_listener.hpp"

namespace knm::test {
namespace {

using Keys = std::vector<ObjectKey>;

const ObjectKey key = "ns/s";

struct ServiceBackendsTest : testing::Test {
  ServiceBackendsTest() { group.is_stale = group.has_selector = true; }

  k8s::Pod pod(const std::string& name, const std::string& tier = "web") {
    auto out = make_pod("ns", name, tier);
    pods.put(out);
    return out;
  }
  // Does the same as the owner of the group.
  Endpoints::Touched touched() {
    return [this](const ObjectKey& service, std::optional<Endpoints::MemberId> id) {
      ++touches;
      if (auto* member = id ? backends.mark(service, *id, dirty) : nullptr) backends.subtract(group, *id, *member);
    };
  }
  void put(const std::vector<k8s::Pod>& named, const std::vector<std::string>& unready = {}) {
    auto slice = make_slice("ns", "s", named, unready);
    slice.ports = {{"", "TCP", 8080}};
    backends.put(slice, touched());
  }
  Lines update() {
    moves = backends.update(group, key, object, std::exchange(dirty, {}), reach);
    return texts(reach[0].pods);
  }

  Settings settings;
  Changes changes;
  NamespaceUnits namespaces{settings, changes};
  UnitListener listener;
  PodUnits pods{settings, namespaces, changes, listener};
  ServiceBackends backends{pods};
  BackendGroup group;
  DirtyBackends dirty;
  std::array<Reach, 2> reach;
  BackendMoves moves;
  k8s::Packed<k8s::Service> object{
      make_service("ns", "s", "", "10.254.0.1", {.ports = {{"", "TCP", 80, 8080, "", 0}}})};
  int touches = 0;
};

TEST_F(ServiceBackendsTest, ReadyPodsAreReachedAtThePortsOfTheSlices) {
  put({pod("a"), pod("b")}, {"b"});
  EXPECT_EQ(update(), Lines{"ns/a"});
  EXPECT_EQ(moves.names(), Keys{"ns/a"});
  EXPECT_TRUE(moves.more) << "the mappings are new";
  EXPECT_EQ(reach[0].mappings, (std::vector<contrail::PortMapping>{{"tcp", 80, 8080}}));
}

TEST_F(ServiceBackendsTest, OnlyDirtyBackendsAreCountedAgain) {
  const auto a = pod("a"), b = pod("b");
  put({a, b}, {"b"});
  update();
  put({a, b});
  EXPECT_EQ(dirty.size(), 1);
  EXPECT_EQ(update(), (Lines{"ns/a", "ns/b"}));
  EXPECT_EQ(moves.names(), Keys{"ns/b"});
  EXPECT_FALSE(moves.more);
  EXPECT_EQ(group.roster.mapped, 2);
}

TEST_F(ServiceBackendsTest, ABackendIsMarkedDirtyOnce) {
  const auto a = pod("a");
  put({a});
  EXPECT_EQ(dirty.size(), 1);
  put({a}, {"a"});
  EXPECT_EQ(dirty.size(), 1);
  EXPECT_GT(touches, 1);
  update();
  const Endpoints::MemberId id(backends.endpoints().id_of(a.meta.uid), contrail::Family::v4);
  EXPECT_FALSE(backends.mark("ns/else", id, dirty)) << "not a backend of that Service";
  EXPECT_FALSE(backends.mark(key, id.other_family(), dirty));
  EXPECT_TRUE(backends.mark(key, id, dirty));
}

TEST_F(ServiceBackendsTest, ABackendThatTheSlicesNoLongerNameIsForgotten) {
  const auto a = pod("a");
  put({a});
  update();
  const auto id = backends.endpoints().id_of(a.meta.uid);
  EXPECT_EQ(backends.endpoints().services_of(id), Keys{key});
  backends.drop("ns/s-slice", touched());
  EXPECT_EQ(update(), Lines{});
  EXPECT_EQ(moves.names(), Keys{"ns/a"});
  EXPECT_EQ(backends.endpoints().id_of(a.meta.uid), Endpoints::no_pod);
  EXPECT_FALSE(backends.endpoints().of(key));
}

TEST_F(ServiceBackendsTest, AServiceWithoutSelectorCountsWhileItHasAPod) {
  group.has_selector = false;
  update();
  EXPECT_FALSE(group.counts());
  EXPECT_EQ(problems_of(key, {}, group, backends.endpoints().of(key)).at(0).reason, "ServiceNotConnected");
  put({pod("a")});
  update();
  EXPECT_TRUE(group.counts());
  EXPECT_TRUE(problems_of(key, {}, group, backends.endpoints().of(key)).empty());
}

TEST_F(ServiceBackendsTest, AnEndpointWithoutANetworkIsAProblem) {
  const auto deleted = make_pod("ns", "gone", "web");
  put({pod("a"), deleted});
  EXPECT_EQ(update(), Lines{"ns/a"});
  EXPECT_EQ(problems_of(key, {}, group, backends.endpoints().of(key)).at(0).reason, "EndpointWithoutNetwork");
}

TEST_F(ServiceBackendsTest, AHeadlessServiceCountsTheTiersOfItsPods) {
  group.headless = true;
  put({pod("a"), pod("b"), pod("c", "db")}, {"c"});
  update();
  EXPECT_EQ(group.roster.tiers->serving.at("ns/web"), 2);
  EXPECT_FALSE(group.roster.tiers->serving.contains("ns/db")) << "the Pod is not ready";
  EXPECT_TRUE(reach[0].mappings.empty());
}

TEST_F(ServiceBackendsTest, AClearedGroupIsCountedAgain) {
  put({pod("a")});
  update();
  backends.clear(group, key);
  EXPECT_TRUE(group.is_stale);
  EXPECT_EQ(group.roster.mapped, 0);
  reach = {};
  EXPECT_EQ(update(), Lines{"ns/a"});
  EXPECT_FALSE(group.is_stale);
}

}  // namespace
}  // namespace knm::test
