#include <gtest/gtest.h>

#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"

// Unexpected content of another client must only affect its own object.
namespace knm::test {
namespace {

using nlohmann::json;

const std::string public_pool = "default-domain:default-project:Public:Public";
const std::string own_address = public_pool + ":gb_guestbook";

json mappings(json list) { return {{"port_mappings", std::move(list)}}; }

class Unreadable : public testing::Test {
 protected:
  Unreadable() {
    Guestbook::apply_all(world_);
    world_.start();
    settle();
    world_.clear_log();
  }

  void settle() {
    ASSERT_TRUE(converges(world_));
    ASSERT_TRUE(is_as_desired(world_, setup_));
    ASSERT_TRUE(audits_and_restart_write_nothing(world_));
  }
  void create_foreign_address() {
    other_.create("floating-ip", {{"fq_name", split_name(public_pool + ":theirs")},
                                  {"parent_type", "floating-ip-pool"},
                                  {"floating_ip_address", "192.0.2.77"},
                                  {"floating_ip_port_mappings", mappings({"x", {{"src_port", "80"}}})}});
  }

  // Lists show every object of a type with another value for one member.
  void damage(contrail::Type type, const std::string& member, const json& value) {
    const auto plural = std::string(contrail::plural(type)), name = std::string(contrail::name(type));
    world_.set_fault([=](const auto& request, const auto& carry_out) -> std::optional<ConfigAnswer> {
      if (!contrail::is_read(request)) return std::nullopt;
      auto answer = carry_out();
      auto body = json::parse(answer.body, nullptr, false);
      if (!body.is_object() || !body.contains(plural)) return answer;
      for (auto& item : body[plural]) (item.contains(name) ? item[name] : item)[member] = value;
      answer.body = body.dump();
      return answer;
    });
  }
  std::size_t deletions() const {
    std::size_t count = 0;
    for (const auto& line : world_.write_list()) count += line.find(" DELETE ") != std::string::npos;
    return count;
  }

  Configuration setup_ = demo_setup();
  World world_{setup_.settings};
  OtherClient other_{world_.api()};
};

TEST_F(Unreadable, AnAuditIgnoresInvalidMappingsOfAForeignObject) {
  create_foreign_address();
  other_.remove_with_dependents("floating-ip", own_address);
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.writes(), 1U) << "drift is repaired, and nothing else is written";
  settle();
  EXPECT_EQ(other_.get("floating-ip", public_pool + ":theirs")["floating_ip_port_mappings"],
            mappings({"x", {{"src_port", "80"}}}));
}

TEST_F(Unreadable, AStartIgnoresInvalidMappingsOfAForeignObject) {
  create_foreign_address();
  world_.crash();
  world_.start();
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.writes(), 0U);
  settle();
}

TEST_F(Unreadable, InvalidMappingsOfAnOwnedObjectAreRepaired) {
  const auto before = other_.get("floating-ip", own_address)["floating_ip_port_mappings"];
  other_.put("floating-ip", own_address, {{"floating_ip_port_mappings", mappings({{{"src_port", "80"}}, 5})}});
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.writes(), 1U);
  settle();
  EXPECT_EQ(other_.get("floating-ip", own_address)["floating_ip_port_mappings"], before);
}

struct Damage {
  const char* member;
  json value;
};

void PrintTo(const Damage& damage, std::ostream* out) { *out << damage.member << " = " << damage.value; }

class UnreadableObject : public Unreadable, public testing::WithParamInterface<std::tuple<contrail::Type, Damage>> {};

TEST_P(UnreadableObject, ExistsForAnAudit) {
  const auto& [type, damage_] = GetParam();
  damage(type, damage_.member, damage_.value);
  ASSERT_TRUE(world_.audit());
  EXPECT_FALSE(world_.unreadable().empty());
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.writes(), 0U) << testing::PrintToString(world_.write_list());
  EXPECT_EQ(world_.reported(Report::Kind::drift), 0U);
  world_.set_fault({});
  ASSERT_TRUE(world_.audit());
  EXPECT_TRUE(world_.unreadable().empty());
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.writes(), 0U) << testing::PrintToString(world_.write_list());
  settle();
}

TEST_P(UnreadableObject, IsNotDeletedByAStart) {
  const auto& [type, damage_] = GetParam();
  damage(type, damage_.member, damage_.value);
  world_.crash();
  world_.start();
  EXPECT_FALSE(world_.unreadable().empty());
  converges(world_);
  EXPECT_EQ(deletions(), 0U) << testing::PrintToString(world_.write_list());
  world_.set_fault({});
  ASSERT_TRUE(world_.audit());
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(deletions(), 0U) << testing::PrintToString(world_.write_list());
  settle();
}

INSTANTIATE_TEST_SUITE_P(
    Types, UnreadableObject,
    testing::Combine(testing::Values(contrail::Type::project, contrail::Type::virtual_network,
                                     contrail::Type::network_policy, contrail::Type::floating_ip_pool,
                                     contrail::Type::floating_ip, contrail::Type::virtual_machine,
                                     contrail::Type::virtual_machine_interface, contrail::Type::instance_ip),
                     testing::Values(Damage{"parent_uuid", 5}, Damage{"annotations", json::array()},
                                     Damage{"fq_name", "x"}, Damage{"uuid", 7})));

// Drift of other objects is repaired.
TEST_F(Unreadable, OtherObjectsOfTheSameListAreAudited) {
  other_.remove("instance-ip", "gb_guestbook-0");
  damage(contrail::Type::network_policy, "parent_uuid", 5);
  ASSERT_TRUE(world_.audit());
  EXPECT_FALSE(world_.unreadable().empty());
  ASSERT_TRUE(converges(world_));
  EXPECT_EQ(world_.writes(), 1U);
  world_.set_fault({});
  settle();
}

}  // namespace
}  // namespace knm::test
