#include "k8sclient/api/event_limit.hpp"

#include <gtest/gtest.h>

namespace k8s {
namespace {

using namespace std::chrono_literals;

Event event_about(const std::string& name, const std::string& uid = "u",
                  const std::string& controller = "example.org/a") {
  Event event;
  event.regarding = {"v1", "Pod", "ns", name, uid};
  event.reporting_controller = controller;
  return event;
}

// How many of so many Events are admitted at a time.
int admitted(EventLimit& limit, const Event& event, EventLimit::Time now, int of) {
  int count = 0;
  for (int i = 0; i < of; ++i) count += limit.admit(event, now) ? 1 : 0;
  return count;
}

TEST(EventLimit, AnObjectHasTwentyFiveAtOnceAndOneMoreEachFiveMinutes) {
  EventLimit limit;
  EXPECT_EQ(admitted(limit, event_about("x"), 100s, 40), 25);
  EXPECT_EQ(limit.suppressed(), 15u);
  EXPECT_EQ(limit.ready_at(event_about("x")), 400s);
  EXPECT_EQ(admitted(limit, event_about("x"), 399s, 1), 0);
  EXPECT_EQ(admitted(limit, event_about("x"), 400s, 5), 1);
  EXPECT_EQ(admitted(limit, event_about("x"), 400s + 10 * 300s, 40), 10);
}

TEST(EventLimit, OtherObjectsAndControllersHaveTheirOwn) {
  EventLimit limit({2, 10s});
  EXPECT_EQ(admitted(limit, event_about("x"), 0s, 3), 2);
  EXPECT_EQ(admitted(limit, event_about("y"), 0s, 3), 2);
  EXPECT_EQ(admitted(limit, event_about("x", "another uid"), 0s, 3), 2) << "a new object of the same name";
  EXPECT_EQ(admitted(limit, event_about("x", "u", "example.org/b"), 0s, 3), 2);
  EXPECT_EQ(limit.suppressed(), 4u);
}

TEST(EventLimit, ReasonAndNoteDoNotMatter) {
  EventLimit limit({2, 10s});
  for (int i = 0; i < 5; ++i) {
    auto event = event_about("x");
    event.reason = "Reason" + std::to_string(i);
    event.note = std::to_string(i);
    EXPECT_EQ(limit.admit(event, 0s), i < 2);
  }
}

TEST(EventLimit, ObjectsWithoutEventsForLongAreForgotten) {
  EventLimit limit({2, 10s});
  for (int i = 0; i < 100; ++i) limit.admit(event_about(std::to_string(i)), 0s);
  EXPECT_EQ(limit.objects(), 100u);
  limit.admit(event_about("x"), 9s);
  EXPECT_EQ(limit.objects(), 101u);
  limit.admit(event_about("y"), 15s);
  EXPECT_EQ(limit.objects(), 2u) << "x, whose bucket is full at 19 s, and y";
}

}  // namespace
}  // namespace k8s
