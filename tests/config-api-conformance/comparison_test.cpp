// Tests of the comparison itself: it must detect every kind of difference.
#include "tests/config-api-conformance/comparison.hpp"

#include <gtest/gtest.h>

namespace conformance {
namespace {

using nlohmann::json;

const std::string kOne = "11111111-1111-4111-8111-111111111111";
const std::string kTwo = "22222222-2222-4222-8222-222222222222";

bool differ(const char* recorded, const std::string& answer, Rules rules = {true, false, "h:1"}) {
  Bindings bindings;
  return find_difference(json::parse(recorded), json::parse(answer), rules, bindings).has_value();
}

TEST(Comparison, ComparesValues) {
  EXPECT_FALSE(differ(R"({"a":[1,"x",null,true]})", R"({"a":[1,"x",null,true]})"));
  EXPECT_TRUE(differ(R"({"a":1})", R"({"a":2})"));
  EXPECT_TRUE(differ(R"({"a":"x"})", R"({"a":"y"})"));
  EXPECT_TRUE(differ(R"({"a":1})", R"({"a":"1"})"));
  EXPECT_TRUE(differ(R"({"a":false})", R"({"a":null})"));
  EXPECT_TRUE(differ(R"({"a":[1,2]})", R"({"a":[2,1]})")) << "a list without names has an order";
  EXPECT_TRUE(differ(R"({"a":[1]})", R"({"a":[1,1]})"));
}

TEST(Comparison, MissingAndAdditionalMembersAreDifferences) {
  EXPECT_TRUE(differ(R"({"a":1})", "{}"));
  EXPECT_TRUE(differ("{}", R"({"a":1})"));
  EXPECT_FALSE(differ("{}", R"({"a":1})", {false, false, "h"}));
  EXPECT_TRUE(differ(R"({"a":"$ANY"})", "{}"));
  EXPECT_FALSE(differ(R"({"a":"$ANY"})", R"({"a":{"b":[]}})"));
}

TEST(Comparison, ListsWithNamesAreSetsUnlessOrdered) {
  const char* recorded = R"([{"fq_name":["a"]},{"fq_name":["b"]}])";
  const std::string swapped = R"([{"fq_name":["b"]},{"fq_name":["a"]}])";
  EXPECT_FALSE(differ(recorded, swapped));
  EXPECT_TRUE(differ(recorded, swapped, {true, true, "h"}));
  EXPECT_TRUE(differ(recorded, R"([{"fq_name":["a"]},{"fq_name":["a"]}])"));
  EXPECT_TRUE(differ(recorded, R"([{"fq_name":["a"]}])"));
  EXPECT_TRUE(differ(recorded, R"([{"fq_name":["a"]},{"fq_name":["b"]},{"fq_name":["c"]}])"));
}

TEST(Comparison, VariablesAreBoundOnceAndToDifferentValues) {
  EXPECT_FALSE(differ(R"(["$U1","$U1","$U2"])", json({kOne, kOne, kTwo}).dump()));
  EXPECT_TRUE(differ(R"(["$U1","$U1"])", json({kOne, kTwo}).dump()));
  EXPECT_TRUE(differ(R"(["$U1","$U2"])", json({kOne, kOne}).dump()));
  EXPECT_TRUE(differ(R"(["$U1"])", R"(["no uuid"])"));
}

TEST(Comparison, VariablesMayBePartsOfATextAndOfTheHost) {
  EXPECT_FALSE(differ(R"("http://HOST/project/$U1")", "\"http://h:1/project/" + kOne + "\""));
  EXPECT_TRUE(differ(R"("http://HOST/project/$U1")", "\"http://other/project/" + kOne + "\""));
  EXPECT_TRUE(differ(R"("http://HOST/project/$U1")", "\"http://h:1/domain/" + kOne + "\""));
}

TEST(Comparison, ASubsetOfALinkListIsEnough) {
  const char* recorded = R"({"links":[{"link":{"name":"a"}}]})";
  const std::string more = R"({"links":[{"link":{"name":"b"}},{"link":{"name":"a","x":1}}]})";
  EXPECT_FALSE(differ(recorded, more, {false, false, "h"}));
  EXPECT_TRUE(differ(recorded, more));
  EXPECT_TRUE(differ(recorded, R"({"links":[{"link":{"name":"b"}}]})", {false, false, "h"}));
}

TEST(Bindings, LongNamesAreReplacedFirst) {
  Bindings bindings;
  bindings.bind("$U1", kOne);
  bindings.bind("$U12", kTwo);
  EXPECT_EQ(bindings.fill_in("/a/$U12?b=$U1"), "/a/" + kTwo + "?b=" + kOne);
}

}  // namespace
}  // namespace conformance
