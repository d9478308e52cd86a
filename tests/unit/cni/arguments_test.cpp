#include "controller/cni/core/arguments.hpp"

#include <gtest/gtest.h>

#include "controller/cni/core/errc.hpp"

namespace knm::cni {
namespace {

Environment of_add() {
  return {{"CNI_COMMAND", "ADD"},
          {"CNI_CONTAINERID", "c0ffee"},
          {"CNI_NETNS", "/run/netns/c0ffee"},
          {"CNI_IFNAME", "eth0"},
          {"CNI_ARGS", "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web-1;K8S_POD_UID=u-1"}};
}

Environment with(Environment environment, const std::string& name, const std::string& value) {
  environment[name] = value;
  return environment;
}

void expect_error_names(const Environment& environment, const std::string& variable) {
  const auto arguments = read_arguments(environment);
  ASSERT_FALSE(arguments) << variable;
  EXPECT_EQ(arguments.error().code, errc::bad_environment);
  EXPECT_EQ(arguments.error().message.find(variable), 0U) << arguments.error().message;
}

TEST(Arguments, AreReadFromTheVariables) {
  const auto arguments = read_arguments(of_add());
  ASSERT_TRUE(arguments) << arguments.error().message;
  EXPECT_EQ(arguments->command, Command::add);
  EXPECT_EQ(arguments->attachment, (AttachmentRef{"c0ffee", "eth0"}));
  EXPECT_EQ(arguments->netns, "/run/netns/c0ffee");
  EXPECT_EQ(arguments->pod, (PodRef{"shop", "web-1", "u-1"}));
}

TEST(Arguments, OfACallWithoutContainerMayBeAbsent) {
  for (const auto& [text, command] :
       {std::pair{"STATUS", Command::status}, {"GC", Command::gc}, {"VERSION", Command::version}}) {
    const auto arguments = read_arguments({{"CNI_COMMAND", text}});
    ASSERT_TRUE(arguments) << text;
    EXPECT_EQ(arguments->command, command);
  }
}

TEST(Arguments, ThatAreMissingAreNamed) {
  expect_error_names({}, "CNI_COMMAND");
  expect_error_names(with(of_add(), "CNI_COMMAND", "add"), "CNI_COMMAND");
  for (const char* command : {"ADD", "CHECK"}) {
    const auto environment = with(of_add(), "CNI_COMMAND", command);
    for (const char* variable : {"CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"})
      expect_error_names(with(environment, variable, ""), variable);
  }
  expect_error_names(with(of_add(), "CNI_ARGS", "K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web-1"), "CNI_ARGS");
  expect_error_names(with(of_add(), "CNI_ARGS", "K8S_POD_NAMESPACE=;K8S_POD_NAME=a;K8S_POD_UID=u"), "CNI_ARGS");
}

TEST(Arguments, OfDelNeedNeitherTheNamespaceNorThePod) {
  auto environment = with(with(of_add(), "CNI_COMMAND", "DEL"), "CNI_NETNS", "");
  environment.erase("CNI_ARGS");
  EXPECT_TRUE(read_arguments(environment));
  expect_error_names(with(environment, "CNI_CONTAINERID", ""), "CNI_CONTAINERID");
}

TEST(Arguments, ContainerIdsAndInterfacesHaveTheCharactersOfTheSpecification) {
  for (const char* id : {"a", "0123", "A_b.c-d"}) EXPECT_TRUE(is_container_id(id)) << id;
  for (const char* id : {"", "-a", "_a", "a/b", "a b", "a;b", "a\n"}) EXPECT_FALSE(is_container_id(id)) << id;
  for (const char* name : {"eth0", "a-b_c.d", "123456789012345"}) EXPECT_TRUE(is_interface_name(name)) << name;
  for (const char* name :
       {"", ".", "..", "a/b", "a:b", "a b", "a\tb", "a#b", "a\"b", "a'b", "a\\b", "-a", "1234567890123456"})
    EXPECT_FALSE(is_interface_name(name)) << name;
}

}  // namespace
}  // namespace knm::cni
