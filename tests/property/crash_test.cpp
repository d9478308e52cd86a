#include <iostream>

#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"

// The program dies after its n-th write, for every n, and starts again: the same end, and nothing is left over.
namespace knm::test {
namespace {

struct Run {
  std::function<void(World&)> prepare;  // until the run under test begins, with the engine at rest or not started
  std::function<void(World&)> begin;    // the run: starts the engine, or changes something
  std::function<void(World&)> down;     // what happens while the program is down
  Configuration setup = demo_setup();
  std::uint64_t disorders = 3;  // runs besides the orderly one
  Configuration then = setup;   // after the crash
};

// Lives through the run with a crash after `n` writes; nullopt where the run has fewer.
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
  if (auto result = comes_to_rest(world); !result) return result;
  if (auto result = is_as_wanted(world, run.then); !result) return result;
  return stays_as_it_is(world);
}

// How many crashes the run survived.
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

void come_to_rest_with_guestbook(World& world) {
  Guestbook::apply_all(world);
  world.start();
  world.converge();
}

TEST(Crash, WhileGuestbookIsMade) {
  crash_in("create", {Guestbook::apply_all, [](World& world) { world.start(); }, {}}, 48);
}

TEST(Crash, WhileGuestbookIsMadeAndItIsGoneAfterwards) {
  crash_in(
      "create, then gone",
      {Guestbook::apply_all, [](World& world) { world.start(); }, [](World& world) { world.remove_namespace("gb"); }},
      48);
}

TEST(Crash, WhileGuestbookGoes) {
  crash_in("delete", {come_to_rest_with_guestbook, [](World& world) { world.remove_namespace("gb"); }, {}}, 40);
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

TEST(Crash, WhileGuestbookGoesAndItIsBackWithNewUidsAfterwards) {
  crash_in(
      "delete, then back",
      {come_to_rest_with_guestbook, [](World& world) { world.remove_namespace("gb"); }, apply_guestbook_with_new_uids},
      40);
}

// What stays of a cluster-service tier is taken over, whatever of it was written when.
TEST(Crash, WhileTheNamespaceOfAClusterServiceIsReplaced) {
  auto setup = demo_setup();
  setup.settings.cluster_service.push_back({"gb", "redis-master"});
  setup.oracle.cluster_services.emplace_back("gb", "redis-master");
  crash_in("replace",
           {come_to_rest_with_guestbook,
            [](World& world) { world.remove_namespace("gb"), apply_guestbook_with_new_uids(world); },
            {},
            setup,
            1},
           80);
}

// --- Networks outside
// -------------------------------------------------------------------------------------------------------------

Configuration with_outside() {
  auto out = demo_setup();
  out.settings.global_network = out.oracle.global_networks = {"default-domain:legacy:backbone"};
  out.settings.external_service = {{"oracle", {"default-domain:legacy:oracle", {}}}};
  out.oracle.external_services = {{"oracle", {"default-domain:legacy:oracle", {}}}};
  return out;
}

void have_outside(World& world) {
  OtherClient other(world.api());
  other.create("project", {{"fq_name", {"default-domain", "legacy"}}, {"parent_type", "domain"}});
  for (const auto* name : {"backbone", "oracle"})
    other.create("virtual-network", {{"fq_name", {"default-domain", "legacy", name}}, {"parent_type", "project"}});
  world.apply(make_pod("gb", "billing", "billing", {.uses = "oracle"}));
}

void lose_outside(World& world) {
  OtherClient other(world.api());
  for (const auto* name : {"backbone", "oracle"})
    other.remove("virtual-network", "default-domain:legacy:" + std::string(name));
}

void come_to_rest_with_outside(World& world) {
  Guestbook::apply_all(world);
  have_outside(world);
  world.start();
  world.converge();
}

TEST(Crash, WhileNetworksOutsideAreConnected) {
  crash_in("connect",
           {come_to_rest_with_guestbook,
            [](World& world) {
              have_outside(world);
              world.audit();
            },
            {},
            with_outside()},
           14);
}

TEST(Crash, WhileNetworksOutsideAreConnectedAndTheyAreNotConfiguredAfterwards) {
  crash_in("connect, then not any longer",
           {come_to_rest_with_guestbook,
            [](World& world) {
              have_outside(world);
              world.audit();
            },
            {},
            with_outside(),
            3,
            demo_setup()},
           14);
}

TEST(Crash, WhileNetworksOutsideThatAreGoneAreCut) {
  crash_in("cut",
           {come_to_rest_with_outside,
            [](World& world) {
              lose_outside(world);
              world.audit();
            },
            {},
            with_outside()},
           6);
}

TEST(Crash, WhileWhatIsNotConfiguredAnyLongerIsCut) {
  crash_in("cut by configuration",
           {[](World& world) {
              come_to_rest_with_outside(world);
              world.crash();
              world.configure(demo_setup().settings);
            },
            [](World& world) { world.start(); },
            {},
            with_outside(),
            3,
            demo_setup()},
           8);
}

}  // namespace
}  // namespace knm::test
