#include <gtest/gtest.h>

#include "controller/model/provenance.hpp"
#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"

// Owned objects that no rule explains.
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
    EXPECT_TRUE(converges(world_));
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
  // Runs all requests that are due now.
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

TEST_F(Orphan, AnUnknownKindIsHeldForTheGraceTime) {
  create("Gadget", "1");
  ASSERT_TRUE(world_.audit());
  work();
  EXPECT_EQ(world_.reported(Report::Kind::held), 1U);
  EXPECT_EQ(reasons(SubjectKind::pod, "gb/guestbook-0"), std::vector<std::string>{"UnexplainedObject"});
  EXPECT_TRUE(every_reason_is_known(world_.engine().problems()));
  // Audits neither shorten the grace time nor restart it.
  world_.pass(minutes(9));
  ASSERT_TRUE(world_.audit());
  work();
  EXPECT_TRUE(is_there());
  world_.pass(minutes(1));
  work();
  EXPECT_FALSE(is_there());
  EXPECT_EQ(world_.reported(Report::Kind::held), 1U);
  EXPECT_EQ(reasons(SubjectKind::pod, "gb/guestbook-0"), std::vector<std::string>{});
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

// The orphan may belong to the unreadable object: the end of one hold must not end the other.
TEST_F(Orphan, IsHeldAfterTheGraceTimeWhileAnObjectWithoutANameIsUnreadable) {
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

TEST_F(Orphan, ARestartRestartsTheGraceTime) {
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

TEST_F(Orphan, AnObjectWithoutAUidIsAnOrphan) {
  create("PodTier", "");
  ASSERT_TRUE(world_.audit());
  work();
  EXPECT_TRUE(is_there());
  EXPECT_EQ(world_.reported(Report::Kind::held), 1U);
}

TEST_F(Orphan, AnObjectWhoseKindDoesNotFitItsTypeIsAnOrphan) {
  create("Service", "1", "gb/guestbook");
  ASSERT_TRUE(world_.audit());
  work();
  EXPECT_TRUE(is_there());
  EXPECT_EQ(reasons(SubjectKind::service, "gb/guestbook"), std::vector<std::string>{"UnexplainedObject"});
}

TEST_F(Orphan, AnExplainedObjectIsDeletedAtOnce) {
  create("PodTier", make_namespace("gb").meta.uid, "gb/gadget");
  ASSERT_TRUE(world_.audit());
  work();
  EXPECT_FALSE(is_there());
}

TEST_F(Orphan, IsNotDeletedAfterItsOwnerAnnotationsAreRemoved) {
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

TEST_F(Orphan, IsKeptIfItBecomesDesired) {
  create("Gadget", "1");
  ASSERT_TRUE(world_.audit());
  work();
  const auto text = [&] { return other_.get("virtual-network", network).dump(); };
  world_.apply(make_pod("gb", "gadget-0", "gadget"));
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(is_as_desired(world_, setup_));
  EXPECT_EQ(text().find("Gadget"), std::string::npos);
}

// Another client removes the UID from the owner annotations of an object in use: the object must not be replaced.
TEST_F(Orphan, OwnerAnnotationsOfADesiredObjectWithoutAUidAreRepaired) {
  const auto before = json::parse(world_.api().dump())["virtual-machine-interface"];
  other_.remove_annotation("virtual-machine-interface", "default-domain:gb:guestbook-0", "opencontrail.org/uid");
  world_.clear_log();
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.writes(), 1U) << testing::PrintToString(world_.write_list());
  EXPECT_EQ(json::parse(world_.api().dump())["virtual-machine-interface"], before);
}

// A rule explains every object of the binder, and its uuid is the one derived from its owner annotations.
TEST_F(Orphan, NoDesiredObjectIsAnOrphan) {
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
