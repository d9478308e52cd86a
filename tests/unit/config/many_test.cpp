#include <gtest/gtest.h>

#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "controller/config/parse.hpp"

// Long lists. No test measures time: a comparison of each entry with each other one would exceed the time limit of the
// test.
namespace knm {
namespace {

std::string list_of(const std::vector<std::string>& entries) {
  std::string out = "[";
  for (const auto& entry : entries) out += (out.size() > 1 ? "," : "") + entry;
  return out + "]";
}

std::string number_of_network(std::size_t i) { return "\"d:p:" + std::to_string(i) + "\""; }

TEST(ManyEntries, SixtyThousandNetworks) {
  std::vector<std::string> networks;
  for (std::size_t i = 0; i < 60'000; ++i) networks.push_back(number_of_network(i));
  const auto settings = parse_settings("global-network: " + list_of(networks) + "\n", "knm.yaml");
  ASSERT_TRUE(settings.has_value()) << settings.error().message.substr(0, 300);
  EXPECT_EQ(settings->global_network.size(), 60'000U);
  networks.push_back(number_of_network(59'999));
  const auto refused = parse_settings("global-network: " + list_of(networks) + "\n", "knm.yaml");
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message.find("`d:p:59999` is listed twice"), std::string::npos);
}

TEST(ManyEntries, ExternalServices) {
  std::string yaml = "external-service:\n";
  for (int i = 0; i < 20'000; ++i) yaml += " t" + std::to_string(i) + ": \"d:p:n" + std::to_string(i) + "\"\n";
  const auto settings = parse_settings(yaml, "knm.yaml");
  ASSERT_TRUE(settings.has_value()) << settings.error().message.substr(0, 300);
  EXPECT_EQ(settings->external_service.size(), 20'000U);
}

TEST(ManyEntries, ClusterServicesAndRanges) {
  std::vector<std::string> tiers, ranges;
  for (int i = 0; i < 40'000; ++i) tiers.push_back("n/t" + std::to_string(i));
  for (int i = 0; i < 30'000; ++i)
    ranges.push_back("203." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ".0/24");
  const auto services = parse_settings("cluster-service: " + list_of(tiers) + "\n", "knm.yaml");
  ASSERT_TRUE(services.has_value()) << services.error().message.substr(0, 300);
  EXPECT_EQ(services->cluster_service.size(), 40'000U);
  const auto addresses = parse_settings("public-ip-range: " + list_of(ranges) + "\n", "knm.yaml");
  ASSERT_TRUE(addresses.has_value()) << addresses.error().message.substr(0, 300);
  EXPECT_EQ(addresses->public_ip_range.size(), 30'000U);
}

// The refused ranges must equal those of a comparison of each range with each other one.
TEST(ManyRanges, OverlapsEqualThoseOfAFullComparison) {
  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> texts;
    std::vector<contrail::Cidr> ranges;
    std::set<contrail::Cidr> known;
    while (ranges.size() < 8) {
      const int length = 24 + static_cast<int>(random() % 7);
      const auto base = (203U << 24U) | ((random() % 1024) & ~((1U << (32U - static_cast<unsigned>(length))) - 1));
      const contrail::Cidr range{contrail::IpAddress::v4(base), length};
      if (!known.insert(range).second) continue;
      ranges.push_back(range);
      texts.push_back(range.text());
    }
    std::set<std::string> expected, found;
    for (std::size_t later = 0; later < ranges.size(); ++later)
      for (std::size_t before = 0; before < later; ++before)
        if (ranges[before].overlaps(ranges[later])) {
          expected.insert(texts[later] + " overlaps " + texts[before] + " ");
          break;
        }
    const auto settings = parse_settings("public-ip-range: " + list_of(texts) + "\n", "knm.yaml");
    if (!settings) {
      std::istringstream lines(settings.error().message);
      for (std::string line; std::getline(lines, line);) {
        const auto from =
            line.find("203.") == std::string::npos ? line.find("public-ip-range: ") + 17 : line.find("203.");
        found.insert(line.substr(from, line.find("of public") - from));
      }
    }
    EXPECT_EQ(found, expected) << list_of(texts);
  }
}

}  // namespace
}  // namespace knm
