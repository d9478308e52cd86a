#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "controller/base/packed_text.hpp"
#include "controller/base/rare.hpp"
#include "controller/base/shared.hpp"
#include "controller/base/small_list.hpp"

// Small types for texts and values that are often equal or often empty.
namespace knm {
namespace {

bool same_memory(const PackedText& a, const PackedText& b) { return a.view().data() == b.view().data(); }

// Longer than the small buffer of a std::string.
const std::string long_text = "team-1/tier-1-7d9c6b8f5d-x0001";

TEST(PackedText, StoresTheText) {
  const PackedText text(long_text), empty(std::string_view{});
  EXPECT_EQ(text.view(), long_text);
  EXPECT_EQ(text, long_text);
  EXPECT_LT(text, "team-2");
  EXPECT_TRUE(empty.empty());
  EXPECT_EQ(empty, PackedText());
  EXPECT_EQ(empty.view(), "");
}

TEST(PackedText, CopiesShareTheirMemoryAndOutliveTheOriginal) {
  PackedText copy;
  {
    const PackedText text(long_text);
    copy = text;
    EXPECT_TRUE(same_memory(copy, text));
  }
  EXPECT_EQ(copy, long_text);
  const auto& itself = copy;
  copy = itself;
  EXPECT_EQ(copy, long_text);
}

TEST(PackedText, AssignmentDoesNotChangeCopies) {
  PackedText text(long_text);
  const PackedText copy(text);
  text = PackedText("another");
  EXPECT_EQ(copy, long_text);
  text.clear();
  EXPECT_TRUE(text.empty());
}

TEST(PackedText, OnlyEqualTextsAreShared) {
  PackedText text(long_text);
  const PackedText equal(long_text), other("another"), none;
  ASSERT_FALSE(same_memory(text, equal));
  text.share(other);
  EXPECT_EQ(text, long_text);
  text.share(none);
  EXPECT_EQ(text, long_text);
  text.share(equal);
  EXPECT_TRUE(same_memory(text, equal));
  EXPECT_EQ(text, long_text);
}

using List = std::vector<std::string>;

TEST(SharedValue, CopiesShareTheirMemory) {
  const Shared<List> list(List{"a", "b"});
  const Shared<List> copy = list;
  EXPECT_EQ(&copy.get(), &list.get());
  EXPECT_EQ(copy.get(), (List{"a", "b"}));
}

TEST(SharedValue, AllDefaultValuesShareTheirMemory) {
  const Shared<List> none, empty{List{}};
  EXPECT_EQ(&none.get(), &empty.get());
  EXPECT_TRUE(empty.empty());
}

TEST(SharedValue, OnlyEqualValuesAreShared) {
  Shared<List> list(List{"a"});
  const Shared<List> equal(List{"a"}), other(List{"b"});
  list.share(other);
  EXPECT_EQ(list.get(), List{"a"});
  ASSERT_NE(&list.get(), &equal.get());
  list.share(equal);
  EXPECT_EQ(&list.get(), &equal.get());
}

struct Pair {
  int number = 0;
  std::string text;
  friend bool operator==(const Pair&, const Pair&) = default;
};

TEST(RareValue, ADefaultValueNeedsNoMemory) {
  Rare<Pair> rare;
  rare.set(&Pair::number, 0);
  EXPECT_TRUE(rare.empty());
  EXPECT_EQ(rare->number, 0);
}

TEST(RareValue, SettingOneMemberKeepsTheOthers) {
  Rare<Pair> rare;
  rare.set(&Pair::number, 7);
  rare.set(&Pair::text, "text");
  EXPECT_EQ(rare.get(), (Pair{7, "text"}));
  rare.set(&Pair::number, 0);
  EXPECT_EQ(rare.get(), (Pair{0, "text"}));
  rare.set(&Pair::text, "");
  EXPECT_TRUE(rare.empty());
}

TEST(RareValue, TakeReturnsAndResetsAMember) {
  Rare<Pair> rare;
  EXPECT_EQ(rare.take(&Pair::text), "");
  EXPECT_TRUE(rare.empty());
  rare.set(&Pair::number, 7);
  rare.set(&Pair::text, "text");
  EXPECT_EQ(rare.take(&Pair::text), "text");
  EXPECT_EQ(rare.get(), (Pair{7, ""}));
  EXPECT_EQ(rare.take(&Pair::number), 7);
  EXPECT_TRUE(rare.empty());
}

TEST(RareValue, CopiesAreValues) {
  Rare<Pair> rare;
  rare.set(&Pair::number, 7);
  auto copy = rare;
  copy.set(&Pair::number, 8);
  EXPECT_EQ(rare->number, 7);
  copy = Rare<Pair>();
  EXPECT_TRUE(copy.empty());
}

TEST(RareList, AnEmptyListNeedsNoMemory) {
  RareList<std::string> list{List{}};
  EXPECT_TRUE(list.empty());
  list.push_back("a");
  EXPECT_EQ(list, (RareList<std::string>(List{"a"})));
  list.clear();
  EXPECT_EQ(list, RareList<std::string>());
}

using Numbers = SmallList<std::uint32_t>;

TEST(SmallList, HoldsFewAndManyItems) {
  Numbers list;
  std::vector<std::uint32_t> expected;
  for (std::uint32_t i = 0; i < 20; ++i) {
    list.insert(list.begin(), i);
    expected.insert(expected.begin(), i);
    EXPECT_EQ(std::vector(list.begin(), list.end()), expected);
  }
  while (!expected.empty()) {
    list.erase(list.begin());
    expected.erase(expected.begin());
    EXPECT_EQ(std::vector(list.begin(), list.end()), expected);
  }
}

TEST(SmallList, CopiesAreValues) {
  for (const std::uint32_t size : {2U, 3U, 4U, 9U}) {
    Numbers list;
    for (std::uint32_t i = 0; i < size; ++i) list.push_back(i);
    auto copy = list;
    copy.push_back(100);
    EXPECT_EQ(list.size(), size);
    EXPECT_EQ(erase_if(copy, [](std::uint32_t value) { return value == 100; }), 1U);
    EXPECT_EQ(copy, list);
    const auto moved = std::move(copy);
    EXPECT_EQ(moved, list);
    list = Numbers{7};
    EXPECT_EQ(list, Numbers{7});
  }
}

}  // namespace
}  // namespace knm
