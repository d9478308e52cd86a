#include "controller/serve/health.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace knm {
namespace {

class HealthTest : public testing::Test {
 protected:
  HealthTest() {
    health_.add(Health::Probe::live, "loop", [this] { return loop_; });
    health_.add(Health::Probe::ready, "caches", [this] { return caches_; });
    health_.add(Health::Probe::ready, "inventory", [] { return std::nullopt; });
    health_.serve(routes_);
  }

  HttpReply get(std::string_view target) const { return routes_.answer("GET", target); }

  std::optional<std::string> loop_;
  std::optional<std::string> caches_;
  Health health_;
  Routes routes_;
};

TEST_F(HealthTest, AllProbesSucceedWithoutAFault) {
  for (const auto* path : {"/livez", "/readyz", "/healthz"}) {
    EXPECT_EQ(get(path).status, 200U);
    EXPECT_EQ(get(path).body, "ok");
  }
}

TEST_F(HealthTest, VerboseListsTheChecksOfThatProbe) {
  EXPECT_EQ(get("/readyz?verbose").body,
            "[+]ping ok\n"
            "[+]caches ok\n"
            "[+]inventory ok\n"
            "readyz check passed\n");
  EXPECT_EQ(get("/livez?verbose=1").body, "[+]ping ok\n[+]loop ok\nlivez check passed\n");
}

TEST_F(HealthTest, AFaultIsListedWithoutVerbose) {
  caches_ = "pods are not listed yet";
  const auto reply = get("/readyz");
  EXPECT_EQ(reply.status, 503U);
  EXPECT_EQ(reply.body,
            "[+]ping ok\n"
            "[-]caches failed: pods are not listed yet\n"
            "[+]inventory ok\n"
            "readyz check failed\n");
  EXPECT_EQ(get("/livez").status, 200U) << "a restart would not help";
  caches_.reset();
  EXPECT_EQ(get("/readyz").status, 200U);
}

TEST_F(HealthTest, AFailedLivenessCheckFailsLivezAndHealthz) {
  loop_ = "no heartbeat for 30s";
  EXPECT_EQ(get("/livez").status, 503U);
  EXPECT_EQ(get("/healthz").status, 503U);
  EXPECT_EQ(get("/readyz").status, 200U);
}

TEST_F(HealthTest, ChecksCanBeExcluded) {
  caches_ = "pods are not listed yet";
  EXPECT_EQ(get("/readyz?exclude=caches").status, 200U);
  EXPECT_EQ(get("/readyz?exclude=caches&verbose").body,
            "[+]ping ok\n[+]caches excluded: ok\n[+]inventory ok\nreadyz check passed\n");
}

}  // namespace
}  // namespace knm
