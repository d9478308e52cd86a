#include "controller/model/pod_state.hpp"

#include <gtest/gtest.h>

#include "tests/unit/cni/samples.hpp"

namespace knm {
namespace {

using cni::test::ip;

void expect_error(const std::string& text, const std::string& member) {
  const auto state = parse_pod_state(text);
  ASSERT_FALSE(state) << text;
  EXPECT_NE(state.error().message.find("`" + member + "`"), std::string::npos) << state.error().message;
}

std::string with(const std::string& member, const std::string& value) {
  auto object = nlohmann::json::parse(cni::test::annotation);
  object[member] = nlohmann::json::parse(value);
  return object.dump();
}

TEST(PodStateText, IsReadAsItWasRendered) {
  for (const bool dual : {false, true}) {
    PodState state{cni::test::pod_uid,
                   *contrail::Uuid::parse(cni::test::interface_uuid),
                   "02:4e:2e:18:ce:20",
                   {ip("10.0.0.7")},
                   ip("10.0.255.254")};
    if (dual) state.addresses.push_back(ip("fd00::7"));
    const auto read = parse_pod_state(render(state));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->pod_uid, state.pod_uid);
    EXPECT_EQ(read->interface, state.interface);
    EXPECT_EQ(read->mac, state.mac);
    EXPECT_EQ(read->addresses, state.addresses);
    EXPECT_EQ(read->gateway, state.gateway);
  }
}

TEST(PodStateText, TheExampleOfTheDocumentationIsRead) {
  const auto state = parse_pod_state(cni::test::annotation);
  ASSERT_TRUE(state);
  EXPECT_EQ(state->interface.text(), cni::test::interface_uuid);
  EXPECT_EQ(state->addresses, std::vector{ip("10.0.0.7")});
}

TEST(PodStateText, UnknownMembersAreIgnoredAndPodUidMayBeAbsent) {
  EXPECT_TRUE(parse_pod_state(with("further", "[1]")));
  EXPECT_EQ(parse_pod_state(with("podUid", "null"))->pod_uid, "");
}

TEST(PodStateText, WrongMembersAreNamed) {
  expect_error("", "opencontrail.org/pod-state");
  expect_error("[]", "opencontrail.org/pod-state");
  expect_error(with("uuid", R"("4E2E18CE-2043-536C-BC98-78ADF6321775")"), "uuid");
  expect_error(with("macAddress", R"("02:4e:2e:18:ce")"), "macAddress");
  expect_error(with("macAddress", R"("02-4e-2e-18-ce-20")"), "macAddress");
  expect_error(with("macAddress", R"("02:4e:2e:18:ce:2g")"), "macAddress");
  expect_error(with("ipAddress", R"("10.0.0")"), "ipAddress");
  expect_error(with("ipAddress", "null"), "ipAddress");
  expect_error(with("ipAddresses", "[]"), "ipAddresses");
  expect_error(with("ipAddresses", R"(["10.0.0.7", 1])"), "ipAddresses");
  expect_error(with("ipAddresses", R"("10.0.0.7")"), "ipAddresses");
  expect_error(with("gateway", R"("fd00::1")"), "gateway");
  expect_error(with("gateway", "null"), "gateway");
}

}  // namespace
}  // namespace knm
