#include "k8sclient/config/kubeconfig.hpp"

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "k8sclient/api/errc.hpp"
#include "k8sclient/config/in_cluster.hpp"
#include "tests/unit/k8sclient/support/temp_folder.hpp"

namespace k8s {
namespace {

const char* const whole = R"(apiVersion: v1
kind: Config
current-context: one
clusters:
- name: c1
  cluster:
    server: https://h1:6443
    certificate-authority: pki/ca.crt
    tls-server-name: api.example
- name: c2
  cluster: {server: "https://[::1]:7443/base", insecure-skip-tls-verify: true}
contexts:
- name: one
  context: {cluster: c1, user: u1, namespace: shop}
- name: two
  context: {cluster: c2, user: u2}
users:
- name: u1
  user: {token: t0ken, client-certificate: /abs/c.crt, client-key-data: aGVsbG8=}
- name: u2
  user: {tokenFile: secrets/token}
)";

struct KubeconfigTest : testing::Test {
  base::Result<ClientConfig> load(const std::string& text, const std::string& context = "") {
    return load_kubeconfig({folder.write("config", text)}, context, variables);
  }
  net::ProxyVariables variables;
  test::TempFolder folder;
};

std::string with(const std::string& from, const std::string& to) {
  std::string text = whole;
  const auto at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error("no " + from);
  return text.replace(at, from.size(), to);
}

TEST_F(KubeconfigTest, ReadsTheCurrentContext) {
  const auto config = load(whole);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->server, (net::Endpoint{true, "h1", 6443, ""}));
  EXPECT_EQ(config->tls.ca_file, folder.path("pki/ca.crt"));
  EXPECT_EQ(config->tls.server_name, "api.example");
  EXPECT_EQ(config->tls.cert_file, "/abs/c.crt");
  EXPECT_EQ(config->tls.key_data, "hello");
  EXPECT_EQ(config->token, "t0ken");
  EXPECT_EQ(config->default_namespace, "shop");
  EXPECT_EQ(config->source, "context 'one' of " + folder.path("config"));
  EXPECT_TRUE(config->warnings.empty());
}

TEST_F(KubeconfigTest, ReadsANamedContextAndWarnsOfMissingVerification) {
  const auto config = load(whole, "two");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->server, (net::Endpoint{true, "::1", 7443, "/base"}));
  EXPECT_EQ(config->token_file, folder.path("secrets/token"));
  EXPECT_EQ(config->default_namespace, "default");
  ASSERT_EQ(config->warnings.size(), 1u);
  EXPECT_NE(config->warnings[0].find("not verified"), std::string::npos);
}

TEST_F(KubeconfigTest, MergesFilesWithPriorityForTheFirst) {
  const auto first =
      folder.write("a/config", "current-context: two\nclusters:\n- {name: c2, cluster: {server: 'https://other'}}\n");
  const auto second = folder.write("b/config", whole);
  const auto config = load_kubeconfig({first, folder.path("none"), second});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->server.host, "other");
  EXPECT_EQ(config->token_file, folder.path("b/secrets/token"));
}

// The rules of
// https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files
TEST_F(KubeconfigTest, AnEntryIsThatOfOneFileAndNotMixed) {
  const auto first = folder.write("a/config", R"(
users:
- {name: u1, user: {client-certificate: me.crt, client-key: me.key}}
contexts:
- {name: one, context: {cluster: c1, user: u1}}
)");
  const auto second = folder.write("b/config", whole);
  const auto config = load_kubeconfig({folder.path("none"), first, second}, "", {});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->tls.cert_file, folder.path("a/me.crt"));
  EXPECT_EQ(config->tls.key_file, folder.path("a/me.key"));
  EXPECT_EQ(config->tls.key_data, "") << "the second file's u1 counts for nothing";
  EXPECT_EQ(config->token, "");
  EXPECT_EQ(config->default_namespace, "default");
  EXPECT_EQ(config->tls.ca_file, folder.path("b/pki/ca.crt")) << "relative to the file that sets it";
  EXPECT_EQ(config->source, "context 'one' of " + first);
}

TEST_F(KubeconfigTest, ANameThatIsTwiceInAFileIsRefused) {
  const std::pair<const char*, const char*> cases[] = {
      {"- name: c2\n", "clusters[1].name: the name 'c1' is there twice"},
      {"- name: two\n", "contexts[1].name: the name 'one' is there twice"},
      {"- name: u2\n", "users[1].name: the name 'u1' is there twice"},
  };
  const std::string other[] = {"- name: c1\n", "- name: one\n", "- name: u1\n"};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto config = load(with(cases[i].first, other[i]));
    ASSERT_FALSE(config) << cases[i].first;
    EXPECT_NE(config.error().message.find(cases[i].second), std::string::npos) << config.error().message;
  }
}

TEST_F(KubeconfigTest, JsonIsYaml) {
  EXPECT_TRUE(load(
      R"({"clusters":[{"name":"c","cluster":{"server":"https://h"}}],"contexts":[{"name":"x","context":{"cluster":"c"}}],"current-context":"x"})"));
}

TEST_F(KubeconfigTest, AMissingContextIsReportedWithTheExistingOnes) {
  const auto config = load(whole, "three");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, errc::bad_config);
  EXPECT_EQ(config.error().message, "kubeconfig " + folder.path("config") +
                                        ":13, key contexts: unknown context 'three'; the contexts are: 'one', 'two'");
}

TEST_F(KubeconfigTest, ErrorsNameTheLineTheKeyAndTheRemedy) {
  const struct {
    std::string text;
    const char* context;
    std::vector<std::string> says;
  } cases[] = {
      {"", "", {"key current-context", "no context is selected", "the contexts are: none"}},
      {"# a comment\n---\n", "", {"no context is selected"}},
      {"- a\n- b\n", "", {":1", "not a kubeconfig"}},
      {"a: [b\n", "", {":2", "not YAML"}},
      {with("current-context: one", "x: y"), "", {"no context is selected", "'one', 'two'"}},
      {with("current-context: one", "current-context: none"),
       "",
       {":3, key current-context", "'none'", "'one', 'two'"}},
      {with("server: https://h1:6443", "srv: x"), "", {":7, key clusters[0].cluster.server", "missing"}},
      {with("https://h1:6443", "h1:6443"), "", {":7, key clusters[0].cluster.server", "https"}},
      {with("https://h1:6443", "[x]"), "", {":7, key clusters[0].cluster.server", "text"}},
      {with("cluster: c1", "cluster: c9"), "", {":14, key contexts[0].context.cluster", "'c9'", "'c1', 'c2'"}},
      {with("user: u1", "user: u9"), "", {":14, key contexts[0].context.user", "'u9'", "'u1', 'u2'"}},
      {with("aGVsbG8=", "s3cret!"), "", {":19, key users[0].user.client-key-data", "base64"}},
      {with("insecure-skip-tls-verify: true", "insecure-skip-tls-verify: maybe"),
       "two",
       {"insecure-skip-tls-verify", "true or false"}},
      {with("insecure-skip-tls-verify: true", "insecure-skip-tls-verify: true, certificate-authority: x"),
       "two",
       {"contradicts"}},
      {with("t0ken", "'s3cret t0ken'"), "", {"users[0].user.token", "white space"}},
      {with("contexts:\n", "contexts: 5\nother:\n"), "", {"key contexts", "list"}},
      {with("context: {cluster: c1, user: u1, namespace: shop}", "context: 7"), "", {"contexts[0].context", "mapping"}},
      {with("users:\n- name: u1", "users:\n- 5\n- name: u1"), "", {"users[0]", "mapping"}},
  };
  for (const auto& c : cases) {
    const auto config = load(c.text, c.context);
    ASSERT_FALSE(config) << c.text;
    EXPECT_EQ(config.error().code, errc::bad_config);
    for (const auto& part : c.says)
      EXPECT_NE(config.error().message.find(part), std::string::npos) << part << " in " << config.error().message;
    EXPECT_EQ(config.error().message.find("s3cret"), std::string::npos);
  }
}

TEST_F(KubeconfigTest, UnsupportedSettingsAreRefused) {
  for (const char* entry : {"as: ''", "username: \"\"", "as-groups: []", "as-user-extra: {}", "exec: null", "exec:"})
    EXPECT_TRUE(load(with("token: t0ken", entry))) << entry;
  EXPECT_TRUE(load(with("tls-server-name: api.example", "proxy-url: ''")));
  for (const char* entry : {"auth-provider: {name: oidc}", "username: me", "password: s3cret"}) {
    const auto config = load(with("token: t0ken", entry));
    ASSERT_FALSE(config) << entry;
    EXPECT_EQ(config.error().code, errc::unsupported);
    EXPECT_NE(config.error().message.find("users[0].user."), std::string::npos) << config.error().message;
    EXPECT_EQ(config.error().message.find("s3cret"), std::string::npos);
  }
}

TEST_F(KubeconfigTest, AProxyIsThatOfTheClusterOrOfTheVariables) {
  const auto proxy = [&](const std::string& setting) {
    const auto config = load(with("tls-server-name: api.example", setting));
    return config->proxy ? config->proxy->address.url() : "none";
  };
  EXPECT_EQ(proxy("proxy-url: ''"), "none");
  EXPECT_EQ(proxy("proxy-url: http://us3r:s3cret@proxy:3128"), "http://proxy:3128");
  variables = {"http://plain:1", "http://secure:2", ""};
  EXPECT_EQ(proxy("proxy-url: ''"), "http://secure:2");
  EXPECT_EQ(proxy("proxy-url: http://proxy:3128"), "http://proxy:3128");
  variables.no_proxy = "h1";
  EXPECT_EQ(proxy("proxy-url: ''"), "none");
  EXPECT_EQ(proxy("proxy-url: http://proxy:3128"), "http://proxy:3128") << "as kubectl: NO_PROXY is for the variables";

  const auto refused = load(with("tls-server-name: api.example", "proxy-url: socks5://us3r:s3cret@proxy"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::bad_config);
  EXPECT_NE(
      refused.error().message.find(":9, key clusters[0].cluster.proxy-url: the proxy cannot be used: only http://"),
      std::string::npos)
      << refused.error().message;
  EXPECT_EQ(refused.error().message.find("s3cret"), std::string::npos);
  variables = {"", "https://us3r:s3cret@proxy", ""};
  const auto variable = load(whole);
  ASSERT_FALSE(variable);
  EXPECT_NE(variable.error().message.find("variable HTTPS_PROXY: "), std::string::npos) << variable.error().message;
  EXPECT_EQ(variable.error().message.find("s3cret"), std::string::npos);
}

TEST_F(KubeconfigTest, AContextWithoutAUserIsAnonymous) {
  for (const char* user : {"user: \"\"", "user:", "user: ''"}) {
    const auto config = load(with("user: u1", user));
    ASSERT_TRUE(config) << user << config.error().message;
    EXPECT_EQ(config->token, "");
  }
}

TEST_F(KubeconfigTest, BooleansAreThoseOfYaml11) {
  const auto insecure = [&](const std::string& value) {
    return load(with("insecure-skip-tls-verify: true", "insecure-skip-tls-verify: " + value), "two");
  };
  for (const char* yes : {"yes", "Yes", "YES", "y", "Y", "on", "On", "ON", "true", "True", "TRUE", "!!bool yes"}) {
    ASSERT_TRUE(insecure(yes)) << yes;
    EXPECT_TRUE(insecure(yes)->tls.insecure) << yes;
  }
  for (const char* no : {"no", "No", "NO", "n", "N", "off", "Off", "OFF", "false", "False", "FALSE", "~", "null"}) {
    ASSERT_TRUE(insecure(no)) << no;
    EXPECT_FALSE(insecure(no)->tls.insecure) << no;
  }
  for (const char* neither : {"\"true\"", "'yes'", "1", "''", "tRue", "!!str true", "[true]"})
    EXPECT_FALSE(insecure(neither)) << neither;
}

TEST_F(KubeconfigTest, BinaryIsDecoded) {
  EXPECT_EQ(load(with("token: t0ken", "token: !!binary dDBrZW4="))->token, "t0ken");
  EXPECT_EQ(load(with("client-key-data: aGVsbG8=", "client-key-data: !!binary YUdWc2JHOD0="))->tls.key_data, "hello");
  EXPECT_NE(load(with("token: t0ken", "token: !!binary '*'")).error().message.find("!!binary"), std::string::npos);
}

TEST_F(KubeconfigTest, MergeKeysMerge) {
  const auto cluster = [&](const std::string& text) {
    return load(with("    server: https://h1:6443\n", "    " + text + "\n"));
  };
  EXPECT_EQ(cluster("<<: {server: 'https://m'}")->server.host, "m");
  EXPECT_EQ(cluster("<<: {server: 'https://m'}\n    server: https://own")->server.host, "own");
  EXPECT_EQ(cluster("server: https://own\n    <<: {server: 'https://m'}")->server.host, "own");
  EXPECT_EQ(cluster("<<: [{server: 'https://a'}, {server: 'https://b'}]")->server.host, "a");
  EXPECT_EQ(cluster("<<: {<<: {server: 'https://deep'}}")->server.host, "deep");
  EXPECT_EQ(load(std::string(whole) + "base: &b {namespace: merged}\n" + "")->default_namespace, "shop");
  EXPECT_FALSE(cluster("<<: &loop {<<: *loop}"));
  EXPECT_EQ(cluster("server: https://first\n    server: https://second")->server.host, "second");
}

TEST_F(KubeconfigTest, EmptyFilesAreIgnored) {
  for (const char* text : {"", "# only a comment\n", "---\n", "null\n"}) {
    const auto config = load_kubeconfig({folder.write("empty", text), folder.write("config", whole)});
    ASSERT_TRUE(config) << text << config.error().message;
    EXPECT_EQ(config->server.host, "h1");
  }
}

TEST_F(KubeconfigTest, OnlyARegularFileOfLimitedSizeIsAccepted) {
  const auto zero = load_kubeconfig({"/dev/zero"});
  ASSERT_FALSE(zero);
  EXPECT_NE(zero.error().message.find("not a regular file"), std::string::npos) << zero.error().message;
  const auto big = load(std::string(base::max_file_bytes + 1, '#'));
  ASSERT_FALSE(big);
  EXPECT_NE(big.error().message.find("more than"), std::string::npos) << big.error().message;
}

TEST_F(KubeconfigTest, AMissingFileIsReported) {
  const auto config = load_kubeconfig({folder.path("none")});
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().message,
            "kubeconfig " + folder.path("none") + ": No such file or directory; check the path, or set KUBECONFIG");
  EXPECT_NE(load_kubeconfig({folder.path("")}).error().message.find("Is a directory"), std::string::npos);
  EXPECT_NE(load_kubeconfig({folder.path("x"), folder.path("y")}).error().message.find("none of"), std::string::npos);
}

TEST_F(KubeconfigTest, ATokenOverHttpCausesAWarning) {
  const auto config = load(with("https://h1:6443", "http://h1:8080"));
  ASSERT_TRUE(config);
  ASSERT_EQ(config->warnings.size(), 1u);
  EXPECT_NE(config->warnings[0].find("without encryption"), std::string::npos);
}

TEST(KubeconfigPaths, EqualThoseOfKubectl) {
  EXPECT_EQ(kubeconfig_paths("", "/home/me"), std::vector<std::string>{"/home/me/.kube/config"});
  EXPECT_EQ(kubeconfig_paths("/a::/b", "/home/me"), (std::vector<std::string>{"/a", "/b"}));
}

TEST(InCluster, ReadsTheServiceAccount) {
  const test::TempFolder folder;
  InClusterSource source{"fd00::1", "443", folder.path(), {}};
  EXPECT_NE(load_in_cluster(source).error().message.find("token is missing"), std::string::npos);
  folder.write("token", "abc");
  EXPECT_NE(load_in_cluster(source).error().message.find("ca.crt is missing"), std::string::npos);
  folder.write("ca.crt", "x");
  folder.write("namespace", "shop");
  const auto config = load_in_cluster(source);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->server, (net::Endpoint{true, "fd00::1", 443, ""}));
  EXPECT_EQ(config->token_file, folder.path("token"));
  EXPECT_EQ(config->default_namespace, "shop");
  EXPECT_FALSE(config->proxy);
  source.proxies.https = "http://proxy:3128";
  EXPECT_EQ(load_in_cluster(source)->proxy->address.host, "proxy");
  source.proxies.no_proxy = "fd00::/8";
  EXPECT_FALSE(load_in_cluster(source)->proxy);
  source.host.clear();
  EXPECT_NE(load_in_cluster(source).error().message.find("KUBERNETES_SERVICE_HOST"), std::string::npos);
}

}  // namespace
}  // namespace k8s
