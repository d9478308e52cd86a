#include <iostream>

#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"

// The controller crashes after write n, for every n, and starts again: the result is the same without leftovers.
namespace knm::test {
namespace {

struct Run {
  std::function<void(World&)> prepare;  // until the tested part begins; the engine has converged or is not started
  std::function<void(World&)> begin;    // the tested part: starts the engine, or changes something
  std::function<void(World&)> down;     // changes while the controller is down
  Configuration setup = demo_setup();
  std::uint64_t disorders = 3;  // runs in random order, besides the orderly one
  Configuration then = setup;   // after the crash
};

// Executes the run with a crash after `n` writes; nullopt if the run has fewer.
std::optional<testing::AssertionResult> crash_after(const Run& run, std::size_t n, std::uint64_t disorder) {
  World world(run.setup.settings);
  run.prepare(world);
  if (disorder != 0) world.disorder(disorder);
  world.clear_log();
  run.begin(world);
  while (world.writes() < n) {
    if (world.step()) continue;
    const auto wakeup = world.engine().next_wakeup();
    if (!wakeup) return std::nullopt;
    world.pass(std::max(Time(1), *wakeup - world.now()));
  }
  world.crash();
  if (run.down) run.down(world);
  world.configure(run.then.settings);
  world.start(n);
  if (auto result = converges(world); !result) return result;
  if (auto result = is_as_desired(world, run.then); !result) return result;
  return audits_and_restart_write_nothing(world);
}

// The number of crashes that the run survived.
std::size_t crash_everywhere(const Run& run, std::uint64_t disorder) {
  for (std::size_t n = 0;; ++n) {
    const auto result = crash_after(run, n, disorder);
    if (!result) return n;
    EXPECT_TRUE(*result) << "after a crash behind write " << n << ", disorder " << disorder;
    if (testing::Test::HasFailure()) return n;
  }
}

void crash_in(const std::string& name, const Run& run, std::size_t at_least) {
  std::size_t count = 0;
  for (std::uint64_t disorder = 0; disorder <= run.disorders; ++disorder) {
    const auto crashes = crash_everywhere(run, disorder);
    if (testing::Test::HasFailure()) return;
    ASSERT_GE(crashes, at_least);
    count += crashes;
  }
  std::cout << "[          ] " << name << ": " << count << " crashes, one after each write of " << run.disorders + 1
            << " runs\n";
}

void converge_with_guestbook(World& world) {
  Guestbook::apply_all(world);
  world.start();
  world.converge();
}

TEST(Crash, WhileGuestbookIsCreated) {
  crash_in("create", {Guestbook::apply_all, [](World& world) { world.start(); }, {}}, 48);
}

TEST(Crash, WhileGuestbookIsCreatedAndItIsDeletedBeforeTheStart) {
  crash_in(
      "create, then deleted",
      {Guestbook::apply_all, [](World& world) { world.start(); }, [](World& world) { world.remove_namespace("gb"); }},
      48);
}

TEST(Crash, WhileGuestbookIsDeleted) {
  crash_in("delete", {converge_with_guestbook, [](World& world) { world.remove_namespace("gb"); }, {}}, 40);
}

void apply_guestbook_with_new_uids(World& world) {
  world.apply(make_namespace("gb", 2));
  for (auto service : Guestbook::services()) {
    if (service.meta.ns == "gb") service.meta.uid = uid("service", service.meta.name, 2);
    world.apply(service);
  }
  auto pods = Guestbook::all_pods();
  for (auto& pod : pods) pod.meta.uid = uid("pod", pod.meta.name, 2), world.apply(pod);
  world.apply(Guestbook::front(pods, {"redis-master-0", "redis-slave-0", "redis-slave-1"}));
}

TEST(Crash, WhileGuestbookIsDeletedAndItIsRecreatedBeforeTheStart) {
  crash_in("delete, then recreated",
           {converge_with_guestbook, [](World& world) { world.remove_namespace("gb"); }, apply_guestbook_with_new_uids},
           40);
}

// The retained part of a cluster-service tier is taken over, whatever was written before the crash.
TEST(Crash, WhileTheNamespaceOfAClusterServiceIsReplaced) {
  auto setup = demo_setup();
  setup.settings.cluster_service.push_back({"gb", "redis-master"});
  setup.oracle.cluster_services.emplace_back("gb", "redis-master");
  crash_in("replace",
           {converge_with_guestbook,
            [](World& world) { world.remove_namespace("gb"), apply_guestbook_with_new_uids(world); },
            {},
            setup,
            1},
           80);
}

// --- External networks
// -------------------------------------------------------------------------------------------------------------

Configuration with_external_networks() {
  auto out = demo_setup();
  out.settings.global_network = out.oracle.global_networks = {"default-domain:legacy:backbone"};
  out.settings.external_service = {{"oracle", {"default-domain:legacy:oracle", {}}}};
  out.oracle.external_services = {{"oracle", {"default-domain:legacy:oracle", {}}}};
  return out;
}

void create_external_networks(World& world) {
  OtherClient other(world.api());
  other.create("project", {{"fq_name", {"default-domain", "legacy"}}, {"parent_type", "domain"}});
  for (const auto* name : {"backbone", "oracle"})
    other.create("virtual-network", {{"fq_name", {"default-domain", "legacy", name}}, {"parent_type", "project"}});
  world.apply(make_pod("gb", "billing", "billing", {.uses = "oracle"}));
}

void delete_external_networks(World& world) {
  OtherClient other(world.api());
  for (const auto* name : {"backbone", "oracle"})
    other.remove("virtual-network", "default-domain:legacy:" + std::string(name));
}

void converge_with_external_networks(World& world) {
  Guestbook::apply_all(world);
  create_external_networks(world);
  world.start();
  world.converge();
}

TEST(Crash, WhileExternalNetworksAreConnected) {
  crash_in("connect",
           {converge_with_guestbook,
            [](World& world) {
              create_external_networks(world);
              world.audit();
            },
            {},
            with_external_networks()},
           14);
}

TEST(Crash, WhileExternalNetworksAreConnectedAndTheyAreNotConfiguredAtTheStart) {
  crash_in("connect, then not configured",
           {converge_with_guestbook,
            [](World& world) {
              create_external_networks(world);
              world.audit();
            },
            {},
            with_external_networks(),
            3,
            demo_setup()},
           14);
}

TEST(Crash, WhileDeletedExternalNetworksAreDisconnected) {
  crash_in("disconnect",
           {converge_with_external_networks,
            [](World& world) {
              delete_external_networks(world);
              world.audit();
            },
            {},
            with_external_networks()},
           6);
}

TEST(Crash, WhileNetworksThatAreNoLongerConfiguredAreDisconnected) {
  crash_in("disconnect by configuration",
           {[](World& world) {
              converge_with_external_networks(world);
              world.crash();
              world.configure(demo_setup().settings);
            },
            [](World& world) { world.start(); },
            {},
            with_external_networks(),
            3,
            demo_setup()},
           8);
}

}  // namespace
}  // namespace knm::test
