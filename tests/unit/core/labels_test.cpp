#include "controller/intent/labels.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "controller/engine/problem_book.hpp"
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

TEST(Labels, TheFirstKeyWithAValueIsUsed) {
  const std::vector<std::string> keys{"opencontrail.org/name", "name"};
  EXPECT_EQ(pod_tier(labelled({{"name", "old"}, {"opencontrail.org/name", "new"}}), keys), "new");
  EXPECT_EQ(pod_tier(labelled({{"name", "old"}, {"opencontrail.org/name", ""}}), keys), "old");
  EXPECT_EQ(pod_tier(labelled({}), keys), "default-network");
  EXPECT_EQ(service_tier(labelled({{"name", "web"}}), keys), "web");
  EXPECT_EQ(service_tier(labelled({{"other", "web"}}), keys), "default");
}

TEST(Labels, AValueIsANonEmptyKubernetesLabelValue) {
  for (const auto* good : {"a", "A.b_c-9", "0"}) EXPECT_TRUE(is_label_value(good)) << good;
  EXPECT_TRUE(is_label_value(std::string(63, 'a')));
  for (const auto* bad : {"", "-a", "a-", ".a", "a b", "a/b", "a:b", "ä"}) EXPECT_FALSE(is_label_value(bad)) << bad;
  EXPECT_FALSE(is_label_value(std::string(64, 'a')));
}

TEST(Uses, LabelAndAnnotationAreCombined) {
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

TEST(Uses, LabelKeysAndAnnotationKeysAreIndependent) {
  const auto meta = labelled({{"old", "web"}}, {{"new", "db"}, {"old", "ignored"}});
  EXPECT_EQ(uses(meta, {"new", "old"}).tiers, (Tiers{"db", "web"}));
}

TEST(Uses, AnInvalidNameIsAProblemAndTheOthersCount) {
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

// The API server accepts annotations of 256 kB.
TEST(Uses, OnlyTheFirstNamesCountInTheirWrittenOrder) {
  std::string text, list = "[";
  for (int i = 99'999; i > 48'000; --i) {
    text += "t" + std::to_string(i) + ",";
    list += std::string(list.size() > 1 ? "," : "") + "\"t" + std::to_string(i) + "\"";
  }
  for (const auto& annotation : {text, list + "]", list}) {
    const auto read = uses_of(annotation, "label");
    ASSERT_EQ(read.tiers.size(), most_uses);
    EXPECT_EQ(read.tiers.front(), "label");
    EXPECT_EQ(read.tiers[1], "t" + std::to_string(99'999 - 254));
    EXPECT_EQ(read.tiers.back(), "t99999");
    EXPECT_TRUE(read.too_many);
    EXPECT_TRUE(read.problems.empty());
  }
}

TEST(Uses, ARepeatedNameCountsOnce) {
  std::string text;
  for (std::size_t round = 0; round < 3; ++round)
    for (std::size_t i = 0; i < most_uses; ++i) text += "t" + std::to_string(i) + ", ,";
  const auto read = uses_of(text, "t7");
  EXPECT_EQ(read.tiers.size(), most_uses);
  EXPECT_FALSE(read.too_many);
  EXPECT_TRUE(uses_of(text + "one-more").too_many);
}

TEST(Uses, TheFirstProblemsAreListedAndTheOthersCounted) {
  std::string text, list = "[";
  for (int i = 0; i < 1000; ++i) text += "/,", list += "3,";
  for (const auto& annotation : {text + "db", list + "\"db\"]"}) {
    const auto read = uses_of(annotation);
    EXPECT_EQ(read.tiers, Tiers{"db"});
    EXPECT_EQ(read.problems.size(), 5U);
    EXPECT_EQ(read.more_problems, 995U);
  }
}

TEST(Uses, AListWithTrailingTextIsIgnored) {
  const auto read = uses_of(R"(["web", 3, "db"] and more)", "api");
  EXPECT_EQ(read.tiers, Tiers{"api"});
  EXPECT_EQ(read.problems.size(), 1U);
  EXPECT_EQ(uses_of(R"([["web"], {"a": "b"}, "db"])").tiers, Tiers{"db"});
}

TEST(Uses, AProblemIsNeverCutInsideACharacter) {
  for (std::size_t lead = 70; lead < 85; ++lead) {
    const auto said = uses_of(std::string(lead, '/') + "äöü€😀äöü€😀").problems.at(0);
    EXPECT_NO_THROW(nlohmann::json(said).dump()) << lead;
  }
}

TEST(Uses, AProblemShowsLongTextTruncated) {
  const auto read = uses_of(std::string(5000, '/'));
  ASSERT_EQ(read.problems.size(), 1U);
  EXPECT_LT(read.problems[0].size(), 400U);
}

// Every user who may create Pods chooses this text. 262,000 bytes are about the limit of an annotation.
TEST(Uses, ADeeplyNestedAnnotationIsAProblemAndNoCrash) {
  const std::size_t depth = 131'000;
  const auto read = uses_of(std::string(depth, '[') + std::string(depth, ']'), "db");
  EXPECT_EQ(read.tiers, Tiers{"db"});
  ASSERT_EQ(read.problems.size(), 1U);
  EXPECT_LT(read.problems[0].size(), 400U);
  EXPECT_EQ(uses_of(std::string(2 * depth, '['), "db").tiers, Tiers{"db"});
}

TEST(Problems, AVeryLongMessageIsCutBetweenCharacters) {
  ProblemBook book;
  const Subject subject{SubjectKind::pod, "ns/pod"};
  std::string text = "a";
  while (text.size() < 100'000) text += "€";
  book.set(subject, "uid", "test", {{"Reason", text}});
  const auto said = book.pages().at(subject).all().at(0).message;
  EXPECT_LT(said.size(), 2100U);
  EXPECT_NO_THROW(nlohmann::json(said).dump());
}

TEST(Problems, ManyProblemsOfOneReasonAreCountedAndNotListed) {
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

TEST(Uses, InvalidUtf8IsAProblemAndNoCrash) {
  EXPECT_EQ(uses_of("[\"\xff\xfe\"]").tiers, Tiers{});
  EXPECT_EQ(uses_of("\xff").problems.size(), 1U);
}

}  // namespace
}  // namespace knm
