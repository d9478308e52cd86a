#include <gtest/gtest.h>

#include "controller/base/keys.hpp"
#include "controller/engine/audit.hpp"
#include "controller/engine/patch_answers.hpp"
#include "controller/engine/request_builder.hpp"
#include "controller/engine/worth.hpp"
#include "tests/support/builders.hpp"

// Parts of the engine, each with only the parts that it depends on.
namespace knm::test {
namespace {

using contrail::Type;
using namespace std::chrono_literals;

class PartsTest : public testing::Test {
 protected:
  PartsTest() {
    binder_.loader().set_owner("kubernetes");
    schedule_.start();
    intent_.put(make_namespace("kube-system"));
    intent_.put(make_namespace("gb"));
    settle();
  }
  void settle() {
    for (const auto& unit : intent_.settle()) binder_.bind(unit, Time{0});
  }
  SlotId project() { return table_.slot(Type::project, "default-domain:gb"); }
  SlotId pod_state(const std::string& pod) { return table_.slot(TargetApi::pod_state, Type::project, pod); }

  Settings settings_;
  Intent intent_{settings_};
  Table table_;
  Binder binder_{settings_, intent_, table_};
  std::vector<Report> reported_;
  Reports reports_{[this](const Report& report) { reported_.push_back(report); }};
  ProgressCounts progress_{table_};
  Schedule schedule_{settings_, 1, table_, progress_,
                     [this](SlotId id) { return text_digest(binder_.bindings().project_of(id)); }};
  Pacing pacing_{settings_, table_};
  Holds held_;
  ProblemNotes notes_{settings_, intent_, table_, binder_, held_, reports_};
};

// --- RequestBuilder

TEST_F(PartsTest, ACreateKeepsTheDigestsForTheComparisonWithItsAnswer) {
  const RequestBuilder builder(intent_, table_, binder_);
  InFlight request;
  Action action;
  action.step = Step::create;
  const auto sent = builder.request_for(project(), action, request);
  EXPECT_EQ(sent.method, "POST");
  EXPECT_EQ(sent.target, "/projects");
  EXPECT_NE(sent.body.find("\"gb\""), std::string::npos);
  EXPECT_EQ(request.sent, table_[project()].desired());
}

TEST_F(PartsTest, ADeletionNamesTheObservedUuid) {
  const Ids ids{uuid_of_uid("there"), 1};
  table_[project()].identify({ids, Ownership::owned});
  table_.set_observed(project(), true, {});
  const RequestBuilder builder(intent_, table_, binder_);
  InFlight request;
  Action action;
  action.step = Step::remove;
  const auto sent = builder.request_for(project(), action, request);
  EXPECT_EQ(sent.method, "DELETE");
  EXPECT_EQ(sent.target, "/project/" + ids.uuid.text());
}

// --- NetworkWaits

TEST_F(PartsTest, AReadyPodIsReportedOnce) {
  auto pod = make_pod("gb", "web-0", "web");
  intent_.put(pod);
  settle();
  NetworkWaits waits(intent_, table_, reports_);
  waits.review("gb/web-0", Time{2ms});
  waits.review("gb/web-0", Time{3ms});
  waits.over(pod_state("gb/web-0"), Time{10ms});
  waits.over(pod_state("gb/web-0"), Time{20ms});
  ASSERT_EQ(reported_.size(), 1U);
  EXPECT_EQ(reported_[0].kind, Report::Kind::pod_ready);
  EXPECT_EQ(reported_[0].duration, Time{8ms});
}

TEST_F(PartsTest, ADeletedPodDoesNotWaitAnyMore) {
  intent_.put(make_pod("gb", "web-0", "web"));
  settle();
  NetworkWaits waits(intent_, table_, reports_);
  waits.review("gb/web-0", Time{2ms});
  intent_.drop_pod("gb/web-0");
  settle();
  waits.review("gb/web-0", Time{3ms});
  waits.over(pod_state("gb/web-0"), Time{10ms});
  EXPECT_TRUE(reported_.empty());
}

// --- UnreadableObjects

TEST_F(PartsTest, ObjectsOfAnUnreadablePodAreNotDeletedUntilItIsReadable) {
  UnreadableObjects unreadable(table_, schedule_, notes_);
  const auto id = table_.slot(Type::virtual_machine, "gone");
  table_[id].identify({{uuid_of_uid("gone"), identity_of("gone")}, Ownership::owned});
  table_.set_observed(id, true, {});
  EXPECT_FALSE(unreadable.is_of(table_[id]));
  const Subject pod{SubjectKind::pod, "gb/gone"};
  unreadable.came(pod, "gone", "no UTF-8");
  EXPECT_TRUE(unreadable.is_of(table_[id]));
  EXPECT_EQ(notes_.book().by_reason().at("UnreadableObject"), 1U);
  table_[id].hold(DeletionHold::unreadable);
  unreadable.held(id);
  unreadable.over(pod);
  EXPECT_FALSE(unreadable.is_of(table_[id]));
  EXPECT_EQ(schedule_.next(TargetApi::config, 1, Time{0}), id) << "the entry is scheduled again";
  EXPECT_TRUE(notes_.book().pages().empty());
}

TEST_F(PartsTest, WhileAnUnreadableObjectHasNoNameNothingOfItsKindIsDeleted) {
  UnreadableObjects unreadable(table_, schedule_, notes_);
  const auto id = table_.slot(Type::virtual_machine, "any");
  table_[id].identify({{uuid_of_uid("any"), 1}, Ownership::owned});
  table_.set_observed(id, true, {});
  unreadable.set_nameless(SubjectKind::pod, true);
  EXPECT_TRUE(unreadable.is_of(table_[id]));
  unreadable.set_nameless(SubjectKind::pod, false);
  EXPECT_FALSE(unreadable.is_of(table_[id]));
}

// --- Fights

TEST_F(PartsTest, RepeatedDriftIsAProblemThatNamesTheOtherClient) {
  Fights fights(table_, binder_, pacing_, schedule_, notes_, reports_);
  for (int i = 0; i < 4; ++i) fights.report_drift(project(), Drift::changed, "annotations", Time{i * 1s});
  EXPECT_TRUE(fights.is_often(project(), Time{4s}));
  EXPECT_EQ(fights.count(Time{4s}), 1U);
  fights.note_writer(project(), "meddler", Time{4s});
  const auto& page = notes_.book().pages().at({SubjectKind::ns, "gb"});
  ASSERT_EQ(page.all().size(), 1U);
  EXPECT_EQ(page.all()[0].reason, "OverwrittenByOthers");
  EXPECT_NE(page.all()[0].message.find("meddler"), std::string::npos);
  fights.review(project(), Time{1h});
  EXPECT_TRUE(notes_.book().pages().empty());
}

// --- DeletionGuard

TEST_F(PartsTest, AStartThatWouldDeleteAllObjectsWaitsForASecondList) {
  DeletionGuard guard(settings_, intent_, table_, binder_, schedule_, notes_, reports_);
  std::vector<SlotId> machines;
  for (int i = 0; i < 20; ++i) {
    const auto uid = "pod-" + std::to_string(i);
    machines.push_back(table_.slot(Type::virtual_machine, uid));
    table_[machines.back()].identify({{uuid_of_uid(uid), identity_of(uid)}, Ownership::owned});
    table_.set_observed(machines.back(), true, {});
  }
  guard.judge_start();
  for (const auto id : machines) EXPECT_EQ(table_[id].deletion_hold(), DeletionHold::unconfirmed);
  EXPECT_TRUE(guard.awaits_list(Watched::pods));
  EXPECT_FALSE(guard.in_words().empty());
  for (const auto kind : {Watched::namespaces, Watched::pods, Watched::services, Watched::slices}) {
    EXPECT_FALSE(guard.is_ready_to_confirm());
    guard.listed(kind);
  }
  ASSERT_TRUE(guard.is_ready_to_confirm());
  guard.confirm();
  for (const auto id : machines) EXPECT_FALSE(table_[id].is_held());
  EXPECT_TRUE(guard.in_words().empty());
}

// --- Worths

TEST_F(PartsTest, ACompletedPodHasNoObjects) {
  const auto pod = make_pod("gb", "web-0", "web");
  intent_.put(pod);
  auto done = make_pod("gb", "job-0", "job");
  done.phase = k8s::PodPhase::succeeded;
  intent_.put(done);
  settle();
  const Worths worths(intent_, table_, binder_);
  EXPECT_EQ(worths.of(pod).objects, 1U);
  EXPECT_EQ(worths.of(done).objects, 0U);
}

// --- DuplicateCluster and Leftovers

TEST_F(PartsTest, AnOwnedObjectIsNoDuplicateClusterName) {
  DuplicateCluster duplicate(settings_, binder_, reports_);
  contrail::Object own;
  own.annotations = mark(binder_.owners().ours(), "Namespace", "u", "gb");
  duplicate.look_at(own, true);
  EXPECT_FALSE(duplicate.found());
}

TEST_F(PartsTest, LeftoversOfAProjectAreScheduledWhenItWaits) {
  Leftovers leftovers(table_, schedule_);
  const auto left = table_.slot(Type::network_policy, "default-domain:old:__svc_web"),
             elsewhere = table_.slot(Type::network_policy, "default-domain:new:__svc_web"),
             owned = table_.slot(Type::network_policy, "default-domain:old:__svc_db");
  for (const auto id : {left, elsewhere, owned}) {
    table_[id].identify(
        {{uuid_of_uid(table_[id].name().text()), 0}, id == owned ? Ownership::owned : Ownership::unowned});
    table_.set_observed(id, true, {});
    leftovers.note(id);
  }
  leftovers.ask(table_.slot(Type::project, "default-domain:old"));
  EXPECT_EQ(schedule_.next(TargetApi::config, 1, Time{0}), left);
  EXPECT_EQ(schedule_.next(TargetApi::config, 1, Time{0}), std::nullopt);
}

}  // namespace
}  // namespace knm::test
