#include "controller/intent/labels.hpp"

#include <gtest/gtest.h>

#include "controller/intent/facts.hpp"

namespace knm {
namespace {

using Tiers = std::vector<std::string>;

k8s::ObjectMeta labelled(std::vector<k8s::KeyValue> labels, std::vector<k8s::KeyValue> annotations = {}) {
  k8s::ObjectMeta meta;
  meta.labels = std::move(labels);
  meta.annotations = std::move(annotations);
  return meta;
}

Uses uses_of(const std::string& annotation, const std::string& label = "") {
  return uses(labelled({{"uses", label}}, {{"uses", annotation}}), {"uses"});
}

TEST(Labels, TheFirstKeyWithAValueCounts) {
  const std::vector<std::string> keys{"opencontrail.org/name", "name"};
  EXPECT_EQ(pod_tier(labelled({{"name", "old"}, {"opencontrail.org/name", "new"}}), keys), "new");
  EXPECT_EQ(pod_tier(labelled({{"name", "old"}, {"opencontrail.org/name", ""}}), keys), "old");
  EXPECT_EQ(pod_tier(labelled({}), keys), "default-network");
  EXPECT_EQ(service_tier(labelled({{"name", "web"}}), keys), "web");
  EXPECT_EQ(service_tier(labelled({{"other", "web"}}), keys), "default");
}

TEST(Labels, AValueIsWhatKubernetesTakesAndNotEmpty) {
  for (const auto* good : {"a", "A.b_c-9", "0"}) EXPECT_TRUE(is_label_value(good)) << good;
  EXPECT_TRUE(is_label_value(std::string(63, 'a')));
  for (const auto* bad : {"", "-a", "a-", ".a", "a b", "a/b", "a:b", "ä"}) EXPECT_FALSE(is_label_value(bad)) << bad;
  EXPECT_FALSE(is_label_value(std::string(64, 'a')));
}

TEST(Uses, LabelAndAnnotationAddUp) {
  EXPECT_EQ(uses_of("db", "web").tiers, (Tiers{"db", "web"}));
  EXPECT_EQ(uses_of("db", "db").tiers, Tiers{"db"});
  EXPECT_EQ(uses_of("", "").tiers, Tiers{});
}

TEST(Uses, AnAnnotationIsOneNameOrAListInEitherForm) {
  for (const auto* text : {"db,web", " web , db ", "db,,web,", R"(["db","web"])", R"( ["web", "db", "web"] )"}) {
    const auto read = uses_of(text);
    EXPECT_EQ(read.tiers, (Tiers{"db", "web"})) << text;
    EXPECT_TRUE(read.problems.empty()) << text;
  }
}

TEST(Uses, KeysOfLabelsAndOfAnnotationsCountSeparately) {
  const auto meta = labelled({{"old", "web"}}, {{"new", "db"}, {"old", "ignored"}});
  EXPECT_EQ(uses(meta, {"new", "old"}).tiers, (Tiers{"db", "web"}));
}

TEST(Uses, WhatDoesNotParseIsAProblemAndTheOthersCount) {
  const auto bad_name = uses_of("web,not/a/tier,db");
  EXPECT_EQ(bad_name.tiers, (Tiers{"db", "web"}));
  ASSERT_EQ(bad_name.problems.size(), 1U);
  EXPECT_NE(bad_name.problems[0].find("'not/a/tier'"), std::string::npos);

  const auto bad_item = uses_of(R"(["web", 3, null, "db"])");
  EXPECT_EQ(bad_item.tiers, (Tiers{"db", "web"}));
  EXPECT_EQ(bad_item.problems.size(), 2U);

  const auto broken = uses_of("[web", "db");
  EXPECT_EQ(broken.tiers, Tiers{"db"});
  EXPECT_EQ(broken.problems.size(), 1U);
}

TEST(Uses, AProblemShowsLongTextShortened) {
  const auto read = uses_of(std::string(5000, '/'));
  ASSERT_EQ(read.problems.size(), 1U);
  EXPECT_LT(read.problems[0].size(), 400U);
}

// As much as an annotation may hold: whoever may write Pods decides on it.
TEST(Uses, AnAnnotationAsDeepAsItMayBeIsAProblemAndNoCrash) {
  const std::size_t depth = 131'000;
  const auto read = uses_of(std::string(depth, '[') + std::string(depth, ']'), "db");
  EXPECT_EQ(read.tiers, Tiers{"db"});
  ASSERT_EQ(read.problems.size(), 1U);
  EXPECT_LT(read.problems[0].size(), 400U);
  EXPECT_EQ(uses_of(std::string(2 * depth, '['), "db").tiers, Tiers{"db"});
}

TEST(Problems, SoManyOfOneReasonAreCountedAndNotListed) {
  std::vector<Problem> problems{{"Other", "one"}};
  for (int i = 0; i < 100; ++i) problems.push_back({"InvalidUses", std::to_string(i)});
  shorten(problems);
  ASSERT_EQ(problems.size(), 7U);
  EXPECT_EQ(problems.front().message, "one");
  EXPECT_NE(problems.back().message.find("95 more"), std::string::npos) << problems.back().message;
  const auto once = problems;
  shorten(problems);
  EXPECT_EQ(problems.size(), once.size());
}

TEST(Uses, TextThatIsNoUtf8IsAProblemAndNoCrash) {
  EXPECT_EQ(uses_of("[\"\xff\xfe\"]").tiers, Tiers{});
  EXPECT_EQ(uses_of("\xff").problems.size(), 1U);
}

}  // namespace
}  // namespace knm
