#include "tests/config-api/server/faults.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace standin {
namespace {

using nlohmann::json;

const Kind kWrite{true, "project"};
const Kind kRead{false, "project"};

TEST(Faults, NoFaultsByDefault) {
  Faults faults;
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(faults.decide(kWrite));
  EXPECT_EQ(faults.take_latency(), 0);
}

TEST(Faults, TheNextRequestsCanFailForCertain) {
  Faults faults;
  ASSERT_FALSE(faults.change({{"error-after", {{"next", 2}, {"only", "writes"}}}}));
  EXPECT_FALSE(faults.decide(kRead));
  EXPECT_EQ(faults.decide(kWrite), Fault::error_after);
  EXPECT_EQ(faults.decide(kWrite), Fault::error_after);
  EXPECT_FALSE(faults.decide(kWrite));
  EXPECT_EQ(faults.counters()["error-after"], 2);
  faults.reset_counters();
  EXPECT_EQ(faults.counters()["error-after"], 0);
}

TEST(Faults, CanBeLimitedToOneType) {
  Faults faults;
  ASSERT_FALSE(faults.change({{"refuse", {{"next", 1}, {"type", "instance-ip"}, {"status", 401}}}}));
  EXPECT_FALSE(faults.decide(kWrite));
  EXPECT_EQ(faults.decide(Kind{true, "instance-ip"}), Fault::refuse);
  EXPECT_EQ(faults.rule(Fault::refuse).status, 401);
}

std::vector<bool> hits(std::uint64_t seed) {
  Faults faults;
  EXPECT_FALSE(faults.change({{"reset-before", 0.3}, {"seed", seed}}));
  std::vector<bool> hits;
  for (int i = 0; i < 1000; ++i) hits.push_back(faults.decide(kRead).has_value());
  return hits;
}

TEST(Faults, ProbabilitiesAreSeeded) {
  EXPECT_EQ(hits(5), hits(5));
  EXPECT_NE(hits(5), hits(6));
  const auto all = hits(5);
  const auto count = std::count(all.begin(), all.end(), true);
  EXPECT_GT(count, 240);
  EXPECT_LT(count, 360);
}

TEST(Faults, TheLatencyGrowsUpToItsLimit) {
  Faults faults;
  ASSERT_FALSE(faults.change({{"latency-ms", 5}, {"slowdown-factor", 2}, {"slowdown-every", 2}, {"slowdown-max", 8}}));
  std::vector<double> taken;
  for (int i = 0; i < 10; ++i) taken.push_back(faults.take_latency());
  EXPECT_EQ(taken, (std::vector<double>{5, 5, 10, 10, 20, 20, 40, 40, 40, 40}));
}

TEST(Faults, FreezesAfterANumberOfWrites) {
  Faults faults;
  EXPECT_FALSE(faults.freeze_due());
  ASSERT_FALSE(faults.change({{"freeze-after-writes", 2}}));
  faults.count_write();
  EXPECT_FALSE(faults.freeze_due());
  faults.count_write();
  EXPECT_TRUE(faults.freeze_due());
  faults.never_freeze();
  EXPECT_FALSE(faults.freeze_due());
}

TEST(Faults, InvalidSettingsAreReportedAndChangeNothing) {
  Faults faults;
  const std::string before = faults.settings().dump();
  for (const char* text :
       {R"([])", R"({"latency-ms":-1})", R"({"error-before":2})", R"({"error-before":"often"})",
        R"({"error-before":{"only":"some"}})", R"({"error-before":{"bogus":1}})", R"({"bogus":1})", R"({"serial":1})",
        R"({"slowdown-every":0})", R"({"refuse":{"status":99}})", R"({"latency-ms":7,"seed":-1})"}) {
    EXPECT_TRUE(faults.change(json::parse(text))) << text;
    EXPECT_EQ(faults.settings().dump(), before) << text;
  }
}

TEST(Faults, SettingsRoundTrip) {
  Faults faults;
  ASSERT_FALSE(faults.change({{"latency-ms", 5}, {"half-answer", 0.5}, {"freeze-after-writes", 3}}));
  Faults other;
  ASSERT_FALSE(other.change(faults.settings()));
  EXPECT_EQ(other.settings(), faults.settings());
  other.clear();
  EXPECT_EQ(other.settings(), Faults().settings());
}

TEST(Classify, RequestsThatMayChangeSomethingAreWrites) {
  EXPECT_TRUE(classify("POST", "/projects").write);
  EXPECT_TRUE(classify("DELETE", "/project/x").write);
  EXPECT_TRUE(classify("POST", "/ref-update").write);
  EXPECT_TRUE(classify("POST", "/virtual-network/x/ip-alloc").write);
  EXPECT_FALSE(classify("GET", "/projects?count=true").write);
  EXPECT_FALSE(classify("POST", "/list-bulk-collection").write);
  EXPECT_FALSE(classify("POST", "/fqname-to-id").write);
  EXPECT_EQ(classify("GET", "/projects?count=true").what, "project");
  EXPECT_EQ(classify("PUT", "/instance-ip/x").what, "instance-ip");
  EXPECT_EQ(classify("GET", "/").what, "/");
  EXPECT_EQ(classify("GET", "").what, "/");
  EXPECT_EQ(classify("GET", "/bogus").what, "other");
}

}  // namespace
}  // namespace standin
