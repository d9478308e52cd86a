#include <cstdlib>

#include "tests/property/checks.hpp"

namespace knm::test {
namespace {

// The number of changes of a run: KNM_STEPS, or 100.
std::uint64_t steps() {
  const char* given = std::getenv("KNM_STEPS");
  return given ? std::strtoull(given, nullptr, 10) : 100;
}

enum class Lists { right, wrong };  // what the API server shows occasionally

// The API server refuses the watch of a kind, and the following list may hide some or all of the objects.
void relist_any(World& world, std::mt19937_64& random, Lists lists) {
  const auto kind = static_cast<Watched>(random() % watched_count);
  if (lists == Lists::wrong)
    world.lie(kind, 1, [some = random() % 4, salt = random()](const std::string& key) {
      return some == 0 || (std::hash<std::string>{}(key) ^ salt) % (some + 1) == 0;
    });
  world.relist(kind);
}

// After any history, in order or not, the result is what the final objects mean, and it stays. Long runs are also
// checked in between.
void run_history(std::uint64_t seed, bool in_order, Lists lists = Lists::right) {
  SCOPED_TRACE(replay(seed));
  auto setup = random_setup(seed);
  if (lists == Lists::wrong) {
    // The cluster is small, so each missing object must request a second list.
    setup.settings.mass_delete_confirm = 0;
    setup.settings.mass_delete_fraction = 0;
    setup.settings.mass_delete_limit = 1000;
  }
  World world(setup.settings);
  RandomCluster cluster(world, setup, seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 20; ++i) cluster.step();
  world.start(seed);
  if (!in_order) world.disorder(seed);
  AddressHistory history(setup);
  for (std::uint64_t i = 0; i < steps(); ++i) {
    if (i % 20 == 19) {
      ASSERT_TRUE(converges(world)) << "before step " << i;
      ASSERT_TRUE(history.was_kept(world)) << "before step " << i;
      history.record(world);
    }
    if (i % 1000 == 999) {
      ASSERT_TRUE(converges(world)) << "before step " << i;
      ASSERT_TRUE(is_as_desired(world, setup)) << "before step " << i;
      world.clear_log();
    }
    cluster.step();
    history.changed(world);
    for (auto requests = random() % 24; requests > 0; --requests) world.step();
    if (random() % 40 == 0) world.pass(std::chrono::seconds(random() % 90));
    if (random() % 30 == 0) world.audit();
    if (random() % 50 == 0) world.restart(random());
    if (random() % 30 == 0) relist_any(world, random, lists);
  }
  if (lists == Lists::wrong)
    for (std::size_t kind = 0; kind < watched_count; ++kind) {
      world.lie(static_cast<Watched>(kind), 0);
      world.relist(static_cast<Watched>(kind));
    }
  ASSERT_TRUE(converges(world));
  ASSERT_TRUE(history.was_kept(world));
  ASSERT_TRUE(is_as_desired(world, setup));
  ASSERT_TRUE(audits_and_restart_write_nothing(world));
  ASSERT_TRUE(is_as_desired(world, setup));
}

TEST(Convergence, RequestsAndWatchesInOrder) {
  for (const auto seed : seeds(100)) {
    run_history(seed, true);
    if (HasFatalFailure()) return;
  }
}

// The next list shows the hidden objects again: no object may be deleted, and the result is the same.
TEST(Convergence, ListsThatHideExistingObjects) {
  for (const auto seed : seeds(50)) {
    run_history(seed, seed % 2 == 0, Lists::wrong);
    if (HasFatalFailure()) return;
  }
}

TEST(Convergence, RequestsAndWatchesInAnyOrder) {
  for (const auto seed : seeds(100)) {
    run_history(seed, false);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace knm::test
