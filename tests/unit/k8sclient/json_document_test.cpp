// The JSON reader beside a DOM: the same values from every text, the same objects and the same reasons from every
// projection, however the bytes are split.
#include "k8sclient/decode/json_document.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "k8sclient/decode/failure.hpp"
#include "k8sclient/decode/stream.hpp"
#include "tests/unit/k8sclient/support/dom.hpp"
#include "tests/unit/k8sclient/support/dom_objects.hpp"
#include "tests/unit/k8sclient/support/json_texts.hpp"
#include "tests/unit/k8sclient/support/recordings.hpp"

namespace k8s {
namespace {

using Json = nlohmann::json;
using js::Document;
using test::dom_of;

void expect_same_values(std::string_view text) {
  const Json dom = dom_of(text);
  Document document;
  ASSERT_EQ(document.parse(text), !dom.is_discarded()) << text;
  if (!dom.is_discarded()) ASSERT_EQ(dom_of(document.root()), dom) << text;
}

TEST(JsonDocument, ReadsWhatADomReads) {
  for (const std::string_view text : test::json_texts()) expect_same_values(text);
}

TEST(JsonDocument, ReadsWhatADomReadsWhereverTheTextIsCut) {
  for (const std::string_view text : test::json_texts())
    for (std::size_t size = 0; size < text.size(); ++size) {
      // A copy of that size, so that a sanitizer finds a read beyond it.
      const std::vector<char> part(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size));
      expect_same_values({part.data(), part.size()});
    }
}

TEST(JsonDocument, ReadsWhatADomReadsFromDamagedTexts) {
  std::mt19937 random(20261130);
  std::size_t good = 0, bad = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string text = test::random_json(random, 4);
    if (round % 3 != 0) test::damage(text, random);
    expect_same_values(text);
    ++(dom_of(text).is_discarded() ? bad : good);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(good, 500u);
  EXPECT_GT(bad, 500u);
}

TEST(JsonDocument, ReadsAnyDepth) {
  constexpr std::size_t depth = 300'000;
  std::string text = std::string(depth, '[') + std::string(depth, ']');
  Document document;
  EXPECT_TRUE(document.parse(text));
  text.back() = '}';
  EXPECT_FALSE(document.parse(text));
  text.pop_back();
  EXPECT_FALSE(document.parse(text));
}

TEST(JsonDocument, TheLastMemberOfANameCounts) {
  constexpr std::string_view text = R"({"a":1,"b":2,"\u0061":[3],"ab":4})";
  Document document;
  ASSERT_TRUE(document.parse(text));
  EXPECT_TRUE(document.root().member("a").is_array());
  EXPECT_EQ(document.root().member("b").written(), "2");
  EXPECT_FALSE(document.root().member("c"));
  EXPECT_FALSE(document.root().member("b").member("c"));
}

template <class T>
struct JsonObjectTest : testing::Test {};
using Kinds = testing::Types<Pod, Service, Namespace, EndpointSlice>;
TYPED_TEST_SUITE(JsonObjectTest, Kinds);

const Projection kept{{"name", "uses", "kubernetes.io/service-name"}, {"keep", "name"}};

// An object, or the reason why there is none.
template <class T>
struct Outcome {
  T object;
  std::string why;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

template <class T>
Outcome<T> expected(std::string_view text) {
  const Json dom = dom_of(text);
  if (!dom.is_object()) return {{}, "an object is not JSON"};
  try {
    return {test::read_object<T>(kept, dom), ""};
  } catch (const DecodeFailure& failure) {
    return {{}, std::string(resource_name<T>.kind) + ": " + failure.what()};
  }
}

template <class T>
std::string list_of(const std::vector<std::string>& items) {
  std::string all;
  for (const auto& item : items) all += (all.empty() ? "" : ",") + item;
  return R"({"kind":")" + std::string(resource_name<T>.kind) + R"(List","apiVersion":")" +
         std::string(resource_name<T>.api_version) + R"(","metadata":{"resourceVersion":"9"},"items":[)" + all + "]}";
}

// The outcome of each item of a list that arrives in two pieces.
template <class T>
std::vector<Outcome<T>> outcomes_of_list(std::string_view list, std::size_t cut) {
  std::vector<Outcome<T>> out;
  const auto decoder = make_list_decoder<T>(
      Encoding::json, kept, {},
      [&](T&& object) -> base::Result<void> {
        out.push_back({std::move(object), ""});
        return {};
      },
      [&](Unreadable&& object) -> base::Result<void> {
        out.push_back({{}, object.why});
        return {};
      });
  EXPECT_TRUE(decoder->feed(list.substr(0, cut)));
  EXPECT_TRUE(decoder->feed(list.substr(cut)));
  EXPECT_TRUE(decoder->finish());
  return out;
}

template <class T>
void expect_same_objects(const std::vector<std::string>& items, std::size_t cuts) {
  std::vector<Outcome<T>> want;
  for (const auto& item : items) {
    want.push_back(expected<T>(item));
    want.back().why = fit_reason(want.back().why);
  }
  const auto list = list_of<T>(items);
  const auto step = std::max<std::size_t>(1, list.size() / cuts);
  for (std::size_t cut = 0; cut <= list.size(); cut += step) ASSERT_EQ(outcomes_of_list<T>(list, cut), want) << list;
}

TYPED_TEST(JsonObjectTest, AreThoseOfADom) {
  const auto recorded =
      Json::parse(test::recording("list-" + std::string(resource_name<TypeParam>.plural) + ".json")).at("items");
  std::vector<std::string> items;
  for (const auto& item : recorded) items.push_back(item.dump());
  expect_same_objects<TypeParam>(items, 1'000'000);
}

// Members of all names that a projection reads, with values of all types, repeated, escaped and in any order.
TYPED_TEST(JsonObjectTest, AreThoseOfADomForAnyMembers) {
  std::mt19937 random(4);
  std::size_t readable = 0, reasons = 0;
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> items;
    for (int i = 0; i < 3; ++i) items.push_back(test::random_object(random));
    expect_same_objects<TypeParam>(items, 4);
    if (this->HasFatalFailure()) return;
    for (const auto& item : items) ++(expected<TypeParam>(item).why.empty() ? readable : reasons);
  }
  EXPECT_GT(readable, 20u);
  EXPECT_GT(reasons, 20u);
}

// An event's object that cannot be read is named by what the DOM has.
TYPED_TEST(JsonObjectTest, InEventsAreThoseOfADom) {
  std::mt19937 random(8);
  for (int round = 0; round < 150; ++round) {
    auto content = test::random_object(random, resource_name<TypeParam>);
    std::replace(content.begin(), content.end(), '\n', ' ');  // an event is a line
    const auto want = expected<TypeParam>(content);
    const auto identity = js::read_identity(dom_of(content).dump());
    int events = 0;
    WatchEvents<TypeParam> on;
    on.on_object = [&](EventType, TypeParam&& object) -> base::Result<void> {
      EXPECT_EQ(object, want.object) << content;
      EXPECT_TRUE(want.why.empty()) << content << want.why;
      return ++events, base::Result<void>{};
    };
    on.on_unreadable = [&](EventType, Unreadable&& object) -> base::Result<void> {
      EXPECT_EQ(object.why, fit_reason(want.why)) << content;
      EXPECT_EQ(object.name + '/' + object.ns + '/' + object.uid,
                identity.name + '/' + identity.ns + '/' + identity.uid)
          << content;
      EXPECT_EQ(object.resource_version, identity.resource_version) << content;
      return ++events, base::Result<void>{};
    };
    const auto decoder = make_watch_decoder<TypeParam>(Encoding::json, kept, {}, on);
    ASSERT_TRUE(decoder->feed(R"({"type":"ADDED","object":)" + content + "}\n"));
    ASSERT_EQ(events, 1);
  }
}

}  // namespace
}  // namespace k8s
