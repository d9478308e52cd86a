#include <gtest/gtest.h>

#include <set>
#include <string>

#include "controller/config/keys.hpp"
#include "controller/config/parse.hpp"

namespace knm {
namespace {

template <class Visit>
void for_each_key(Visit visit) {
  for (const auto& group : key_groups()) {
    for (const auto& key : group.keys) visit(key);
  }
}

TEST(ConfigDefaults, AnEmptyFileIsAllDefaults) {
  for (const std::string yaml : {"", "\n\n", "# only a comment\n", "---\n", "{}\n", "~\n"}) {
    const auto settings = parse_settings(yaml, "c.yaml");
    ASSERT_TRUE(settings.has_value()) << settings.error().message;
    EXPECT_EQ(*settings, Settings{}) << yaml;
  }
}

// The table shows the defaults to users; Settings contains those of the program.
TEST(ConfigDefaults, WritingADefaultChangesNothing) {
  for_each_key([](const Key& key) {
    const auto yaml = std::string(key.name) + ": " + std::string(key.default_value) + "\n";
    const auto settings = parse_settings(yaml, "c.yaml");
    ASSERT_TRUE(settings.has_value()) << settings.error().message;
    EXPECT_EQ(*settings, Settings{}) << yaml;
  });
}

// The keys without which a key of the login is refused.
std::string companions_of(std::string_view key) {
  if (key.find("auth-") != 0) return "";
  const bool credential = key.find("auth-credential") == 0;
  const bool scope = key == "auth-domain" || key == "auth-domain-id" || key == "auth-project-id";
  std::string out;
  for (const std::string line : {"auth-type: keystone", "auth-url: https://k:5000/v3",
                                 key == "auth-credential-id-file" ? ""
                                 : credential                     ? "auth-credential-id: i"
                                 : key == "auth-user-id"          ? ""
                                                                  : "auth-user: u",
                                 credential ? "auth-credential-secret-file: /s" : "auth-password-file: /p",
                                 credential || scope ? "" : "auth-project: p"})
    if (line.substr(0, line.find(':')) != key) out += line + "\n";
  return out;
}

// Also shows that each key sets a field and that the examples in the reference are correct.
TEST(ConfigDefaults, EveryExampleIsAcceptedAndChangesSomething) {
  for_each_key([](const Key& key) {
    const auto yaml = companions_of(key.name) + std::string(key.name) + ": " + std::string(key.example) + "\n";
    const auto settings = parse_settings(yaml, "c.yaml");
    ASSERT_TRUE(settings.has_value()) << settings.error().message;
    const auto without = parse_settings(companions_of(key.name), "c.yaml");
    EXPECT_TRUE(!without || *settings != *without) << yaml;
  });
}

TEST(ConfigDefaults, NamesAreUnique) {
  std::set<std::string_view> names;
  for_each_key([&](const Key& key) { EXPECT_TRUE(names.insert(key.name).second) << key.name; });
  EXPECT_GT(names.size(), 30U);
}

}  // namespace
}  // namespace knm
