#include <gtest/gtest.h>

#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"
#include "tests/support/pass_time.hpp"

// Values in Kubernetes: a write counts when the watch shows it, a refusal is reported, and a fight ends.
namespace knm::test {
namespace {

using namespace std::chrono_literals;

class Patches : public testing::Test {
 protected:
  Patches() {
    Guestbook::apply_all(world_);
    world_.start();
    EXPECT_TRUE(converges(world_));
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

TEST_F(Patches, AWriteThatTheObjectDoesNotShowIsRetried) {
  const auto before = ready();
  refuse(PatchResult::dropped, "it is not there");
  add_pod();
  run_until(world_, world_.now() + 60s);
  EXPECT_EQ(ready(), before);
  EXPECT_TRUE(has_problem(world_, late_, "DroppedByAPIServer"));
  EXPECT_LE(world_.patches(), 12U);
  EXPECT_TRUE(every_reason_is_known(world_.engine().problems()));
  // The admission policy is removed, and the Pod does not change.
  world_.set_patch_fault({});
  run_until(world_, world_.now() + 31s);
  EXPECT_EQ(ready(), before + 1);
  EXPECT_TRUE(problems_of(world_, late_).empty());
  EXPECT_TRUE(state("gb/late"));
}

TEST_F(Patches, ARefusalIsReportedAtTheObject) {
  refuse(PatchResult::failed, "admission webhook \"x\" denied the request");
  add_pod();
  run_until(world_, world_.now() + 10s);
  EXPECT_TRUE(has_problem(world_, late_, "RefusedByAPIServer", "denied the request"));
  EXPECT_TRUE(problems_of(world_, cluster_).empty());
  EXPECT_TRUE(world_.engine().writes_refused(TargetApi::pod_state).empty());
  world_.set_patch_fault({});
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(problems_of(world_, late_).empty());
}

TEST_F(Patches, EachSuccessorReportsTheRefusal) {
  refuse(PatchResult::failed, "admission webhook \"x\" denied the request");
  for (int i = 1; i < 8; ++i) {
    world_.apply(make_pod("gb", "late", "guestbook", {.incarnation = i}));
    run_until(world_, world_.now() + 60s);
    EXPECT_TRUE(has_problem(world_, late_, "RefusedByAPIServer", "denied the request")) << i;
    EXPECT_EQ(problems_of(world_, late_).size(), 1U);
  }
  world_.set_patch_fault({});
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(problems_of(world_, late_).empty());
}

// Missing rights are one problem of the controller, not one for each Pod.
TEST_F(Patches, MissingRightsAreReportedOnceForTheCluster) {
  refuse(PatchResult::no_rights, "cannot patch resource \"pods\"");
  for (int i = 0; i < 100; ++i) world_.apply(make_pod("gb", "late-" + std::to_string(i), "guestbook"));
  add_pod();
  run_until(world_, world_.now() + 60s);
  EXPECT_TRUE(has_problem(world_, cluster_, "WritesRefused", "cannot patch"));
  EXPECT_TRUE(problems_of(world_, late_).empty());
  EXPECT_NE(world_.engine().writes_refused(TargetApi::pod_state).find("cannot patch"), std::string::npos);
  EXPECT_TRUE(world_.engine().writes_refused(TargetApi::service_status).empty());
  EXPECT_EQ(world_.reported(Report::Kind::writes_refused), 1U);
  EXPECT_LE(world_.patches(), 60U);
  run_until(world_, world_.now() + 10min);
  EXPECT_LE(world_.reported(Report::Kind::writes_refused), 3U);
  // After the rights are granted, all Pods get their pod state soon without an audit.
  world_.set_patch_fault({});
  run_until(world_, world_.now() + 7s);
  EXPECT_TRUE(nothing_left_to_do(world_.engine(), world_.now()));
  EXPECT_TRUE(world_.engine().writes_refused(TargetApi::pod_state).empty());
  EXPECT_TRUE(problems_of(world_, cluster_).empty());
  EXPECT_EQ(world_.reported(Report::Kind::writes_taken), 1U);
}

// Another client overwrites the pod state as soon as it exists.
class Fight : public Patches {
 protected:
  void overwrite() {
    auto pod = world_.pods().at("gb/late");
    pod.meta.annotations = {{"opencontrail.org/pod-state", "{}"}};
    world_.apply(pod);
  }
  void fight_until(Time until) {
    while (world_.now() < until) {
      if (state("gb/late") && *state("gb/late") != "{}") overwrite();
      run_until(world_, world_.now() + 33ms);
    }
  }
};

TEST_F(Fight, SlowsDownIsReportedAndEnds) {
  add_pod();
  ASSERT_TRUE(converges(world_));
  const auto before = ready();
  world_.clear_log();
  fight_until(world_.now() + 5min);
  EXPECT_LE(world_.patches(), 16U);
  EXPECT_GE(world_.patches(), 6U);
  EXPECT_EQ(ready(), before);
  EXPECT_TRUE(has_problem(world_, late_, "OverwrittenByOthers"));
  EXPECT_GE(world_.engine().overwritten(), 1U);
  // Other Pods of the Namespace are not affected.
  const auto patches = world_.patches();
  world_.apply(make_pod("gb", "other", "guestbook"));
  run_until(world_, world_.now() + 1s);
  EXPECT_TRUE(state("gb/other"));
  EXPECT_LE(world_.patches() - patches, 2U);
  // The fight ends.
  run_until(world_, world_.now() + 61s);
  EXPECT_NE(state("gb/late"), "{}");
  run_until(world_, world_.now() + 11min);
  EXPECT_TRUE(problems_of(world_, late_).empty());
  world_.clear_log();
  overwrite();
  run_until(world_, world_.now() + 1ms);
  EXPECT_EQ(world_.patches(), 1U);
}

// The other client also overwrites the pod state of the successor.
TEST_F(Fight, IsReportedAtTheSuccessorAsWell) {
  add_pod();
  ASSERT_TRUE(converges(world_));
  fight_until(world_.now() + 1min);
  ASSERT_TRUE(has_problem(world_, late_, "OverwrittenByOthers"));
  world_.apply(make_pod("gb", "late", "guestbook", {.incarnation = 2}));
  run_until(world_, world_.now() + 33ms);
  EXPECT_TRUE(problems_of(world_, late_).empty());
  fight_until(world_.now() + 3min);
  EXPECT_TRUE(has_problem(world_, late_, "OverwrittenByOthers"));
}

TEST_F(Fight, TheProblemNamesTheOtherClient) {
  add_pod();
  ASSERT_TRUE(converges(world_));
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
  EXPECT_TRUE(has_problem(world_, late_, "OverwrittenByOthers", "meddler"));
}

// The watch lags behind the answers: what it shows from before a write neither undoes nor repeats it.
TEST_F(Patches, AStateFromBeforeAWriteCausesNoWrite) {
  std::uint64_t version = 1'000'000;  // after the patch
  world_.set_patch_fault([&] { return PatchAnswer{PatchResult::done, version, {}}; });
  add_pod();
  ASSERT_TRUE(converges(world_));
  ASSERT_EQ(world_.patches(), 1U);
  auto pod = world_.pods().at("gb/late");
  const auto show = [&](std::uint64_t at, const std::string& state) {
    pod.meta.annotations = {{"opencontrail.org/pod-state", state}};
    pod.meta.resource_version = at;
    world_.engine().put(pod);
    EXPECT_TRUE(converges(world_));
  };
  show(999'998, "an earlier state");
  show(999'999, "another one");
  EXPECT_EQ(world_.patches(), 1U);
  version = 1'000'002;
  show(1'000'001, "written by another client afterwards");
  EXPECT_EQ(world_.patches(), 2U);
}

// The answer to the patch is a success, but no watch shows the pod state.
TEST_F(Patches, AWriteThatNoWatchShowsBetweenTwoAuditsIsRepeated) {
  world_.set_patch_fault([] { return PatchAnswer{PatchResult::done, 1'000'000, {}}; });
  add_pod();
  ASSERT_TRUE(converges(world_));
  world_.set_patch_fault({});
  ASSERT_FALSE(state("gb/late"));
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(converges(world_));
  EXPECT_FALSE(state("gb/late"));  // the event may still arrive
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(state("gb/late"));
}

// A fight in the config API has the same limits.
TEST_F(Patches, RepeatedDriftIsReportedAndRepairedLessOften) {
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
  EXPECT_TRUE(has_problem(world_, {SubjectKind::service, "gb/guestbook"}, "OverwrittenByOthers", address));
  run_until(world_, world_.now() + 12min);
  EXPECT_TRUE(problems_of(world_, {SubjectKind::service, "gb/guestbook"}).empty());
  EXPECT_TRUE(is_as_desired(world_, demo_setup()));
}

}  // namespace
}  // namespace knm::test
