#include "controller/cni/node/child.hpp"

#include <gtest/gtest.h>

#include "controller/cni/core/errc.hpp"

namespace knm::cni {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 60s;

void expect_failure(const std::vector<std::string>& words, const std::string& why,
                    std::chrono::milliseconds limit = patience) {
  const auto output = run_program(words, "", limit);
  ASSERT_FALSE(output) << why;
  EXPECT_EQ(output.error().code, errc::io_failure);
  EXPECT_NE(output.error().message.find(why), std::string::npos) << output.error().message;
}

TEST(Child, GetsItsInputAndItsOutputComesBack) {
  EXPECT_EQ(run_program({"cat"}, "one\ntwo", patience).value(), "one\ntwo");
  EXPECT_EQ(run_program({"printf", "%s", "a b"}, "", patience).value(), "a b");
}

TEST(Child, MoreThanAPipeHoldsPassesBothWays) {
  const std::string much(1'000'000, 'x');
  EXPECT_EQ(run_program({"cat"}, much, patience).value(), much);
}

TEST(Child, MayLeaveItsInput) { EXPECT_EQ(run_program({"true"}, std::string(1'000'000, 'x'), patience).value(), ""); }

TEST(Child, AFailureHasTheCommandAndWhatTheProgramSaid) {
  expect_failure({"sh", "-c", "echo lost >&2; exit 3"}, "lost");
  expect_failure({"sh", "-c", "exit 3"}, "exit code 3");
  expect_failure({"sh", "-c", "kill -9 $$"}, "signal 9");
  expect_failure({"/no/such/program", "word"}, "`/no/such/program word`");
  expect_failure({"/no/such/program"}, "cannot be started: No such file");
}

TEST(Child, ThatDoesNotEndIsKilled) { expect_failure({"sleep", "600"}, "did not end within 1 ms", 1ms); }

TEST(Child, ThatClosesItsOutputsAndDoesNotEndIsKilled) {
  expect_failure({"sh", "-c", "exec >&- 2>&-; exec sleep 600"}, "did not end within 500 ms", 500ms);
}

}  // namespace
}  // namespace knm::cni
