#include <cstdlib>

#include "tests/property/checks.hpp"

namespace knm::test {
namespace {

// How many changes a run has: KNM_STEPS, else a hundred.
std::uint64_t steps() {
  const char* given = std::getenv("KNM_STEPS");
  return given ? std::strtoull(given, nullptr, 10) : 100;
}

enum class Lists { right, wrong };  // what the API server shows now and then

// The watch of a kind is refused, and its list may hide some of what is there, or all of it.
void relist_any(World& world, std::mt19937_64& random, Lists lists) {
  const auto kind = static_cast<Watched>(random() % watched_count);
  if (lists == Lists::wrong)
    world.lie(kind, 1, [some = random() % 4, salt = random()](const std::string& key) {
      return some == 0 || (std::hash<std::string>{}(key) ^ salt) % (some + 1) == 0;
    });
  world.relist(kind);
}

// Whatever a cluster went through, in order or not: the end is what its objects say, and it stays. A long run is looked
// at on its way, too.
void live_through(std::uint64_t seed, bool in_order, Lists lists = Lists::right) {
  SCOPED_TRACE(replay(seed));
  auto setup = random_setup(seed);
  if (lists == Lists::wrong) {
    // Of the few that there are, each that is missing is worth a second list.
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
      ASSERT_TRUE(comes_to_rest(world)) << "before step " << i;
      ASSERT_TRUE(history.was_kept(world)) << "before step " << i;
      history.look(world);
    }
    if (i % 1000 == 999) {
      ASSERT_TRUE(comes_to_rest(world)) << "before step " << i;
      ASSERT_TRUE(is_as_wanted(world, setup)) << "before step " << i;
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
  ASSERT_TRUE(comes_to_rest(world));
  ASSERT_TRUE(history.was_kept(world));
  ASSERT_TRUE(is_as_wanted(world, setup));
  ASSERT_TRUE(stays_as_it_is(world));
  ASSERT_TRUE(is_as_wanted(world, setup));
}

TEST(Convergence, InOrder) {
  for (const auto seed : seeds(100)) {
    live_through(seed, true);
    if (HasFatalFailure()) return;
  }
}

// A list that hides what is there is found out by the next one: nothing is taken from anybody, and the end is the same.
TEST(Convergence, ListsThatHideWhatIsThere) {
  for (const auto seed : seeds(50)) {
    live_through(seed, seed % 2 == 0, Lists::wrong);
    if (HasFatalFailure()) return;
  }
}

TEST(Convergence, RequestsAndWatchesInAnyOrder) {
  for (const auto seed : seeds(100)) {
    live_through(seed, false);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace knm::test
