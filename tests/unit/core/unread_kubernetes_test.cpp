#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/property/guestbook_setup.hpp"

// Kubernetes objects that the controller cannot read, and the config objects that were created for them.
namespace knm::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class UnreadKubernetes : public testing::Test {
 protected:
  UnreadKubernetes() {
    world_.configure(setup_.settings);
    world_.apply(make_namespace("gb"));
    Guestbook::apply_all(world_);
    world_.start();
    converge();
  }

  void converge() {
    world_.clear_log();
    ASSERT_TRUE(converges(world_));
  }
  std::vector<Problem> problems(const Subject& subject) const {
    const auto& pages = world_engine().problems().pages();
    const auto page = pages.find(subject);
    std::vector<Problem> out;
    if (page == pages.end()) return out;
    for (auto& problem : page->second.all())
      if (problem.reason == "UnreadableObject") out.push_back(problem);
    return out;
  }
  Engine& world_engine() const { return const_cast<World&>(world_).engine(); }
  std::string uid_of(const Subject& subject) const {
    return subject.kind == SubjectKind::pod ? world_.cluster().pods.at(subject.key).meta.uid
                                            : world_.cluster().services.at(subject.key).meta.uid;
  }
  std::size_t held() const {
    std::size_t out = 0;
    const auto& table = world_engine().table();
    for (SlotId id = 0; id < table.size(); ++id)
      out += table[id].exists() && table[id].deletion_hold() == DeletionHold::unreadable;
    return out;
  }

  Configuration setup_ = demo_setup();
  World world_{setup_.settings};
  const Subject pod_{SubjectKind::pod, "gb/guestbook-0"};
  const Subject service_{SubjectKind::service, "gb/guestbook"};
};

TEST_F(UnreadKubernetes, IsAProblemOfTheObjectAndCausesNoWrite) {
  for (const auto& subject : {pod_, service_}) {
    world_.cannot_read(subject, uid_of(subject));
    converge();
    EXPECT_EQ(world_.writes(), 0U);
    ASSERT_THAT(problems(subject), SizeIs(1));
    EXPECT_THAT(problems(subject)[0].message, HasSubstr("bad bytes"));
    world_.can_read(subject);
    converge();
    EXPECT_EQ(world_.writes(), 0U);
    EXPECT_THAT(problems(subject), IsEmpty());
  }
}

TEST_F(UnreadKubernetes, ConfigObjectsOfAnUnreadableObjectStayOverARestart) {
  for (const auto& subject : {pod_, service_}) {
    world_.cannot_read(subject, uid_of(subject));
    world_.restart();
    converge();
    ASSERT_TRUE(world_.audit());
    converge();
    EXPECT_THAT(world_.write_list(), Not(Contains(HasSubstr("DELETE ")))) << subject.key;
    EXPECT_GT(held(), 0U);
    EXPECT_THAT(problems(subject), SizeIs(1));
    world_.can_read(subject);
    converge();
    EXPECT_EQ(held(), 0U);
    EXPECT_TRUE(is_as_desired(world_, setup_));
  }
}

TEST_F(UnreadKubernetes, OtherObjectsAreServedMeanwhile) {
  world_.cannot_read(pod_, uid_of(pod_));
  world_.restart();
  converge();
  world_.apply(make_pod("gb", "newcomer", "guestbook"));
  converge();
  EXPECT_TRUE(world_.pods().contains("gb/newcomer"));
  EXPECT_THAT(world_.write_list(), Contains(HasSubstr("POST /virtual-machine-interfaces")));
  world_.remove_pod("gb/newcomer");
  converge();
  EXPECT_THAT(world_.write_list(), Contains(HasSubstr("DELETE /virtual-machine-interface")));
}

TEST_F(UnreadKubernetes, ADeletionOfAnUnreadableObjectDeletesItsConfigObjects) {
  world_.cannot_read(pod_, uid_of(pod_));
  world_.restart();
  converge();
  world_.remove_pod(pod_.key);
  world_.can_read(pod_);
  converge();
  EXPECT_THAT(world_.write_list(), Contains(HasSubstr("DELETE /virtual-machine-interface")));
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

// Without the UID, the unreadable object may be any Pod.
TEST_F(UnreadKubernetes, AnObjectWithoutAUidHoldsAllDeletionsOfItsKind) {
  world_.cannot_read({SubjectKind::pod, "gb/unknown"}, "");
  world_.remove_pod(pod_.key);
  converge();
  EXPECT_THAT(world_.write_list(), Not(Contains(HasSubstr("DELETE /virtual-machine-interface"))));
  world_.can_read({SubjectKind::pod, "gb/unknown"});
  converge();
  EXPECT_THAT(world_.write_list(), Contains(HasSubstr("DELETE /virtual-machine-interface")));
}

TEST_F(UnreadKubernetes, AnObjectWithoutANameHoldsAllDeletions) {
  world_.engine().note_nameless(SubjectKind::service, true);
  world_.remove_pod(pod_.key);
  converge();
  EXPECT_THAT(world_.write_list(), Not(Contains(HasSubstr("DELETE "))));
  world_.engine().note_nameless(SubjectKind::service, false);
  converge();
  EXPECT_THAT(world_.write_list(), Contains(HasSubstr("DELETE /virtual-machine-interface")));
}

// The unreadable Pod has another UID, so the config objects are the predecessor's.
TEST_F(UnreadKubernetes, ThePredecessorOfAnUnreadablePodIsDeleted) {
  world_.remove_pod(pod_.key);
  world_.cannot_read(pod_, "another-uid");
  converge();
  EXPECT_THAT(world_.write_list(), Contains(HasSubstr("DELETE /virtual-machine-interface")));
  EXPECT_THAT(problems(pod_), SizeIs(1)) << "the problem is not removed with the predecessor";
}

TEST_F(UnreadKubernetes, AnUnreadableSliceIsAProblem) {
  world_.cannot_read({SubjectKind::slice, "gb/guestbook-abc"}, "uid");
  converge();
  EXPECT_THAT(problems({SubjectKind::slice, "gb/guestbook-abc"}), SizeIs(1));
}

}  // namespace
}  // namespace knm::test
