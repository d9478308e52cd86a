#include <iostream>

#include "tests/property/guestbook_setup.hpp"

// The program dies after its n-th write, for every n, and starts again: the same end, and nothing is left over.
namespace knm::test {
namespace {

struct Run {
  std::function<void(World&)> prepare;  // until the run under test begins, with the engine at rest or not started
  std::function<void(World&)> begin;    // the run: starts the engine, or changes something
  std::function<void(World&)> down;     // what happens while the program is down
  Configuration setup = demo_setup();
  std::uint64_t disorders = 3;  // runs besides the orderly one
};

// Lives through the run with a crash after `n` writes; nullopt where the run has fewer.
std::optional<testing::AssertionResult> crash_after(const Run& run, std::size_t n, std::uint64_t disorder) {
  const auto& setup = run.setup;
  World world(setup.settings);
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
  world.start(n);
  if (auto result = comes_to_rest(world); !result) return result;
  if (auto result = is_as_wanted(world, setup); !result) return result;
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
  world.apply(make_slice("gb", "guestbook", pods, {"redis-master-0", "redis-slave-0", "redis-slave-1"}));
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

}  // namespace
}  // namespace knm::test
