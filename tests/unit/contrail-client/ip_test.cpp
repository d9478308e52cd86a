#include "contrail-client/ip.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

namespace contrail {
namespace {

constexpr auto most = std::numeric_limits<std::uint64_t>::max();

IpAddress ip(std::string_view text) {
  const auto address = IpAddress::parse(text);
  EXPECT_TRUE(address) << text;
  return address.value_or(IpAddress{});
}

Cidr cidr(std::string_view text) {
  const auto range = Cidr::parse(text);
  EXPECT_TRUE(range) << text;
  return range.value_or(Cidr{});
}

TEST(IpAddress, ParsesTextAndWritesTheCanonicalForm) {
  const std::pair<const char*, const char*> cases[] = {
      {"0.0.0.0", "0.0.0.0"},
      {"10.254.0.10", "10.254.0.10"},
      {"255.255.255.255", "255.255.255.255"},
      {"::", "::"},
      {"::1", "::1"},
      {"1::", "1::"},
      {"FD00:0:0:4:0:0:0:1", "fd00:0:0:4::1"},
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},     // the first of two equally long runs
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},  // a single zero group is not shortened
      {"2001:0db8:0:0:0:0:0:0", "2001:db8::"},
      {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
      {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
      {"::ffff:c000:201", "::ffff:192.0.2.1"},
      {"64:ff9b::c000:201", "64:ff9b::c000:201"},
  };
  for (const auto& [text, canonical] : cases) EXPECT_EQ(ip(text).text(), canonical);
}

TEST(IpAddress, RejectsInvalidText) {
  for (const auto* text : {"",
                           "10.0.0",
                           "10.0.0.0.0",
                           "10.0.0.256",
                           "10.0.0.01",
                           "10.0.0.-1",
                           "10.0.0.+1",
                           " 10.0.0.1",
                           "10.0.0.1 ",
                           "10..0.1",
                           "0x0a.0.0.1",
                           "10.0.0.1000000000000",
                           "1:2:3:4:5:6:7",
                           "1::2::3",
                           ":::",
                           "fe80::1%eth0",
                           "g::",
                           "::ffff:192.0.2.256",
                           "[::1]",
                           "10.0.0.0/8"})
    EXPECT_FALSE(IpAddress::parse(text)) << text;
  EXPECT_FALSE(IpAddress::parse(std::string_view{"::1\0", 4}));
  EXPECT_FALSE(IpAddress::parse(std::string_view{"10.0.0.1\0", 9}));
  EXPECT_FALSE(IpAddress::parse(std::string(100, ':')));
}

TEST(IpAddress, RecognisesTheUnspecifiedAddress) {
  EXPECT_TRUE(ip("0.0.0.0").is_unspecified());
  EXPECT_TRUE(ip("::").is_unspecified());
  EXPECT_FALSE(ip("0.0.0.1").is_unspecified());
  EXPECT_FALSE(ip("1::").is_unspecified());
}

TEST(IpAddress, SupportsSumsAndDistances) {
  EXPECT_EQ(ip("10.0.0.255").plus(1), ip("10.0.1.0"));
  EXPECT_EQ(ip("255.255.255.255").plus(1), ip("0.0.0.0"));
  EXPECT_EQ(ip("fd00::ffff:ffff:ffff:ffff").plus(1), ip("fd00:0:0:1::"));
  EXPECT_EQ(ip("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff").plus(1), ip("::"));
  EXPECT_EQ(ip("10.0.1.0").distance_from(ip("10.0.0.255")), 1U);
  EXPECT_EQ(ip("10.0.0.0").distance_from(ip("10.0.0.1")), 0U);
  EXPECT_EQ(ip("fd00:0:0:1::").distance_from(ip("fd00::1")), most);  // 2^64-1
  EXPECT_EQ(ip("fd00:0:0:1::").distance_from(ip("fd00::")), most);   // 2^64, saturated
  EXPECT_EQ(ip("fd00:0:0:1::1").distance_from(ip("fd00::2")), most);
  EXPECT_EQ(ip("fd00:0:0:1::").distance_from(ip("fd00::8000:0:0:0")), std::uint64_t{1} << 63);
  EXPECT_EQ(ip("::1").distance_from(ip("0.0.0.0")), 0U);  // another family
}

TEST(Cidr, ParsesAndWritesText) {
  for (const auto* text : {"0.0.0.0/0", "10.0.0.0/16", "10.0.0.1/32", "128.0.0.0/1", "::/0", "fd00::/8", "fd00:4::/64",
                           "fd00:0:0:0:8000::/65", "::1/128"})
    EXPECT_EQ(cidr(text).length, std::stoi(std::string{text}.substr(std::string{text}.find('/') + 1))) << text;
  EXPECT_EQ(cidr("FD00::/8").text(), "fd00::/8");
  EXPECT_EQ(cidr("10.0.0.0/16").text(), "10.0.0.0/16");
}

TEST(Cidr, RejectsInvalidText) {
  for (const auto* text : {"", "/", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08",
                           "10.0.0.0/8 ", "10.0.0.0/ 8", "10.0.0.1/16", "10.0.0.1/0", "::1/0", "fd00::1/64",
                           "fd00:0:0:0:4000::/65", "::/129", "10.0.0.0/8/8", "010.0.0.0/8"})
    EXPECT_FALSE(Cidr::parse(text)) << text;
}

TEST(Cidr, HasASizeAndALastAddress) {
  EXPECT_EQ(cidr("0.0.0.0/0").size(), std::uint64_t{1} << 32);
  EXPECT_EQ(cidr("0.0.0.0/0").last(), ip("255.255.255.255"));
  EXPECT_EQ(cidr("10.0.0.1/32").size(), 1U);
  EXPECT_EQ(cidr("10.0.0.1/32").last(), ip("10.0.0.1"));
  EXPECT_EQ(cidr("10.6.0.0/29").last(), ip("10.6.0.7"));
  EXPECT_EQ(cidr("fd00::/64").size(), most);
  EXPECT_EQ(cidr("fd00::/64").last(), ip("fd00::ffff:ffff:ffff:ffff"));
  EXPECT_EQ(cidr("fd00::/65").size(), std::uint64_t{1} << 63);
  EXPECT_EQ(cidr("fd00::/63").last(), ip("fd00:0:0:1:ffff:ffff:ffff:ffff"));
  EXPECT_EQ(cidr("::/0").size(), most);
  EXPECT_EQ(cidr("::/0").last(), ip("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
}

TEST(Cidr, KnowsContainmentAndOverlap) {
  EXPECT_TRUE(cidr("0.0.0.0/0").contains(ip("255.255.255.255")));
  EXPECT_FALSE(cidr("0.0.0.0/0").contains(ip("::")));
  EXPECT_FALSE(cidr("10.0.0.0/16").contains(ip("10.1.0.0")));
  EXPECT_TRUE(cidr("10.0.0.0/8").overlaps(cidr("10.254.0.0/16")));
  EXPECT_TRUE(cidr("10.254.0.0/16").overlaps(cidr("10.0.0.0/8")));
  EXPECT_FALSE(cidr("10.0.0.0/16").overlaps(cidr("10.1.0.0/16")));
  EXPECT_FALSE(cidr("0.0.0.0/0").overlaps(cidr("::/0")));
}

RC_GTEST_PROP(IpAddress, TextRoundTrips, (const std::array<std::uint8_t, 16>& bytes, bool v4, std::uint32_t low)) {
  const auto address = v4 ? IpAddress::v4(low) : IpAddress{.family = Family::v6, .bytes = bytes};
  RC_ASSERT(IpAddress::parse(address.text()) == address);
}

// Addresses with many zero groups, which are shortened.
RC_GTEST_PROP(IpAddress, ShortenedTextRoundTrips, (std::uint8_t mask)) {
  IpAddress address{.family = Family::v6};
  for (std::size_t group = 0; group < 8; ++group)
    if ((mask >> group & 1) != 0) address.bytes[2 * group + 1] = static_cast<std::uint8_t>(group + 1);
  RC_ASSERT(IpAddress::parse(address.text()) == address);
}

RC_GTEST_PROP(IpAddress, DistanceIsTheInverseOfPlus, (std::uint32_t start, std::uint32_t offset, bool v4)) {
  auto base = IpAddress::v4(start);
  if (!v4) base.family = Family::v6;
  const auto far = base.plus(offset);
  if (far < base) {
    RC_ASSERT(far.distance_from(base) == 0U);  // wrapped
  } else {
    RC_ASSERT(far.distance_from(base) == offset);
  }
}

RC_GTEST_PROP(Cidr, ContainsExactlyItsAddresses, (std::uint32_t start)) {
  const int length = *rc::gen::inRange(1, 33);
  const auto bits = 32 - length;
  const auto base = IpAddress::v4(static_cast<std::uint32_t>(std::uint64_t{start} >> bits << bits));
  const Cidr range{.base = base, .length = length};
  RC_ASSERT(Cidr::parse(range.text()) == range);
  RC_ASSERT(range.last() == base.plus(range.size() - 1));
  RC_ASSERT(range.contains(base) && range.contains(range.last()));
  RC_ASSERT(!range.contains(base.plus(range.size())));
  RC_ASSERT(!range.contains(base.plus(0xffffffff)));
}

}  // namespace
}  // namespace contrail
