#include "controller/engine/work_queue.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace knm {
namespace {

constexpr WorkQueue::Project loud = 1, quiet = 2, other = 3;

std::vector<WorkQueue::Item> all_of(WorkQueue& queue) {
  std::vector<WorkQueue::Item> out;
  while (const auto item = queue.pop()) {
    out.push_back(*item);
    queue.end_turn();
  }
  return out;
}

TEST(WorkQueue, ProjectsTakeTurns) {
  WorkQueue queue;
  for (const auto item : {1U, 2U, 3U}) queue.push(item, loud);
  queue.push(10, quiet);
  queue.push(20, other);
  queue.push(11, quiet);
  EXPECT_EQ(queue.size(), 6U);
  EXPECT_EQ(all_of(queue), (std::vector<WorkQueue::Item>{1, 10, 20, 2, 11, 3}));
  EXPECT_TRUE(queue.empty());
}

TEST(WorkQueue, WorkWithoutARequestEndsNoTurn) {
  WorkQueue queue;
  queue.push(1, loud);
  queue.push(2, loud);
  queue.push(10, quiet);
  EXPECT_EQ(queue.pop(), 1U);
  EXPECT_EQ(queue.pop(), 2U);
  queue.push(3, loud);  // work that results from this turn belongs to the same turn
  EXPECT_EQ(queue.pop(), 3U);
  queue.end_turn();
  EXPECT_EQ(all_of(queue), (std::vector<WorkQueue::Item>{10}));
}

TEST(WorkQueue, ALateProjectWaitsForOneTurnOfEachOther) {
  WorkQueue queue;
  for (WorkQueue::Item item = 0; item < 5000; ++item) queue.push(item, loud);
  for (int i = 0; i < 3000; ++i) EXPECT_TRUE(queue.pop()), queue.end_turn();
  queue.push(9000, quiet);
  int waited = 0;
  while (*queue.pop() != 9000U) ++waited, queue.end_turn();
  EXPECT_LE(waited, 1);
  queue.end_turn();
  EXPECT_EQ(queue.size(), 2000U - static_cast<std::size_t>(waited));
}

TEST(WorkQueue, NoisyProjectsShareOneTurn) {
  WorkQueue queue;
  for (WorkQueue::Item item = 0; item < 30; ++item) queue.push(item, 100 + item % 10, true);
  for (const auto item : {100U, 101U, 102U}) queue.push(item, quiet);
  EXPECT_EQ(queue.pop(), 100U);
  queue.end_turn();
  EXPECT_EQ(queue.pop(), 0U);
  EXPECT_TRUE(queue.is_noisy());
  queue.end_turn();
  EXPECT_EQ(queue.pop(), 101U);
  EXPECT_FALSE(queue.is_noisy());
  queue.end_turn();
  EXPECT_EQ(queue.pop(), 1U);  // the next noisy project
  queue.end_turn();
  EXPECT_EQ(queue.pop(false), 102U);
  queue.end_turn();
  EXPECT_EQ(queue.pop(false), std::nullopt);  // no room for noisy projects
  EXPECT_EQ(all_of(queue).size(), 28U);
}

}  // namespace
}  // namespace knm
