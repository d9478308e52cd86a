#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "controller/cli/fetch.hpp"
#include "controller/cli/report_command.hpp"
#include "tests/unit/serve/served.hpp"

namespace knm {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// The part of a running controller that `report` uses.
Routes routes_with_state() {
  Routes routes;
  routes.add("/state", "the state of the controller", [](const HttpRequest& request) {
    return HttpReply{.content_type = "application/json", .body = request.has("full") ? "{\"all\":1}" : "{\"a\":1}"};
  });
  return routes;
}

base::Result<std::string> loudly(std::string_view state) { return "state: " + std::string(state) + "\n"; }

class ReportTest : public testing::Test {
 protected:
  int report(const std::string& server, const ReportRenderer& render = loudly) {
    return report_command({.server = server}, render, out_, err_);
  }

  std::string address() const { return "http://127.0.0.1:" + std::to_string(served_.port()); }

  Served served_{routes_with_state(), {}};
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(ReportTest, RendersTheStateOfTheServer) {
  EXPECT_EQ(report(address()), exit_ok);
  EXPECT_EQ(out_.str(), "state: {\"a\":1}\n");
  out_.str("");
  EXPECT_EQ(report(address() + "/"), exit_ok);
  EXPECT_EQ(out_.str(), "state: {\"a\":1}\n");
}

TEST_F(ReportTest, JsonIsTheStateItself) {
  EXPECT_EQ(report_command({.server = address(), .json = true}, loudly, out_, err_), exit_ok);
  EXPECT_EQ(out_.str(), "{\"a\":1}\n");
}

TEST_F(ReportTest, FullRequestsTheFullState) {
  EXPECT_EQ(report_command({.server = address(), .full = true}, loudly, out_, err_), exit_ok);
  EXPECT_EQ(out_.str(), "state: {\"all\":1}\n");
}

TEST_F(ReportTest, AFailureOfTheRendererIsReported) {
  const auto cannot = [](std::string_view) -> base::Result<std::string> {
    return base::Error{make_error_code(boost::system::errc::bad_message), "no tiers in it"};
  };
  EXPECT_EQ(report(address(), cannot), exit_failure);
  EXPECT_EQ(err_.str(), "kube-network-manager report: no tiers in it\n");
  EXPECT_EQ(out_.str(), "");
}

TEST_F(ReportTest, NoServerListens) {
  const auto address_of_server = address();
  served_.stop();
  // The listening socket of a stopped server is closed.
  EXPECT_EQ(report(address_of_server), exit_failure);
  EXPECT_THAT(err_.str(), testing::AllOf(HasSubstr("cannot get /state of " + address_of_server + ": "),
                                         HasSubstr("Connection refused")));
  EXPECT_THAT(err_.str(), HasSubstr("check that `kube-network-manager run` is running there"));
}

TEST_F(ReportTest, AnotherServerListens) {
  const auto missing = fetch(address(), "/nothing", 10s);
  ASSERT_FALSE(missing.has_value());
  EXPECT_THAT(missing.error().message, HasSubstr(address() + " answered /nothing with 404"));
}

TEST_F(ReportTest, InvalidUrlsAreRefused) {
  for (const auto* server :
       {"", "127.0.0.1:9402", "localhost", "https://localhost:9402", "http://", "http://h:1/state", "http://h:x"}) {
    EXPECT_EQ(report(server), exit_failure) << server;
    EXPECT_THAT(err_.str(), HasSubstr("http://127.0.0.1:9403"));
    err_.str("");
  }
}

}  // namespace
}  // namespace knm
