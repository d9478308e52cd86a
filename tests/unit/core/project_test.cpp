#include <gtest/gtest.h>

#include "contrail-client/dependents.hpp"
#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"

// A dependent object of another client blocks the deletion of its parent.
namespace knm::test {
namespace {

using nlohmann::json;

const std::string project = "default-domain:gb", gb = project + ":";

class Occupied : public testing::Test {
 protected:
  Occupied() {
    Guestbook::apply_all(world_);
    world_.start();
    EXPECT_TRUE(converges(world_));
    world_.clear_log();
  }

  void create(const std::string& type, const std::string& name) {
    other_.create(type, {{"fq_name", split_name(gb + name)}, {"parent_type", "project"}});
  }
  std::size_t reads_of_projects() const {
    std::size_t out = 0;
    for (const auto& exchange : world_.log())
      out += exchange.request.method == "GET" && exchange.request.target.starts_with("/project/");
    return out;
  }
  testing::AssertionResult is_deleted_when_free(const std::string& type, const std::string& name) {
    if (!other_.has("project", project)) return testing::AssertionFailure() << "the project was deleted";
    if (!other_.has(type, gb + name)) return testing::AssertionFailure() << "the dependent was deleted";
    const auto held = world_.reported(Report::Kind::held);
    if (held != 1) return testing::AssertionFailure() << "reported " << held << " times";
    if (!world_.audit() || !converges(world_) || !other_.has("project", project))
      return testing::AssertionFailure() << "the project was deleted after an audit";
    if (world_.reported(Report::Kind::held) != held) return testing::AssertionFailure() << "reported again";
    other_.remove(type, gb + name);
    if (!world_.audit() || !converges(world_)) return testing::AssertionFailure() << "does not converge";
    return is_as_desired(world_, setup_);
  }

  Configuration setup_ = demo_setup();
  World world_{setup_.settings};
  OtherClient other_{world_.api()};
};

TEST_F(Occupied, AProjectIsReadOnceBeforeItIsDeleted) {
  world_.remove_namespace("gb");
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.reads(), 1U);
  EXPECT_EQ(reads_of_projects(), 1U);
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

TEST_F(Occupied, AChildOfAnUnknownTypeKeepsTheProject) {
  create("network-ipam", "theirs");
  world_.remove_namespace("gb");
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(is_deleted_when_free("network-ipam", "theirs"));
}

// The server would delete the project and leave this child as an orphan.
TEST_F(Occupied, AChildWithADefaultNameKeepsTheProject) {
  create("virtual-network", "default-virtual-network");
  world_.remove_namespace("gb");
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(is_deleted_when_free("virtual-network", "default-virtual-network"));
}

TEST_F(Occupied, AChildThatAnAuditShowsKeepsTheProject) {
  create("virtual-network", "theirs");
  ASSERT_TRUE(world_.audit());
  world_.remove_namespace("gb");
  ASSERT_TRUE(converges(world_));
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(is_deleted_when_free("virtual-network", "theirs"));
}

TEST_F(Occupied, ARecreatedNamespaceReportsWhyItWaits) {
  create("network-ipam", "theirs");
  world_.remove_namespace("gb");
  world_.apply(make_namespace("gb", 2));
  ASSERT_TRUE(converges(world_));
  const auto& pages = world_.engine().problems().pages();
  const auto page = pages.find({SubjectKind::ns, "gb"});
  ASSERT_NE(page, pages.end());
  EXPECT_EQ(page->second.all().front().reason, "ObjectOccupied");
  EXPECT_NE(page->second.all().front().message.find("network-ipam default-domain:gb:theirs"), std::string::npos);
  EXPECT_TRUE(every_reason_is_known(world_.engine().problems()));
  other_.remove("network-ipam", gb + "theirs");
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(is_as_desired(world_, setup_));
  EXPECT_TRUE(world_.engine().problems().pages().empty());
}

TEST_F(Occupied, AnInterfaceOfAnotherClientKeepsAnAdoptedNetwork) {
  create("virtual-network", "worker");
  ASSERT_TRUE(world_.audit());
  world_.apply(make_pod("gb", "worker-0", "worker"));
  ASSERT_TRUE(converges(world_));
  other_.create("virtual-machine-interface", {{"fq_name", split_name(gb + "theirs")},
                                              {"parent_type", "project"},
                                              {"virtual_network_refs", {{{"to", split_name(gb + "worker")}}}}});
  world_.clear_log();
  world_.remove_pod("gb/worker-0");
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(other_.has("virtual-network", gb + "worker"));
  EXPECT_EQ(world_.reads(), 1U) << "one read, and no refused attempt";
  EXPECT_EQ(world_.reported(Report::Kind::held), 1U);
  other_.remove("virtual-machine-interface", gb + "theirs");
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

// An owned object is unknown because the answer to its create was lost: the list of dependents shows it, and it is
// deleted.
TEST_F(Occupied, AnUnknownOwnedDependentIsDeleted) {
  contrail::Request late;
  world_.set_fault([&](const auto& request, const auto&) -> std::optional<ConfigAnswer> {
    if (request.method != "POST" || request.body.find("\"worker\"") == std::string::npos || !late.method.empty())
      return std::nullopt;
    late = request;
    return ConfigAnswer{Sent::no, 0, "", "reset"};
  });
  world_.apply(make_pod("gb", "worker-0", "worker"));
  while (late.method.empty() && world_.step()) {
  }
  ASSERT_EQ(late.target, "/virtual-networks");
  world_.remove_namespace("gb");
  // The create reaches the server late, when all other objects are deleted.
  world_.set_fault([&](const auto& request, const auto& carry_out) -> std::optional<ConfigAnswer> {
    if (request.method == "GET" && request.target.starts_with("/project/") && !late.method.empty()) {
      const auto sent = std::exchange(late, {});
      world_.api().handle({sent.method, sent.target, "localhost:8082", sent.body, {}});
    }
    return carry_out();
  });
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(late.method.empty());
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

TEST(Dependents, AreChildrenAndBackReferences) {
  const auto parsed = contrail::parse_dependents(contrail::Type::project, R"({"project": {
      "uuid": "00000000-0000-4000-8000-000000000000", "fq_name": ["d", "p"],
      "virtual_networks": [{"to": ["d", "p", "n"], "uuid": "00000000-0000-4000-8000-000000000001"}],
      "floating_ip_back_refs": [{"to": ["d", "x"], "uuid": "00000000-0000-4000-8000-000000000002", "attr": null}],
      "application_policy_set_refs": [{"to": ["d"], "uuid": "00000000-0000-4000-8000-000000000003"}],
      "annotations": {"key_value_pair": []}}})");
  ASSERT_TRUE(parsed) << parsed.error().message;
  ASSERT_EQ(parsed->size(), 2U);
  EXPECT_EQ((*parsed)[0].type, "floating-ip");
  EXPECT_EQ((*parsed)[0].name, "d:x");
  EXPECT_EQ((*parsed)[1].type, "virtual-network");
  EXPECT_EQ((*parsed)[1].name, "d:p:n");
  EXPECT_FALSE(contrail::parse_dependents(contrail::Type::project, "<html>"));
  EXPECT_FALSE(contrail::parse_dependents(contrail::Type::project, R"({"virtual-network": {}})"));
}

TEST_F(Occupied, AnInterfaceOfAnotherClientKeepsAnOwnedNetwork) {
  world_.apply(make_pod("gb", "worker-0", "worker"));
  ASSERT_TRUE(converges(world_));
  other_.create("virtual-machine-interface", {{"fq_name", split_name(gb + "theirs")},
                                              {"parent_type", "project"},
                                              {"virtual_network_refs", {{{"to", split_name(gb + "worker")}}}}});
  ASSERT_TRUE(world_.audit());
  world_.remove_pod("gb/worker-0");
  ASSERT_TRUE(converges(world_));
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(other_.has("virtual-network", gb + "worker"));
  EXPECT_EQ(world_.reported(Report::Kind::held), 1U);
  other_.remove("virtual-machine-interface", gb + "theirs");
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(converges(world_));
  EXPECT_TRUE(is_as_desired(world_, setup_));
}

}  // namespace
}  // namespace knm::test
