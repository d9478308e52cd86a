// The users of kubeconfig files: plugins and impersonation.
#include <gtest/gtest.h>

#include "k8sclient/api/errc.hpp"
#include "k8sclient/config/kubeconfig.hpp"
#include "tests/unit/k8sclient/support/temp_folder.hpp"

namespace k8s {
namespace {

struct KubeconfigUserTest : testing::Test {
  base::Result<ClientConfig> load(const std::string& text) {
    return load_kubeconfig({folder.write("config", text)}, "", {});
  }
  test::TempFolder folder;
};

std::string user_with(const std::string& entries) {
  return R"(current-context: x
clusters: [{name: c, cluster: {server: "https://h"}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
users: [{name: u, user: {token: t, )" +
         entries + "}}]\n";
}

TEST_F(KubeconfigUserTest, ReadsTheUserToImpersonate) {
  const auto config =
      load(user_with("as: jane, as-uid: u-1, as-groups: [dev, 'a b'], "
                     "as-user-extra: {example.org/scope: [one, two], 100%: [three], empty: []}"));
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(impersonation_fields(config->impersonation), (net::Headers{{"Impersonate-User", "jane"},
                                                                       {"Impersonate-Uid", "u-1"},
                                                                       {"Impersonate-Group", "dev"},
                                                                       {"Impersonate-Group", "a b"},
                                                                       {"Impersonate-Extra-example.org%2Fscope", "one"},
                                                                       {"Impersonate-Extra-example.org%2Fscope", "two"},
                                                                       {"Impersonate-Extra-100%25", "three"}}));
  EXPECT_TRUE(impersonation_fields(load(user_with("as: ''"))->impersonation).empty());
}

TEST_F(KubeconfigUserTest, MergedKeysAreKeysOfTheExtraFields) {
  const auto keys = [&](const std::string& extra) {
    std::string all;
    const auto config = load(user_with("as: jane, as-user-extra: " + extra));
    if (!config) return config.error().message;
    for (const auto& [key, values] : config->impersonation.extra) all += key + "=" + values.front() + " ";
    return all;
  };
  EXPECT_EQ(keys("{a: [1], <<: {b: [2], a: [3]}}"), "a=1 b=2 ");
  EXPECT_EQ(keys("{<<: [{b: [2]}, {b: [3], c: [4]}]}"), "b=2 c=4 ");
  EXPECT_EQ(keys("{a: [1], <<: &loop [*loop]}"), "a=1 ");
}

TEST_F(KubeconfigUserTest, AnIncompleteImpersonationIsRefused) {
  const std::pair<const char*, const char*> cases[] = {
      {"as-uid: u", "as-uid: the key needs the name of the user"},
      {"as-groups: [x]", "as-groups: the key needs the name of the user"},
      {"as-user-extra: {a: [b]}", "as-user-extra: the key needs the name of the user"},
      {"as: \"a\\r\\nX: y\"", "as: the value must not have line breaks"},
      {"as: a, as-groups: [\"b\\nc\"]", "as-groups: the value must not have line breaks"},
      {"as: a, as-user-extra: {k: [\"b\\nc\"]}", "as-user-extra.k: the value must not have line breaks"},
      {"as: a, as-groups: b", "as-groups: the value must be a list of texts"},
      {"as: a, as-user-extra: {k: b}", "as-user-extra.k: the value must be a list of texts"},
      {"as: a, as-user-extra: [b]", "as-user-extra: the value must be a mapping"},
  };
  for (const auto& [entry, says] : cases) {
    const auto config = load(user_with(entry));
    ASSERT_FALSE(config) << entry;
    EXPECT_EQ(config.error().code, errc::bad_config);
    EXPECT_NE(config.error().message.find(says), std::string::npos) << config.error().message;
  }
}

const char* const with_plugin = R"(current-context: x
clusters:
- name: c
  cluster:
    server: https://h
    extensions:
    - {name: other, extension: 5}
    - name: client.authentication.k8s.io/exec
      extension: {audience: "06", number: 6, ratio: 0.5, flag: yes, none: null, list: [a, "true"]}
contexts: [{name: x, context: {cluster: c, user: u}}]
users:
- name: u
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: aws
      args: [eks, get-token, --region, eu]
      env: [{name: A, value: s3cret}, {name: B}]
      installHint: see https://example
      interactiveMode: IfAvailable
      provideClusterInfo: true
)";

std::string plugin_with(const std::string& from, const std::string& to) {
  std::string text = with_plugin;
  const auto at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error("no " + from);
  return text.replace(at, from.size(), to);
}

TEST_F(KubeconfigUserTest, ReadsAPlugin) {
  const auto config = load(with_plugin);
  ASSERT_TRUE(config) << config.error().message;
  ASSERT_TRUE(config->plugin);
  EXPECT_EQ(config->plugin->api_version, "client.authentication.k8s.io/v1");
  EXPECT_EQ(config->plugin->command, "aws");
  EXPECT_EQ(config->plugin->args, (std::vector<std::string>{"eks", "get-token", "--region", "eu"}));
  EXPECT_EQ(config->plugin->env, (std::vector<std::pair<std::string, std::string>>{{"A", "s3cret"}, {"B", ""}}));
  EXPECT_EQ(config->plugin->install_hint, "see https://example");
  EXPECT_EQ(config->plugin->cluster_config,
            R"({"audience":"06","flag":true,"list":["a","true"],"none":null,"number":6,"ratio":0.5})");
  EXPECT_EQ(load(plugin_with("provideClusterInfo: true", "args: null"))->plugin->cluster_config, "");
  EXPECT_FALSE(load(plugin_with("exec:", "token: t\n    exec:"))->plugin) << "a token makes it unnecessary";
  EXPECT_FALSE(load(plugin_with("exec:", "client-certificate: /c\n    exec:"))->plugin);
}

TEST_F(KubeconfigUserTest, ACommandWithAFolderIsRelativeToTheFile) {
  const auto command = [&](const std::string& given) {
    return load(plugin_with("command: aws", "command: " + given))->plugin->command;
  };
  EXPECT_EQ(command("aws"), "aws");
  EXPECT_EQ(command("./bin/aws"), folder.path("./bin/aws"));
  EXPECT_EQ(command("../aws"), folder.path("../aws"));
  EXPECT_EQ(command("/usr/bin/aws"), "/usr/bin/aws");
}

TEST_F(KubeconfigUserTest, PluginsThatCannotBeRunAreRefused) {
  const struct {
    const char *from, *to;
    errc code;
    const char* says;
  } cases[] = {
      {"interactiveMode: IfAvailable", "interactiveMode: Always", errc::unsupported, "needs a terminal"},
      {"interactiveMode: IfAvailable", "interactiveMode: Maybe", errc::bad_config, "Never, IfAvailable or Always"},
      {"interactiveMode: IfAvailable", "x: y", errc::bad_config, "Never, IfAvailable or Always"},
      {"k8s.io/v1\n", "k8s.io/v1alpha1\n", errc::unsupported, "'client.authentication.k8s.io/v1alpha1'"},
      {"apiVersion: client.authentication.k8s.io/v1\n", "x: y\n", errc::bad_config, "exec.apiVersion: the value is"},
      {"command: aws", "command: ''", errc::bad_config, "users[0].user.exec.command: the value is missing"},
      {"args: [eks", "args: [[s3cret]", errc::bad_config, "exec.args: the value must be a list of texts"},
      {"{name: A, ", "{", errc::bad_config, "exec.env[0].name: the value is missing"},
      {"name: A,", "name: A=B,", errc::bad_config, "must not have '='"},
  };
  for (const auto& c : cases) {
    const auto config = load(plugin_with(c.from, c.to));
    ASSERT_FALSE(config) << c.to;
    EXPECT_EQ(config.error().code, c.code) << config.error().message;
    EXPECT_NE(config.error().message.find(c.says), std::string::npos) << config.error().message;
    EXPECT_EQ(config.error().message.find("s3cret"), std::string::npos);
  }
  EXPECT_TRUE(load(plugin_with("interactiveMode: IfAvailable", "interactiveMode: Never")));
  std::string beta = plugin_with("k8s.io/v1\n", "k8s.io/v1beta1\n");
  beta.replace(beta.find("interactiveMode: IfAvailable"), 28, "x: y");
  EXPECT_TRUE(load(beta)) << "v1beta1 has a default";
}

TEST_F(KubeconfigUserTest, AnExtensionThatGrowsWithoutEndIsRefused) {
  std::string bomb = "extension: [&a [x,x,x,x,x,x,x,x,x,x]";
  for (char c = 'b'; c < 'h'; ++c) {
    const std::string one = std::string("*") + static_cast<char>(c - 1);
    bomb += std::string(", &") + c + " [" + one + "," + one + "," + one + "," + one + "," + one + "," + one + "]";
  }
  const auto config =
      load(plugin_with("extension: {audience: \"06\", number: 6, ratio: 0.5, flag: yes, none: null, "
                       "list: [a, \"true\"]}",
                       bomb + "]"));
  ASSERT_FALSE(config);
  EXPECT_NE(config.error().message.find("too large"), std::string::npos) << config.error().message;
}

}  // namespace
}  // namespace k8s
