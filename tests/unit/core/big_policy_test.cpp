#include <gtest/gtest.h>

#include <map>
#include <set>

#include "contrail-client/codec.hpp"
#include "controller/model/policy_rules.hpp"
#include "tests/property/guestbook_setup.hpp"
#include "tests/support/other_client.hpp"

// Policies with so many users that one rule for each pair does not fit into a body that the config API accepts.
namespace knm::test {
namespace {

using contrail::FqName;
using nlohmann::json;

const FqName policy = "default-domain:a:__svc_db", service = "default-domain:a:service-db";
constexpr std::size_t greatest_body = 1'024'000;

std::vector<FqName> networks(std::size_t count, const std::string& project = "default-domain:a") {
  std::vector<FqName> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(project + ":tier-" + std::to_string(100000 + i));
  return out;
}

// Source → destinations, over all rules.
std::map<FqName, std::set<FqName>> pairs(const std::vector<contrail::Rule>& rules) {
  std::map<FqName, std::set<FqName>> out;
  for (const auto& rule : rules)
    for (const auto& source : rule.sources) EXPECT_TRUE(out[source].insert(rule.destinations.front()).second);
  return out;
}

std::size_t body_of(const std::vector<contrail::Rule>& rules) {
  contrail::Object object;
  object.type = contrail::Type::network_policy;
  object.fq_name = policy;
  object.annotations = mark("kubernetes/0f8a1b52-8c3e-4a6e-9d55-3f1c0b7e2a41", "AccessPolicy", "u", "a/db");
  object.rules = rules;
  return contrail::create(object).body.size();
}

std::vector<contrail::Rule> rules_for(const std::vector<FqName>& sources, const std::vector<FqName>& destinations,
                                      bool bundled) {
  auto out = rules_between(sources, destinations, bundled, static_cast<std::size_t>(Settings{}.policy_size_limit));
  identify(policy, out);
  return out;
}

TEST(Rules, OneRuleForEachPairIfTheyFit) {
  const auto rules = rules_for(networks(1000), {service}, false);
  EXPECT_EQ(rules.size(), 1000U);
  EXPECT_EQ(rules[0].uuid, rule_uuid(policy, rules[0].sources[0], service));
}

TEST(Rules, RulesHaveManySourcesIfOnePerPairDoesNotFit) {
  for (const std::size_t count : {3000, 10000}) {
    const auto rules = rules_for(networks(count), {service}, false);
    EXPECT_LE(rules.size(), bucket_count);
    EXPECT_EQ(pairs(rules).size(), count);
    EXPECT_LT(body_of(rules), greatest_body);
    for (const auto& rule : rules) EXPECT_TRUE(is_our_rule(policy, rule));
  }
}

TEST(Rules, TheFormDoesNotChangeBetweenTheLimits) {
  const auto some = networks(2200);  // between both limits
  EXPECT_EQ(rules_for(some, {service}, false).size(), some.size());
  EXPECT_LE(rules_for(some, {service}, true).size(), bucket_count);
  const auto few = networks(1000);
  EXPECT_EQ(rules_for(few, {service}, true).size(), few.size());
}

TEST(Rules, ANewUserChangesOneRule) {
  const auto digest = [](const std::vector<contrail::Rule>& rules) {
    std::map<std::string, std::vector<FqName>> out;
    for (const auto& rule : rules) out[rule.uuid.text()] = rule.sources;
    return out;
  };
  const auto before = digest(rules_for(networks(5000), {service}, true));
  const auto after = digest(rules_for(networks(5001), {service}, true));
  ASSERT_EQ(before.size(), after.size());
  std::size_t changed = 0;
  for (const auto& [uuid, sources] : after) changed += before.at(uuid) != sources;
  EXPECT_EQ(changed, 1U);
}

TEST(Rules, RulesThatDoNotFitAreLeftOut) {
  const auto many = networks(20000, "default-domain:a-namespace-with-a-long-name");
  const auto rules = rules_for(many, {service}, false);
  const auto named = pairs(rules).size();
  EXPECT_LT(named, many.size());
  EXPECT_GT(named, many.size() / 2);
  EXPECT_LT(body_of(rules), greatest_body);
}

TEST(Rules, NoRuleConnectsANetworkWithItself) {
  const auto users = networks(3000);
  const auto rules = rules_for(users, {users[7], users[8]}, false);
  const auto named = pairs(rules);
  EXPECT_EQ(named.at(users[7]), std::set<FqName>{users[8]});
  EXPECT_EQ(named.at(users[8]), std::set<FqName>{users[7]});
  EXPECT_EQ(named.at(users[9]).size(), 2U);
}

TEST(Rules, ARuleIsRecognisedByItsContent) {
  auto rules = rules_for(networks(3000), {service}, false);
  auto& rule = rules.front();
  ASSERT_GT(rule.sources.size(), 2U);
  EXPECT_TRUE(is_our_rule(policy, rule));
  EXPECT_FALSE(is_our_rule("default-domain:b:__svc_db", rule));
  rule.sources.push_back(rules.back().sources.front());
  EXPECT_FALSE(is_our_rule(policy, rule)) << "a source of another bucket";
}

// The bucket of a network is a format: later releases must compute the same.
TEST(Rules, TheBucketsAreAFormat) {
  EXPECT_EQ(bucket_of("default-domain:shop:web"), 21U);
  EXPECT_EQ(bucket_of("default-domain:shop:api"), 11U);
}

// --- With a config API
// ---------------------------------------------------------------------------------------------------------------

// Few users of a headless Service with Pods of many tiers: the same number of pairs in a smaller cluster.
class BigPolicy : public testing::Test {
 protected:
  BigPolicy() {
    world_.apply(make_namespace("a"));
    world_.apply(make_service("a", "db", "db", "None", {.headless = true}));
    std::vector<k8s::Pod> backends;
    for (std::size_t i = 0; i < backend_count; ++i) {
      backends.push_back(make_pod("a", "b" + std::to_string(i), tier("backend", i)));
      world_.apply(backends.back());
    }
    world_.apply(make_slice("a", "db", backends));
  }
  // `count` tiers that use the Service, with one Pod each.
  void use(std::size_t count) {
    for (auto i = used_; i < count; ++i)
      world_.apply(make_pod("a", "u" + std::to_string(i), tier("user", i), {.uses_label = "db"}));
    for (auto i = count; i < used_; ++i) world_.remove_pod("a/u" + std::to_string(i));
    used_ = count;
  }
  static std::string tier(const std::string& kind, std::size_t i) {
    return kind + "-" + std::string(40, 't') + std::to_string(100 + i);
  }
  // The number of network pairs in the rules, and whether a rule has several sources.
  struct Seen {
    std::size_t pairs = 0;
    bool bundled = false;
    friend bool operator==(const Seen&, const Seen&) = default;
  };
  Seen seen() const {
    Seen out;
    const auto object = other_.get("network-policy", policy);
    for (const auto& rule : object["network_policy_entries"]["policy_rule"]) {
      out.pairs += rule["src_addresses"].size();
      out.bundled |= rule["src_addresses"].size() > 1;
    }
    return out;
  }
  Seen desired(bool bundled) const { return {used_ * backend_count, bundled}; }
  std::size_t policy_writes() const {
    std::size_t out = 0;
    for (const auto& exchange : world_.log())
      out += exchange.is_write() && exchange.request.target.starts_with("/network-policy");
    return out;
  }
  void settle() {
    ASSERT_TRUE(converges(world_));
    for (const auto& exchange : world_.log()) EXPECT_NE(exchange.status, 413);
  }

  static constexpr std::size_t backend_count = 50;
  std::size_t used_ = 0;
  Configuration setup_ = demo_setup();
  World world_{setup_.settings};
  OtherClient other_{world_.api()};
};

TEST_F(BigPolicy, RulesAreBundledAndSplitAgainAndARestartChangesNothing) {
  use(60);
  world_.start();
  settle();
  EXPECT_EQ(seen(), desired(true));

  world_.clear_log();
  world_.restart();
  settle();
  EXPECT_EQ(world_.writes(), 0U) << testing::PrintToString(world_.write_list());

  use(61);
  settle();
  EXPECT_EQ(seen(), desired(true));
  EXPECT_EQ(policy_writes(), 1U);

  use(35);
  settle();
  EXPECT_EQ(seen(), desired(true)) << "still too many for single rules";
  use(25);
  settle();
  EXPECT_EQ(seen(), desired(false));
  EXPECT_TRUE(is_as_desired(world_, setup_));
  use(35);
  settle();
  EXPECT_EQ(seen(), desired(false)) << "still few enough for single rules";
}

TEST_F(BigPolicy, AnEditedRuleIsRepaired) {
  use(60);
  world_.start();
  settle();
  auto entries = other_.get("network-policy", policy)["network_policy_entries"];
  for (auto& rule : entries["policy_rule"])
    if (rule["src_addresses"].size() > 2) rule["src_addresses"].erase(0);
  other_.put("network-policy", policy, {{"network_policy_entries", entries}});
  EXPECT_LT(seen().pairs, desired(true).pairs);
  ASSERT_TRUE(world_.audit());
  settle();
  EXPECT_EQ(seen(), desired(true));
}

// Other clients write a policy back without the rule ids: the server then gives every rule a new id.
TEST_F(BigPolicy, RulesWithoutTheirIdsAreAccepted) {
  use(60);
  world_.start();
  settle();
  auto entries = other_.get("network-policy", policy)["network_policy_entries"];
  for (auto& rule : entries["policy_rule"]) rule.erase("rule_uuid");
  other_.put("network-policy", policy, {{"network_policy_entries", entries}});
  ASSERT_TRUE(world_.audit());
  settle();
  EXPECT_EQ(seen(), desired(true));
  world_.clear_log();
  ASSERT_TRUE(world_.audit());
  settle();
  EXPECT_EQ(world_.writes(), 0U);
}

// The controller finds the rules at a start, when no Pod uses the tier any more.
TEST_F(BigPolicy, RewrittenRulesWithManySourcesAreDeleted) {
  use(60);
  world_.start();
  settle();
  world_.crash();
  auto entries = other_.get("network-policy", policy)["network_policy_entries"];
  int count = 0;
  for (auto& rule : entries["policy_rule"])
    rule[++count % 2 ? "src_addresses" : "dst_addresses"][0]["virtual_network"] =
        "default-domain:a:nobody-" + std::to_string(count);
  other_.put("network-policy", policy, {{"network_policy_entries", entries}});
  use(0);
  world_.start();
  settle();
  EXPECT_FALSE(other_.has("network-policy", policy));
}

TEST_F(BigPolicy, RulesThatDoNotFitAreReportedAtTheNamespace) {
  use(200);
  world_.start();
  settle();
  EXPECT_LT(seen().pairs, desired(true).pairs);
  const auto& pages = world_.engine().problems().pages();
  const auto page = pages.find({SubjectKind::ns, "a"});
  ASSERT_NE(page, pages.end());
  EXPECT_EQ(page->second.all().front().reason, "PolicyTooBig");
  use(60);
  settle();
  EXPECT_EQ(seen(), desired(true));
  EXPECT_TRUE(pages.empty());
}

TEST(Bound, ThePolicyOfTwentyThousandUsersFits) {
  const auto setup = demo_setup();
  Intent intent(setup.settings);
  Table table;
  Binder binder(setup.settings, intent, table);
  binder.loader().set_owner("kubernetes/x");
  intent.put(make_namespace("a"));
  intent.put(make_service("a", "db", "db", "10.254.1.1"));
  for (std::size_t i = 0; i < 20000; ++i)
    intent.put(make_pod("a", "p" + std::to_string(i), std::string(40, 't') + std::to_string(i), {.uses_label = "db"}));
  intent.settle();
  const Unit unit{UnitKind::service_tier, "a/db"};
  binder.bind(unit, Time{0});
  const auto missing = binder.policies().left_out(unit);
  EXPECT_GT(missing, 0U);
  EXPECT_LT(missing, 20000U);
  const auto object = binder.bodies().object(table.find(contrail::Type::network_policy, policy));
  EXPECT_EQ(pairs(object.rules).size(), 20000 - missing);
  EXPECT_LT(contrail::create(object).body.size(), greatest_body);
}

}  // namespace
}  // namespace knm::test
