#include <gtest/gtest.h>

#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"
#include "tests/support/pass_time.hpp"

// What is written to Kubernetes: believed when it is seen, told when it is refused, and not fought over without end.
namespace knm::test {
namespace {

using namespace std::chrono_literals;

class Patches : public testing::Test {
 protected:
  Patches() {
    Guestbook::apply_all(world_);
    world_.start();
    EXPECT_TRUE(comes_to_rest(world_));
    world_.clear_log();
  }
  void refuse(PatchResult result, const std::string& error) {
    world_.set_patch_fault([=] { return PatchAnswer{result, 0, error}; });
  }
  void add_pod() { world_.apply(make_pod("gb", "late", "guestbook")); }
  std::optional<std::string> state(const std::string& pod) const {
    const auto* text = k8s::find_value(world_.pods().at(pod).meta.annotations, "opencontrail.org/pod-state");
    return text ? std::optional(*text) : std::nullopt;
  }
  std::size_t ready() const { return world_.reported(Report::Kind::pod_ready); }

  World world_;
  const Subject late_{SubjectKind::pod, "gb/late"}, cluster_{SubjectKind::ns, "kube-system"};
};

TEST_F(Patches, WhatTheObjectDoesNotShowIsNotDone) {
  const auto before = ready();
  refuse(PatchResult::dropped, "it is not there");
  add_pod();
  run_until(world_, world_.now() + 60s);
  EXPECT_EQ(ready(), before);
  EXPECT_TRUE(says(world_, late_, "DroppedByAPIServer"));
  EXPECT_LE(world_.patches(), 12U);
  EXPECT_TRUE(every_reason_is_known(world_.engine().problems()));
  // The policy goes, and the Pod is not touched.
  world_.set_patch_fault({});
  run_until(world_, world_.now() + 31s);
  EXPECT_EQ(ready(), before + 1);
  EXPECT_TRUE(problems_of(world_, late_).empty());
  EXPECT_TRUE(state("gb/late"));
}

TEST_F(Patches, ARefusalIsToldOnTheObject) {
  refuse(PatchResult::failed, "admission webhook \"x\" denied the request");
  add_pod();
  run_until(world_, world_.now() + 10s);
  EXPECT_TRUE(says(world_, late_, "RefusedByAPIServer", "denied the request"));
  EXPECT_TRUE(problems_of(world_, cluster_).empty());
  EXPECT_TRUE(world_.engine().writes_refused(TargetApi::pod_state).empty());
  world_.set_patch_fault({});
  ASSERT_TRUE(comes_to_rest(world_));
  EXPECT_TRUE(problems_of(world_, late_).empty());
}

TEST_F(Patches, EachSuccessorIsToldWhatIsRefused) {
  refuse(PatchResult::failed, "admission webhook \"x\" denied the request");
  for (int i = 1; i < 8; ++i) {
    world_.apply(make_pod("gb", "late", "guestbook", {.incarnation = i}));
    run_until(world_, world_.now() + 60s);
    EXPECT_TRUE(says(world_, late_, "RefusedByAPIServer", "denied the request")) << i;
    EXPECT_EQ(problems_of(world_, late_).size(), 1U);
  }
  world_.set_patch_fault({});
  ASSERT_TRUE(comes_to_rest(world_));
  EXPECT_TRUE(problems_of(world_, late_).empty());
}

// One trouble of the program, and not as many as there are Pods.
TEST_F(Patches, WithoutRightsItIsTheProgramsTrouble) {
  refuse(PatchResult::no_rights, "cannot patch resource \"pods\"");
  for (int i = 0; i < 100; ++i) world_.apply(make_pod("gb", "late-" + std::to_string(i), "guestbook"));
  add_pod();
  run_until(world_, world_.now() + 60s);
  EXPECT_TRUE(says(world_, cluster_, "WritesRefused", "cannot patch"));
  EXPECT_TRUE(problems_of(world_, late_).empty());
  EXPECT_NE(world_.engine().writes_refused(TargetApi::pod_state).find("cannot patch"), std::string::npos);
  EXPECT_TRUE(world_.engine().writes_refused(TargetApi::service_status).empty());
  EXPECT_EQ(world_.reported(Report::Kind::writes_refused), 1U);
  EXPECT_LE(world_.patches(), 60U);
  run_until(world_, world_.now() + 10min);
  EXPECT_LE(world_.reported(Report::Kind::writes_refused), 3U);
  // It is mended: all of them have their networks soon, with no help.
  world_.set_patch_fault({});
  run_until(world_, world_.now() + 7s);
  EXPECT_TRUE(nothing_left_to_do(world_.engine(), world_.now()));
  EXPECT_TRUE(world_.engine().writes_refused(TargetApi::pod_state).empty());
  EXPECT_TRUE(problems_of(world_, cluster_).empty());
  EXPECT_EQ(world_.reported(Report::Kind::writes_taken), 1U);
}

// Another writer takes the annotation away as soon as it is there.
class Fight : public Patches {
 protected:
  void take_away() {
    auto pod = world_.pods().at("gb/late");
    pod.meta.annotations = {{"opencontrail.org/pod-state", "{}"}};
    world_.apply(pod);
  }
  void fight_until(Time until) {
    while (world_.now() < until) {
      if (state("gb/late") && *state("gb/late") != "{}") take_away();
      run_until(world_, world_.now() + 33ms);
    }
  }
};

TEST_F(Fight, SlowsDownIsToldAndEnds) {
  add_pod();
  ASSERT_TRUE(comes_to_rest(world_));
  const auto before = ready();
  world_.clear_log();
  fight_until(world_.now() + 5min);
  EXPECT_LE(world_.patches(), 16U);
  EXPECT_GE(world_.patches(), 6U);
  EXPECT_EQ(ready(), before);
  EXPECT_TRUE(says(world_, late_, "OverwrittenByOthers"));
  EXPECT_GE(world_.engine().overwritten(), 1U);
  // The others of its Namespace notice nothing.
  const auto patches = world_.patches();
  world_.apply(make_pod("gb", "other", "guestbook"));
  run_until(world_, world_.now() + 1s);
  EXPECT_TRUE(state("gb/other"));
  EXPECT_LE(world_.patches() - patches, 2U);
  // It ends.
  run_until(world_, world_.now() + 61s);
  EXPECT_NE(state("gb/late"), "{}");
  run_until(world_, world_.now() + 11min);
  EXPECT_TRUE(problems_of(world_, late_).empty());
  world_.clear_log();
  take_away();
  run_until(world_, world_.now() + 1ms);
  EXPECT_EQ(world_.patches(), 1U);
}

// It is fought over as the former one was.
TEST_F(Fight, TheSuccessorIsToldAsWell) {
  add_pod();
  ASSERT_TRUE(comes_to_rest(world_));
  fight_until(world_.now() + 1min);
  ASSERT_TRUE(says(world_, late_, "OverwrittenByOthers"));
  world_.apply(make_pod("gb", "late", "guestbook", {.incarnation = 2}));
  run_until(world_, world_.now() + 33ms);
  EXPECT_TRUE(problems_of(world_, late_).empty());
  fight_until(world_.now() + 3min);
  EXPECT_TRUE(says(world_, late_, "OverwrittenByOthers"));
}

TEST_F(Fight, WhoItIsIsAsked) {
  add_pod();
  ASSERT_TRUE(comes_to_rest(world_));
  world_.set_patch_fault([&]() -> std::optional<PatchAnswer> {
    return PatchAnswer{PatchResult::done, 1'000'000, {}, world_.engine().overwritten() > 0 ? "meddler" : ""};
  });
  for (int i = 0; i < 10; ++i) {
    auto pod = world_.pods().at("gb/late");
    pod.meta.annotations = {{"opencontrail.org/pod-state", "forged " + std::to_string(i)}};
    pod.meta.resource_version = 2'000'000 + static_cast<std::uint64_t>(i);
    world_.engine().put(pod);
    run_until(world_, world_.now() + 100s);
  }
  EXPECT_TRUE(says(world_, late_, "OverwrittenByOthers", "meddler"));
}

// An answer that said so, and no watch that shows it.
TEST_F(Patches, WhatNoWatchHasShownBetweenTwoAuditsIsWrittenAgain) {
  world_.set_patch_fault([] { return PatchAnswer{PatchResult::done, 1'000'000, {}}; });
  add_pod();
  ASSERT_TRUE(comes_to_rest(world_));
  world_.set_patch_fault({});
  ASSERT_FALSE(state("gb/late"));
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(comes_to_rest(world_));
  EXPECT_FALSE(state("gb/late"));  // it may still be under way
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(comes_to_rest(world_));
  EXPECT_TRUE(state("gb/late"));
}

// Drift of the config API's objects as well.
TEST_F(Patches, WhatAuditsFindChangedAgainAndAgainIsToldAndSlowsDown) {
  OtherClient other(world_.api());
  const std::string address = "default-domain:gb:service-guestbook:service-guestbook:guestbook";
  std::size_t writes = 0;
  for (int i = 0; i < 40; ++i) {
    other.put("floating-ip", address, {{"floating_ip_traffic_direction", "both"}});
    world_.clear_log();
    ASSERT_TRUE(world_.audit());
    run_until(world_, world_.now() + 5s);
    writes += world_.writes();
  }
  EXPECT_LE(writes, 15U);
  EXPECT_GE(writes, 5U);
  EXPECT_TRUE(says(world_, {SubjectKind::service, "gb/guestbook"}, "OverwrittenByOthers", address));
  run_until(world_, world_.now() + 12min);
  EXPECT_TRUE(problems_of(world_, {SubjectKind::service, "gb/guestbook"}).empty());
  EXPECT_TRUE(is_as_wanted(world_, demo_setup()));
}

}  // namespace
}  // namespace knm::test
