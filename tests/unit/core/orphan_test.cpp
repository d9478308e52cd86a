#include <gtest/gtest.h>

#include "controller/model/provenance.hpp"
#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"

// What is marked ours and explained by no rule.
namespace knm::test {
namespace {

using nlohmann::json;
using std::chrono::minutes;

const std::string network = "default-domain:gb:gadget";

class Orphan : public testing::Test {
 protected:
  Orphan() {
    Guestbook::apply_all(world_);
    world_.start();
    EXPECT_TRUE(comes_to_rest(world_));
  }

  void create(const std::string& kind, const std::string& uid, const std::string& object = "gb/guestbook-0") {
    json pairs = json::array();
    const auto add = [&](const std::string& key, const std::string& value) {
      pairs.push_back({{"key", "opencontrail.org/" + key}, {"value", value}});
    };
    add("owner", "kubernetes/" + test::uid("namespace", "kube-system", 1));
    add("kind", kind);
    if (!uid.empty()) add("uid", uid);
    add("object", object);
    other_.create(
        "virtual-network",
        {{"fq_name", split_name(network)}, {"parent_type", "project"}, {"annotations", {{"key_value_pair", pairs}}}});
  }
  // All that can be done without time passing.
  void work() {
    while (world_.step()) {
    }
  }
  bool is_there() const { return other_.has("virtual-network", network); }
  std::vector<std::string> reasons(SubjectKind kind, const std::string& key) {
    std::vector<std::string> out;
    const auto& pages = world_.engine().problems().pages();
    if (const auto page = pages.find({kind, key}); page != pages.end())
      for (const auto& problem : page->second.all()) out.push_back(problem.reason);
    return out;
  }

  Configuration setup_ = demo_setup();
  World world_{setup_.settings};
  OtherClient other_{world_.api()};
};

TEST_F(Orphan, OfAnUnknownKindIsHeldForTheGraceTime) {
  create("Gadget", "1");
  ASSERT_TRUE(world_.audit());
  work();
  EXPECT_EQ(world_.reported(Report::Kind::held), 1U);
  EXPECT_EQ(reasons(SubjectKind::pod, "gb/guestbook-0"), std::vector<std::string>{"UnexplainedObject"});
  EXPECT_TRUE(every_reason_is_known(world_.engine().problems()));
  // Audits in between neither hurry it nor start it anew.
  world_.pass(minutes(9));
  ASSERT_TRUE(world_.audit());
  work();
  EXPECT_TRUE(is_there());
  world_.pass(minutes(1));
  work();
  EXPECT_FALSE(is_there());
  EXPECT_EQ(world_.reported(Report::Kind::held), 1U);
  EXPECT_EQ(reasons(SubjectKind::pod, "gb/guestbook-0"), std::vector<std::string>{});
  EXPECT_TRUE(is_as_wanted(world_, setup_));
}

// It may have been made for the object that cannot be read: the end of one hold is not the end of all.
TEST_F(Orphan, StaysAfterTheGraceTimeWhileAnObjectWithoutANameCannotBeRead) {
  create("Gadget", "1");
  ASSERT_TRUE(world_.audit());
  work();
  world_.engine().note_nameless(SubjectKind::pod, true);
  world_.pass(minutes(11));
  work();
  EXPECT_TRUE(is_there());
  world_.engine().note_nameless(SubjectKind::pod, false);
  work();
  EXPECT_FALSE(is_there());
}

TEST_F(Orphan, AStartBeginsTheGraceTimeAnew) {
  create("Gadget", "1");
  world_.restart();
  work();
  world_.pass(minutes(9));
  world_.restart();
  work();
  world_.pass(minutes(9));
  work();
  EXPECT_TRUE(is_there());
  world_.pass(minutes(1));
  work();
  EXPECT_FALSE(is_there());
}

TEST_F(Orphan, WithoutAUidIsOne) {
  create("PodTier", "");
  ASSERT_TRUE(world_.audit());
  work();
  EXPECT_TRUE(is_there());
  EXPECT_EQ(world_.reported(Report::Kind::held), 1U);
}

TEST_F(Orphan, OfAKindThatDoesNotFitTheTypeIsOne) {
  create("Service", "1", "gb/guestbook");
  ASSERT_TRUE(world_.audit());
  work();
  EXPECT_TRUE(is_there());
  EXPECT_EQ(reasons(SubjectKind::service, "gb/guestbook"), std::vector<std::string>{"UnexplainedObject"});
}

TEST_F(Orphan, WhatIsExplainedGoesAtOnce) {
  create("PodTier", make_namespace("gb").meta.uid, "gb/gadget");
  ASSERT_TRUE(world_.audit());
  work();
  EXPECT_FALSE(is_there());
}

TEST_F(Orphan, StaysWhereItsMarkIsTakenAway) {
  create("Gadget", "1");
  ASSERT_TRUE(world_.audit());
  work();
  for (const auto* key : {"owner", "kind", "uid", "object"})
    other_.remove_annotation("virtual-network", network, std::string("opencontrail.org/") + key);
  ASSERT_TRUE(world_.audit());
  work();
  world_.pass(minutes(11));
  work();
  EXPECT_TRUE(is_there());
  EXPECT_EQ(reasons(SubjectKind::pod, "gb/guestbook-0"), std::vector<std::string>{});
}

TEST_F(Orphan, ThatBecomesWantedIsKept) {
  create("Gadget", "1");
  ASSERT_TRUE(world_.audit());
  work();
  const auto mark = [&] { return other_.get("virtual-network", network).dump(); };
  world_.apply(make_pod("gb", "gadget-0", "gadget"));
  ASSERT_TRUE(comes_to_rest(world_));
  EXPECT_TRUE(is_as_wanted(world_, setup_));
  EXPECT_EQ(mark().find("Gadget"), std::string::npos);
}

// Somebody takes the UID out of the mark of what is in use: nothing is replaced for that.
TEST_F(Orphan, AMarkWithoutAUidOnWhatIsWantedIsPutRight) {
  const auto before = json::parse(world_.api().dump())["virtual-machine-interface"];
  other_.remove_annotation("virtual-machine-interface", "default-domain:gb:guestbook-0", "opencontrail.org/uid");
  world_.clear_log();
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(comes_to_rest(world_));
  EXPECT_EQ(world_.writes(), 1U) << testing::PrintToString(world_.write_list());
  EXPECT_EQ(json::parse(world_.api().dump())["virtual-machine-interface"], before);
}

// Whatever the binder makes is explained, and its uuid is the one that is derived for its mark.
TEST_F(Orphan, NothingThatIsWantedIsOne) {
  const auto& table = world_.engine().table();
  std::size_t checked = 0;
  for (SlotId id = 0; id < table.size(); ++id) {
    const auto& entry = table[id];
    if (!entry.is_desired() || entry.target_api() != TargetApi::config || entry.is_shared()) continue;
    const auto object = world_.engine().binder().bodies().object(id);
    EXPECT_TRUE(is_explained(object.type, text_of(object.annotations, annotation_kind),
                             text_of(object.annotations, annotation_uid)))
        << object.fq_name;
    EXPECT_TRUE(has_derived_uuid(object)) << contrail::name(object.type) << " " << object.fq_name;
    ++checked;
  }
  EXPECT_GT(checked, 30U);
}

}  // namespace
}  // namespace knm::test
