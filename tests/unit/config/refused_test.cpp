#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "controller/config/error.hpp"
#include "controller/config/parse.hpp"

// Refused files: each message must show the place, the key, the error and a correct value.
namespace knm {
namespace {

using testing::HasSubstr;

struct Refused {
  std::string title;
  std::string yaml;
  std::string where;               // the beginning of the message, behind "file:"
  std::vector<std::string> words;  // further parts of the message
};

void PrintTo(const Refused& refused, std::ostream* out) { *out << refused.title; }

class RefusedTest : public testing::TestWithParam<Refused> {};

TEST_P(RefusedTest, NamesThePlaceAndTheRemedy) {
  const auto& refused = GetParam();
  const auto settings = parse_settings(refused.yaml, "c.yaml");
  ASSERT_FALSE(settings.has_value()) << "accepted: " << refused.yaml;
  EXPECT_EQ(settings.error().code, ConfigErrc::invalid);
  const auto& message = settings.error().message;
  EXPECT_THAT(message, testing::StartsWith("c.yaml:" + refused.where));
  EXPECT_THAT(message, testing::Not(HasSubstr("\n"))) << "one error is one line";
  for (const auto& words : refused.words) EXPECT_THAT(message, HasSubstr(words));
}

const std::vector<Refused> unknown_keys = {
    {"Misspelt", "privat-ip-range: 10.0.0.0/16\n", "1:1: privat-ip-range: ", {"did you mean private-ip-range?"}},
    {"CamelCase", "# a comment\n\nlistenHttp: ':9402'\n", "3:1: listenHttp: ", {"did you mean listen-http?"}},
    {"Underscores", "api_port: 1\n", "1:1: api_port: ", {"did you mean api-port?"}},
    {"NothingLike", "frobnicate: 1\n", "1:1: frobnicate: ", {"is not a known key", "config reference"}},
    {"Predecessors", "master: http://localhost:8080\n", "1:1: master: ", {"kubeconfig"}},
    {"PredecessorsResync", "resync-interval: 60\n", "1:1: resync-interval: ", {"audit-interval"}},
    {"MergeKey", "<<: {api-port: 1}\n", "1:1: <<: ", {"is not a known key"}},
    {"KeyThatIsAList", "? [a, b]\n: 1\n", "1:3: ", {"a key is not a text", "`key: value`"}},
    {"WrittenTwice",
     "api-port: 1\nconnections: 2\napi-port: 2\n",
     "3:1: api-port: ",
     {"duplicate of", "line 1", "remove"}},
};

const std::vector<Refused> not_a_configuration = {
    {"AList", "- api-port: 1\n", "1:1: ", {"not a mapping", "`key: value`"}},
    {"AText", "hello\n", "1:1: ", {"not a mapping"}},
    {"TwoDocuments", "api-port: 1\n---\napi-port: 2\n", "2:1: ", {"second document", "---"}},
    {"StrayComma", " , p\n\n text\n", "1:2: ", {"text that is not YAML"}},
    {"StrayCommaBehindAKey", "api-port: 1\n, 2\n", "2:1: ", {}},
    {"Unclosed", "api-server: [a, b\n", "2:1: ", {"not YAML"}},
    {"Tab", "external-service:\n\toracle: d:p:n\n", "2:8: ", {"not YAML", "tabs"}},
    {"BadIndent", "api-port: 1\n  connections: 2\n", "2:14: ", {"not YAML", "illegal map value"}},
    {"UnknownAlias", "api-port: *port\n", "1:11: ", {"not YAML"}},
    {"Ini", "# old\n[DEFAULT]\nmaster = localhost:8080\n", "1:1: ", {"INI", "YAML"}},
    {"TooDeep", std::string(100'000, '['), "1:", {"not YAML"}},
    {"Binary",
     std::string("\x7f"
                 "ELF\x02\x01\x01\0\0\0",
                 10),
     "1:10: ",
     {"not YAML"}},
};

const std::vector<Refused> wrong_types = {
    {"ListForText", "cluster-name: [a, b]\n", "1:15: cluster-name: ", {"is a list", "one value"}},
    {"MappingForText", "cluster-name: {a: b}\n", "1:15: cluster-name: ", {"is a mapping", "one value"}},
    {"MappingForList", "global-network: {a: b}\n", "1:17: global-network: ", {"is a mapping", "[a, b]"}},
    {"ListInList", "network-label: [[a]]\n", "1:17: network-label: ", {"is a list"}},
    {"NoValue", "api-port:\n", "1:1: api-port: ", {"has no value", "the default, 8082"}},
    {"NoValueInList", "namespace-service: [a, ~]\n", "1:20: namespace-service: ", {"has no value"}},
    {"EmptyList", "network-label: []\n", "1:16: network-label: ", {"empty list", "at least one"}},
    {"TextForPort", "api-port: http\n", "1:11: api-port: ", {"`http`", "from 1 to 65535"}},
    {"PortTooBig", "api-port: 65536\n", "1:11: api-port: ", {"`65536`", "from 1 to 65535"}},
    {"PortZero", "api-port: 0\n", "1:11: api-port: ", {"from 1 to 65535"}},
    {"Negative", "connections: -1\n", "1:14: connections: ", {"from 1 to 256"}},
    {"NotWhole", "connections: 1.5\n", "1:14: connections: ", {"whole number"}},
    {"YesForTrue", "read-only: yes\n", "1:12: read-only: ", {"`yes`", "true", "false"}},
    {"NoUnit", "request-timeout: 10\n", "1:18: request-timeout: ", {"no unit", "10s", "10ms"}},
    {"WrongUnit",
     "request-timeout: 10 seconds\n",
     "1:18: request-timeout: ",
     {"not a duration", "500ms, 10s, 1m or 1h"}},
    {"DurationTooLong", "batch-window: 1h\n", "1:15: batch-window: ", {"`1h`", "from 0s to 10s"}},
    {"DurationTooShort", "request-timeout: 0s\n", "1:18: request-timeout: ", {"from 1ms to 10m"}},
    {"PartAboveOne", "mass-delete-fraction: 33\n", "1:23: mass-delete-fraction: ", {"`33`", "33%"}},
    {"PartByZero", "mass-delete-fraction: 1/0\n", "1:23: mass-delete-fraction: ", {"1/3"}},
    {"Level", "log-level: verbose\n", "1:12: log-level: ", {"`verbose`", "debug", "error"}},
    {"Format", "log-format: xml\n", "1:13: log-format: ", {"`xml`", "text or json"}},
};

const std::vector<Refused> wrong_ranges = {
    {"HostBits",
     "private-ip-range: 10.0.0.1/16\n",
     "1:19: private-ip-range: ",
     {"10.0.0.1/16 has host bits: write 10.0.0.0/16"}},
    {"HostBits6",
     "private-ip-range: fd00::1/64\n",
     "1:19: private-ip-range: ",
     {"fd00::1/64 has host bits: write fd00::/64"}},
    {"NoLength", "private-ip-range: 10.0.0.0\n", "1:19: private-ip-range: ", {"no prefix length", "10.0.0.0/32"}},
    {"LengthTooBig", "private-ip-range: 10.0.0.0/33\n", "1:19: private-ip-range: ", {"from 0 to 32"}},
    {"LengthNotANumber", "private-ip-range: 10.0.0.0/x\n", "1:19: private-ip-range: ", {"from 0 to 32"}},
    {"NotAnAddress",
     "private-ip-range: 10.0.0/16\n",
     "1:19: private-ip-range: ",
     {"`10.0.0/16` is not an address range", "10.0.0.0/16"}},
    {"AddressTooBig", "private-ip-range: 10.0.256.0/24\n", "1:19: private-ip-range: ", {"is not an address range"}},
    {"Netmask", "private-ip-range: 10.0.0.0/255.255.0.0\n", "1:19: private-ip-range: ", {"prefix length"}},
    {"TooSmallForPods", "private-ip-range: 10.0.0.0/30\n", "1:19: private-ip-range: ", {"4 addresses", "larger"}},
    {"TooSmallForServices",
     "service-cluster-ip-range: 10.254.0.0/31\n",
     "1:27: service-cluster-ip-range: ",
     {"larger"}},
    {"Loopback", "private-ip-range: 127.0.0.0/16\n", "1:19: private-ip-range: ", {"loopback"}},
    {"Multicast", "public-ip-range: 224.0.0.0/24\n", "1:18: public-ip-range: ", {"multicast"}},
    {"Everything", "private-ip-range: 0.0.0.0/0\n", "1:19: private-ip-range: ", {"0.0.0.0/8"}},
    {"LinkLocal6", "private-ip-range: fe80::/64\n", "1:19: private-ip-range: ", {"link-local"}},
    {"OverlapsADefault",
     "private-ip-range: 10.0.0.0/8\n",
     "1:19: private-ip-range: ",
     {"10.0.0.0/8 overlaps 10.254.0.0/16 of service-cluster-ip-range (its default)"}},
    {"OverlapsAnother",
     "private-ip-range: 10.0.0.0/16\npublic-ip-range:\n  - 203.0.113.0/24\n  - 10.0.7.0/24\n",
     "4:5: public-ip-range: ",
     {"10.0.7.0/24 overlaps 10.0.0.0/16 of private-ip-range"}},
    {"OverlapsInOneList",
     "public-ip-range: [203.0.113.0/24, 203.0.113.128/25]\n",
     "1:35: public-ip-range: ",
     {"203.0.113.128/25 overlaps 203.0.113.0/24 of public-ip-range"}},
    {"SameInTwoKeys",
     "service-cluster-ip-range: 10.0.0.0/16\n",
     "1:27: service-cluster-ip-range: ",
     {"overlaps 10.0.0.0/16 of private-ip-range (its default)"}},
    {"ListedTwice", "public-ip-range: [203.0.113.0/24, 203.0.113.0/24]\n", "1:35: public-ip-range: ", {"listed twice"}},
};

const std::vector<Refused> wrong_names = {
    {"ClusterName", "cluster-name: Berlin\n", "1:15: cluster-name: ", {"`Berlin`", "lower-case", ": berlin"}},
    {"ClusterNameTooLong",
     "cluster-name: " + std::string(64, 'a') + "\n",
     "1:15: cluster-name: ",
     {"64", "at most 63"}},
    {"ClusterNameUnderscore", "cluster-name: a_b\n", "1:15: cluster-name: ", {"not a DNS label"}},
    {"DomainEmpty", "default-domain: \"\"\n", "1:17: default-domain: ", {"empty"}},
    {"DomainWithColon", "default-domain: a:b\n", "1:17: default-domain: ", {"`a:b` has a ':'"}},
    {"ProjectOneElement",
     "default-project: default-project\n",
     "1:18: default-project: ",
     {"1 part", "domain:project"}},
    {"NetworkTwoElements",
     "public-network: default-domain:Public\n",
     "1:17: public-network: ",
     {"2 parts", "domain:project:network"}},
    {"NetworkEmptyElement",
     "public-network: 'default-domain::Public'\n",
     "1:17: public-network: ",
     {"a part of the name is empty"}},
    {"NetworkControl", "global-network: [\"d:p:a\\u0007\"]\n", "1:18: global-network: ", {"control character"}},
    {"GlobalTwice", "global-network: [\"d:p:n\", \"d:p:n\"]\n", "1:27: global-network: ", {"`d:p:n` is listed twice"}},
    {"LabelKey",
     "network-label: my label\n",
     "1:16: network-label: ",
     {"`my label` is not a label key", "example.org/name"}},
    {"LabelPrefix", "network-label: Example.org/name\n", "1:16: network-label: ", {"DNS name in lower case"}},
    {"LabelEmpty", "network-label: \"\"\n", "1:16: network-label: ", {"not a label key"}},
    {"LabelInBoth", "service-label: name\n", "1:16: service-label: ", {"`name` is also a key of network-label"}},
    {"LabelInBothOther",
     "service-label: tier\nnetwork-label: [a, tier]\n",
     "2:16: network-label: ",
     {"`tier` is also a key of service-label"}},
    {"TierWithSlash",
     "namespace-service: [a, kube-system/b]\n",
     "1:24: namespace-service: ",
     {"`kube-system/b` cannot be"}},
    {"ClusterServiceNoNamespace",
     "cluster-service: default\n",
     "1:18: cluster-service: ",
     {"has no namespace", "kube-system/default"}},
    {"ClusterServiceBadNamespace",
     "cluster-service: Kube/default\n",
     "1:18: cluster-service: ",
     {"the namespace `Kube`"}},
    {"ClusterServiceBadTier", "cluster-service: kube-system/\n", "1:18: cluster-service: ", {"the tier is empty"}},
    {"LoadBalancerClass", "load-balancer-class: a b\n", "1:22: load-balancer-class: ", {"`a b` is not a label key"}},
    {"HostIsUrl", "api-server: http://config:8082\n", "1:13: api-server: ", {"is a URL", "api-port"}},
    {"HostHasPort",
     "api-server: [a, config:8082]\n",
     "1:17: api-server: ",
     {"`config:8082` has a port", "write `config`"}},
    {"HostBrackets", "api-server: \"[::1]\"\n", "1:13: api-server: ", {"brackets"}},
    {"HostAddress", "api-server: 10.0.0.256\n", "1:13: api-server: ", {"is not a host name"}},
    {"HostName", "api-server: config server\n", "1:13: api-server: ", {"`config server` is not a host name"}},
    {"Regex",
     "global-connect-include: (prod\n",
     "1:25: global-connect-include: ",
     {"`(prod` is not a regular expression", "missing )"}},
    {"Glob", "global-connect-exclude: \"*-test\"\n", "1:25: global-connect-exclude: ", {".*"}},
    {"RegexBackreference", "global-connect-include: (a)\\1\n", "1:25: global-connect-include: ", {"escape", "RE2"}},
    {"RegexTooBig",
     "global-connect-include: ((a{1,100}){1,100}){1,100}\n",
     "1:25: global-connect-include: ",
     {"repetition"}},
    {"RegexEmpty", "global-connect-include: \"\"\n", "1:25: global-connect-include: ", {"is empty", ".*"}},
    {"ListenNoPort", "listen-http: localhost\n", "1:14: listen-http: ", {"no port", ":9402"}},
    {"ListenPort", "listen-http: ':94020'\n", "1:14: listen-http: ", {"65535"}},
    {"ListenName", "listen-http: example.org:9402\n", "1:14: listen-http: ", {"no address"}},
    {"ListenSamePort",
     "listen-http: :9500\nlisten-state: localhost:9500\n",
     "2:15: listen-state: ",
     {"have the same port 9500", "change one of the two ports"}},
    {"ListenPortOfTheOther", "listen-http: 127.0.0.1:9403\n", "1:14: listen-http: ", {"have the same port 9403"}},
    {"ListenBare6", "listen-http: '::1:9402'\n", "1:14: listen-http: ", {"without brackets", "[::1]:9402"}},
};

const std::vector<Refused> wrong_mappings = {
    {"NotAMapping", "external-service: oracle\n", "1:19: external-service: ", {"not a mapping", "`name: value`"}},
    {"Tier", "external-service: {'a b': 'd:p:n'}\n", "1:27: external-service.a b: ", {"the tier `a b`"}},
    {"Network",
     "external-service:\n  oracle: oracle-db\n",
     "2:11: external-service.oracle: ",
     {"domain:project:network"}},
    {"Null", "external-service:\n  oracle:\n", "2:3: external-service.oracle: ", {"has no value"}},
    {"Unknown",
     "external-service:\n  oracle: {network: 'd:p:n', namespace: a}\n",
     "2:41: external-service.oracle.namespace: ",
     {"is not a known key", "namespaces"}},
    {"NoNetwork", "external-service:\n  oracle: {namespaces: a}\n", "2:11: external-service.oracle: ", {"no network"}},
    {"Namespace",
     "external-service:\n  oracle: {network: 'd:p:n', namespaces: [a, B]}\n",
     "2:46: external-service.oracle.namespaces: ",
     {"`B`", ": b"}},
    {"NoNamespace",
     "external-service:\n  oracle: {network: 'd:p:n', namespaces: []}\n",
     "2:42: external-service.oracle.namespaces: ",
     {"empty list"}},
    {"Twice",
     "external-service:\n  oracle: 'd:p:n'\n  oracle: 'd:p:m'\n",
     "3:3: external-service.oracle: ",
     {"duplicate key"}},
    {"Pauses", "retry-delay: 1m\n", "1:14: retry-delay: ", {"longer than retry-delay-max (30s)"}},
    {"LeaseDeadline",
     "lease-renew-deadline: 15s\n",
     "1:23: lease-renew-deadline: ",
     {"(15s) is not at least 1s shorter than lease-duration (15s)", "raise lease-duration"}},
    {"LeaseDuration",
     "lease-duration: 10900ms\n",
     "1:17: lease-duration: ",
     {"lease-renew-deadline (10s) is not at least 1s shorter than lease-duration (10s900ms)"}},
    {"LeaseRetries",
     "lease-retry-period: 9s\n",
     "1:21: lease-retry-period: ",
     {"lease-renew-deadline (10s) is not longer than 1.2 times lease-retry-period (9s)"}},
};

std::string title(const testing::TestParamInfo<Refused>& info) { return info.param.title; }

INSTANTIATE_TEST_SUITE_P(UnknownKeys, RefusedTest, testing::ValuesIn(unknown_keys), title);
INSTANTIATE_TEST_SUITE_P(NotAConfiguration, RefusedTest, testing::ValuesIn(not_a_configuration), title);
INSTANTIATE_TEST_SUITE_P(Types, RefusedTest, testing::ValuesIn(wrong_types), title);
INSTANTIATE_TEST_SUITE_P(Ranges, RefusedTest, testing::ValuesIn(wrong_ranges), title);
INSTANTIATE_TEST_SUITE_P(Names, RefusedTest, testing::ValuesIn(wrong_names), title);
INSTANTIATE_TEST_SUITE_P(Mappings, RefusedTest, testing::ValuesIn(wrong_mappings), title);

TEST(RefusedTogether, AllErrorsAreReportedInTheOrderOfTheFile) {
  const auto settings = parse_settings(
      "api-prot: 1\n"
      "private-ip-range: 10.0.0.1/16\n"
      "request-timeout: 10\n"
      "public-ip-range: 10.254.1.0/24\n",
      "dir/c.yaml");
  ASSERT_FALSE(settings.has_value());
  EXPECT_EQ(settings.error().message,
            "dir/c.yaml:1:1: api-prot: is not a known key; did you mean api-port?\ndir/c.yaml:2:19: private-ip-range: "
            "10.0.0.1/16 has host bits: write 10.0.0.0/16\ndir/c.yaml:3:18: request-timeout: `10` has no unit; write "
            "10s for seconds, or 10ms for milliseconds\ndir/c.yaml:4:18: public-ip-range: 10.254.1.0/24 overlaps "
            "10.254.0.0/16 of service-cluster-ip-range (its default); write ranges without common addresses");
}

TEST(RefusedTogether, TheNumberOfErrorsIsLimited) {
  std::string yaml;
  for (int i = 0; i < 60; ++i) yaml += "zz" + std::to_string(i) + ": 1\n";
  const auto settings = parse_settings(yaml, "c.yaml");
  ASSERT_FALSE(settings.has_value());
  EXPECT_THAT(settings.error().message, HasSubstr("c.yaml:50:1: zz49: "));
  EXPECT_THAT(settings.error().message, testing::EndsWith("\n... and 10 more"));
}

// The file must not be able to control the terminal that shows the message.
TEST(RefusedTogether, ControlCharactersAreNotRepeated) {
  const auto settings = parse_settings("\"a\\e[2Jb\": 1\ncluster-name: \"a\\nb\"\n", "c.yaml");
  ASSERT_FALSE(settings.has_value());
  EXPECT_THAT(settings.error().message, testing::StartsWith("c.yaml:1:1: a?[2Jb: is not a known key"));
  EXPECT_THAT(settings.error().message, HasSubstr("\nc.yaml:2:15: cluster-name: `a?b` is not a DNS label"));
}

// With anchors, few lines can stand for billions of entries. Such a file is refused without an expansion.
TEST(RefusedTogether, NestedAliasesAreNotExpanded) {
  std::string yaml = "network-label: &a0 [x, y]\n";
  for (int i = 1; i < 40; ++i) {
    const auto before = "*a" + std::to_string(i - 1);
    yaml += "zz" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + ", " + before + "]\n";
  }
  yaml += "service-label: *a39\n";
  const auto settings = parse_settings(yaml, "c.yaml");
  ASSERT_FALSE(settings.has_value());
  EXPECT_THAT(settings.error().message, HasSubstr("service-label: is a list"));
}

}  // namespace
}  // namespace knm
