// What the log and the metrics say of answers of the config API.
#include "controller/run/observer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/property/guestbook_setup.hpp"

namespace knm::test {
namespace {

using ::testing::HasSubstr;

// An observer whose log lines are kept, and the guestbook as its world.
class ObserverTest : public testing::Test {
 protected:
  ObserverTest() {
    log::set_output([this](std::string_view line) { lines_.push_back(nlohmann::json::parse(line)); });
    log::set_format(log::Format::json);
    Guestbook::apply_all(world_);
  }
  ~ObserverTest() override {
    log::set_output(nullptr);
    log::set_format(log::Format::text);
  }

  void start() {
    world_.start();
    observer_.watch(world_.engine());
  }
  // Steps until there is such a report, and lets time pass when there is nothing to do.
  template <class Predicate>
  Report step_until(Predicate is_it) {
    for (int steps = 0; steps < 10'000; ++steps) {
      const auto found = std::find_if(world_.reports().begin(), world_.reports().end(), is_it);
      if (found != world_.reports().end()) return *found;
      if (world_.step()) continue;
      const auto wakeup = world_.engine().next_wakeup();
      if (!wakeup) break;
      world_.pass(std::max(Time(1), *wakeup - world_.now()));
    }
    ADD_FAILURE() << "no such report";
    return Report{Report::Kind::came};
  }
  std::string metrics() {
    observer_.set_counts();
    return metrics_.scrape().body;
  }

  World world_;
  Metrics metrics_{{"0.1.0", "clang 19"}};
  Observer observer_{metrics_};
  std::vector<nlohmann::json> lines_;
};

// RBAC of the config API permits users some types and some verbs.
TEST_F(ObserverTest, ARefusedRightIsLoggedWithTypeObjectAndVerb) {
  world_.set_fault([](const contrail::Request& request, const auto&) -> std::optional<ConfigAnswer> {
    if (request.method != "POST" || !request.target.starts_with("/network-policys")) return std::nullopt;
    return ConfigAnswer{Sent::answered, 403, "Permission Denied", {}};
  });
  start();
  const auto report = step_until([](const Report& one) { return one.status == 403; });
  lines_.clear();
  observer_(report);
  ASSERT_EQ(lines_.size(), 1U);
  const auto& line = lines_.front();
  EXPECT_EQ(line["level"], "warning");
  EXPECT_EQ(line["msg"], "request to the config API failed; it will be retried");
  EXPECT_EQ(line["type"], "network-policy");
  EXPECT_EQ(line["name"], std::string(world_.engine().table()[report.entry].name().view()));
  EXPECT_EQ(line["verb"], "create");
  EXPECT_EQ(line["error"], "HTTP 403: Permission Denied");
  EXPECT_THAT(metrics(),
              HasSubstr("knm_config_api_requests_total{code=\"403\",type=\"network-policy\",verb=\"create\"} 1\n"));
}

TEST_F(ObserverTest, AnOpenCircuitBreakerIsAMetricUntilTheServerAnswers) {
  bool answers = true;
  world_.set_fault([&](const contrail::Request&, const auto&) -> std::optional<ConfigAnswer> {
    if (answers) return std::nullopt;
    return ConfigAnswer{Sent::answered, 503, "Keystone is down", {}};
  });
  start();
  EXPECT_THAT(metrics(), HasSubstr("knm_config_api_circuit_open 0\n"));
  answers = false;
  step_until([](const Report& report) { return report.kind == Report::Kind::server_down; });
  EXPECT_THAT(metrics(), HasSubstr("knm_config_api_circuit_open 1\n"));
  answers = true;
  step_until([](const Report& report) { return report.kind == Report::Kind::server_up; });
  EXPECT_THAT(metrics(), HasSubstr("knm_config_api_circuit_open 0\n"));
}

}  // namespace
}  // namespace knm::test
