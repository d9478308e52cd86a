#include <gtest/gtest.h>

#include "tests/support/builders.hpp"
#include "tests/support/other_client.hpp"
#include "tests/support/world.hpp"

// A node plugs a Pod as soon as its annotation is there: the policies of the Pod's connections are there before.
namespace knm::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

const std::string ns = "default-domain:shop:";

class FirstConnection : public testing::Test {
 protected:
  FirstConnection() {
    world_.apply(make_namespace("shop"));
    world_.apply(make_service("shop", "db", "db", "10.254.1.1"));
    world_.apply(make_service("shop", "cache", "cache", "10.254.1.2"));
    world_.apply(make_pod("shop", "web-0", "web", {.uses = "db"}));
    world_.start();
    EXPECT_TRUE(world_.converge());
  }

  // One step, or time passes; false: nothing is left to do.
  bool advance() {
    if (world_.step()) return true;
    const auto wakeup = world_.engine().next_wakeup();
    if (wakeup) world_.pass(std::max(Time(1), *wakeup - world_.now()));
    return wakeup.has_value();
  }

  bool is_told(const std::string& pod) const {
    return k8s::find_value(world_.pods().at(pod).meta.annotations, "opencontrail.org/pod-state") != nullptr;
  }
  // Until the Pod has its annotation; returns the time.
  Time run_until_told(const std::string& pod) {
    const auto began = world_.now();
    while (!is_told(pod) && advance()) continue;
    EXPECT_TRUE(is_told(pod));
    return world_.now() - began;
  }

  bool is_attached(const std::string& network, const std::string& policy) const {
    for (const auto& reference : other_.get("virtual-network", network).value("network_policy_refs", json::array()))
      if (joined(reference["to"]) == policy) return true;
    return false;
  }
  // Whether packets of a tier reach a service tier.
  bool is_open(const std::string& tier, const std::string& service) const {
    const auto policy = ns + "__svc_" + service, from = ns + tier, to = ns + "service-" + service;
    if (!other_.has("network-policy", policy)) return false;
    const auto object = other_.get("network-policy", policy);
    bool has_rule = false;
    for (const auto& rule : object.at("network_policy_entries").at("policy_rule"))
      has_rule |=
          rule["src_addresses"][0]["virtual_network"] == from && rule["dst_addresses"][0]["virtual_network"] == to;
    return has_rule && is_attached(from, policy) && is_attached(to, policy);
  }

  World world_;
  OtherClient other_{world_.api()};
};

TEST_F(FirstConnection, OfANewTierThatUsesAnExistingPolicy) {
  world_.apply(make_pod("shop", "api-0", "api", {.uses = "db"}));
  run_until_told("shop/api-0");
  EXPECT_TRUE(is_open("api", "db"));
}

TEST_F(FirstConnection, OfTheFirstUserOfAServiceTier) {
  world_.apply(make_pod("shop", "web-1", "web", {.uses = "cache"}));
  run_until_told("shop/web-1");
  EXPECT_TRUE(is_open("web", "cache"));
  EXPECT_TRUE(is_open("web", "db"));
}

TEST_F(FirstConnection, OfAPodWhoseServiceIsCreatedWithIt) {
  world_.apply(make_pod("shop", "web-1", "web", {.uses = "queue"}));
  world_.apply(make_service("shop", "queue", "queue", "10.254.1.3"));
  run_until_told("shop/web-1");
  EXPECT_TRUE(is_open("web", "queue"));
}

TEST_F(FirstConnection, InAnyOrderOfRequestsAndAnswers) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const auto name = "job-" + std::to_string(seed);
    world_.disorder(seed);
    world_.apply(make_pod("shop", name, name, {.uses = "db,cache"}));
    world_.apply(make_pod("shop", name + "-web", "web", {.uses = seed % 2 == 0 ? "cache" : "db"}));
    for (const auto& pod : {"shop/" + name, "shop/" + name + "-web"}) {
      // The four watches have no common order: before its own event a Pod is not known.
      run_until_told(pod);
      const auto* labels = &world_.pods().at(pod);
      const auto tier = *k8s::find_value(labels->meta.labels, "name");
      EXPECT_TRUE(is_open(tier, tier == "web" && seed % 2 != 0 ? "db" : "cache")) << pod;
    }
    ASSERT_TRUE(world_.converge());
  }
}

TEST_F(FirstConnection, IsNotWaitedForIfThePolicyIsRefused) {
  world_.set_fault([](const contrail::Request& request, const auto&) -> std::optional<ConfigAnswer> {
    if (request.method == "GET" || request.target.find("network-polic") == std::string::npos) return std::nullopt;
    return ConfigAnswer{Sent::answered, 403, R"("refused")", {}};
  });
  world_.apply(make_pod("shop", "api-0", "api", {.uses = "db"}));
  EXPECT_LT(run_until_told("shop/api-0"), wait_for_connections);
  EXPECT_FALSE(is_open("api", "db"));
}

TEST_F(FirstConnection, IsNoReasonToDelayARepair) {
  world_.apply(make_pod("shop", "api-0", "api", {.uses = "db"}));
  ASSERT_TRUE(world_.converge());
  world_.set_fault([](const contrail::Request& request, const auto&) -> std::optional<ConfigAnswer> {
    if (request.target.find("network-polic") == std::string::npos) return std::nullopt;
    return ConfigAnswer{Sent::answered, 503, {}, {}};
  });
  auto forged = world_.pods().at("shop/web-0");
  forged.meta.annotations = {{"uses", "db,cache"}, {"opencontrail.org/pod-state", "{}"}};
  world_.apply(forged);
  const auto began = world_.now();
  const auto is_right = [&] {
    return k8s::find_value(world_.pods().at("shop/web-0").meta.annotations, "opencontrail.org/pod-state")->size() > 2;
  };
  while (!is_right() && advance()) continue;
  EXPECT_TRUE(is_right());
  EXPECT_LT(world_.now() - began, wait_for_connections);
}

}  // namespace
}  // namespace knm::test
