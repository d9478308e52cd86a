#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "controller/status/state.hpp"
#include "tests/support/guestbook.hpp"
#include "tests/unit/status/clusters.hpp"

// The state is rendered in steps, and everything may change between two steps.
namespace knm::test {
namespace {

using Json = nlohmann::ordered_json;

// The parsed text, with `between` called between two steps; fails if it is not JSON of the known format.
Json interrupted(const Engine& engine, Surroundings around, const std::function<void(std::size_t step)>& between) {
  StateText text(engine, std::move(around));
  for (std::size_t step = 0; text.go(); ++step) between(step);
  std::string whole;
  for (const auto& piece : text.take()) whole += piece;
  auto state = Json::parse(whole, nullptr, false);
  EXPECT_FALSE(state.is_discarded()) << whole;
  EXPECT_EQ(state["format"], state_format);
  return state;
}

std::size_t steps_of(const Engine& engine) {
  std::size_t steps = 0;
  interrupted(engine, {.limits = StateLimits::none()}, [&](std::size_t) { ++steps; });
  return steps;
}

std::unique_ptr<World> converged_mesh() {
  auto world = std::make_unique<World>();
  apply_mesh(*world, 3, 2);
  apply_shop(*world);
  world->start();
  EXPECT_TRUE(world->converge());
  return world;
}

// All objects are deleted and their slots and names reused, after each of the steps.
TEST(InterruptedState, AllObjectsMayBeDeletedAtAnyStep) {
  const auto steps = steps_of(converged_mesh()->engine());
  ASSERT_GT(steps, 50U);
  for (std::size_t at = 0; at < steps; at += 7) {
    const auto world = converged_mesh();
    auto& engine = world->engine();
    const auto state = interrupted(engine, {.limits = StateLimits::none()}, [&](std::size_t step) {
      if (step != at) return;
      const auto pods = world->pods();
      for (const auto& [key, pod] : pods) engine.drop_pod(key);
      for (const auto& key : engine.intent().keys(UnitKind::service)) engine.drop_service(key);
      engine.drop_namespace("shop");
      engine.settle(world->now());
      while (world->step()) {
      }
      engine.free_unused_slots();
      for (int i = 0; i < 20; ++i) engine.put(make_pod("mesh", "new-" + std::to_string(i), "new"));
      engine.settle(world->now());
    });
    EXPECT_TRUE(state.contains("problems")) << "at step " << at;
  }
}

// A cluster with permanent changes.
TEST(InterruptedState, ChangesBetweenAllStepsAreHarmless) {
  World world;
  apply_mesh(world, 3, 2);
  apply_shop(world);
  world.start();
  std::mt19937 random(7);
  std::size_t made = 0;
  for (int i = 0; i < 5; ++i) {
    interrupted(world.engine(), {.limits = StateLimits::none()}, [&](std::size_t) {
      world.step();
      const auto number = random() % 8;
      const auto name = "pod-" + std::to_string(number);
      if (random() % 2 == 0)
        world.apply(make_pod("mesh", name, "tier-0" + std::to_string(number % 3), {.uses = "tier-01"})), ++made;
      else
        world.engine().drop_pod("mesh/" + name);
    });
  }
  EXPECT_GT(made, 20U);
}

TEST(InterruptedState, IsConvergedOnlyIfItWasAtSomeMoment) {
  const auto world = converged_mesh();
  std::uint64_t changes = 0;
  const auto still = [](std::size_t) {};
  EXPECT_EQ(interrupted(world->engine(), {.changes = &changes}, still)["converged"], true);
  // A change during the walk over the table is detected at its end.
  const auto state = interrupted(world->engine(), {.changes = &changes}, [&](std::size_t step) {
    if (step > 0) return;
    ++changes;
    world->engine().put(make_pod("mesh", "late", "tier-00"));
  });
  EXPECT_EQ(state["converged"], false);
  ASSERT_TRUE(world->converge());
  // A change that is completed does not matter.
  EXPECT_EQ(interrupted(world->engine(), {.changes = &changes}, [&](std::size_t) { ++changes; })["converged"], true);
}

// The stored counts must equal those of a new count.
TEST(InterruptedState, StoredCountsEqualThoseOfANewCount) {
  World world;
  apply_shop(world);
  world.apply(make_pod("shop", "odd", "odd", {.uses = "db,b%,c%"}));
  world.start();
  const auto check = [&] {
    std::size_t problems = 0, without = 0;
    std::map<std::string, std::size_t> by_reason;
    for (const auto& [subject, page] : world.engine().problems().pages())
      for (const auto& problem : page.all()) ++problems, ++by_reason[problem.reason];
    for (const auto& key : world.engine().intent().keys(UnitKind::pod)) {
      const auto& pod = *world.engine().intent().pod(key);
      without += pod.has_network && !pod.state ? 1 : 0;
    }
    EXPECT_EQ(world.engine().problems().total(), problems);
    EXPECT_EQ(world.engine().problems().by_reason(), by_reason);
    EXPECT_EQ(world.engine().intent().pods_without_state(), without);
    return problems + without;
  };
  EXPECT_GT(check(), 0U);
  while (world.step()) check();
  world.apply(make_pod("shop", "odd", "odd"));
  world.engine().settle(world.now());
  check();
  world.engine().drop_pod("shop/odd");
  world.engine().drop_namespace("shop");
  world.engine().settle(world.now());
  check();
}

}  // namespace
}  // namespace knm::test
