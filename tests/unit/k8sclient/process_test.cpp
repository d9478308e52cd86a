// Programs that the library runs: each a line of sh.
#include "base/process.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <optional>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "tests/unit/k8sclient/support/run.hpp"
#include "tests/unit/k8sclient/support/temp_folder.hpp"

namespace base {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using End = Finished::End;

Command shell(const std::string& script, std::vector<std::string> environment = {"PATH=/usr/bin:/bin"}) {
  return {"/bin/sh", {"-c", script}, std::move(environment)};
}

std::chrono::steady_clock::time_point in(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

struct ProcessTest : testing::Test {
  Result<Finished> run(Command command, std::chrono::milliseconds limit = 20s) {
    return test::run(context, run_program(context.get_executor(), std::move(command), in(limit)));
  }
  // The number that the program wrote to the file "pid".
  pid_t pid() const {
    const auto text = read_file_of("pid");
    return text.empty() ? 0 : std::stoi(text);
  }
  std::string read_file_of(const std::string& name) const {
    std::ifstream in(folder.path(name));
    std::string text;
    std::getline(in, text);
    return text;
  }
  static bool is_running(pid_t process) {
    std::ifstream in("/proc/" + std::to_string(process) + "/stat");
    std::string number, name, state;
    in >> number >> name >> state;
    return !state.empty() && state != "Z" && state != "X";
  }
  // Waits until there is no such process, not even as a zombie.
  void expect_gone(pid_t process) {
    ASSERT_GT(process, 0);
    context.restart();
    context.run();
    EXPECT_EQ(::kill(process, 0), -1);
    EXPECT_EQ(errno, ESRCH);
  }
  asio::io_context context;
  test::TempFolder folder;
};

TEST_F(ProcessTest, ReturnsStatusAndOutput) {
  const auto finished = run(shell("echo out; echo err >&2; exit 7"));
  ASSERT_TRUE(finished) << finished.error().message;
  EXPECT_EQ(finished->end, End::exited);
  EXPECT_EQ(finished->code, 7);
  EXPECT_EQ(finished->output, "out\n");
  EXPECT_EQ(finished->errors, "err\n");
}

TEST_F(ProcessTest, PassesArgumentsAndEnvironmentUnchanged) {
  Command command = shell("printf '%s|' \"$@\"; env", {"A=1 2", "PATH=/usr/bin:/bin"});
  command.arguments.insert(command.arguments.end(), {"name", "a b", "$A", ""});
  const auto output = run(std::move(command)).value().output;
  EXPECT_EQ(output.find("a b|$A||"), 0u) << output;
  EXPECT_NE(output.find("A=1 2\n"), std::string::npos) << output;
  EXPECT_EQ(output.find("HOME="), std::string::npos) << "only the given environment";
}

TEST_F(ProcessTest, FindsProgramsInThePath) {
  EXPECT_EQ(run({"sh", {"-c", "echo found"}, {}}).value().output, "found\n");
}

TEST_F(ProcessTest, AProgramThatCannotBeStartedIsAnError) {
  EXPECT_EQ(run({folder.path("none"), {}, {}}).error().message, "No such file or directory");
  EXPECT_EQ(run({folder.write("text", "not executable"), {}, {}}).error().message, "Permission denied");
}

TEST_F(ProcessTest, InputIsEmptyAndNoDescriptorIsInherited) {
  asio::ip::tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
  EXPECT_EQ(run(shell("cat; ls /proc/self/fd | wc -l")).value().output, "4\n") << "0, 1, 2, and ls's own";
}

TEST_F(ProcessTest, IgnoredSignalsAreNotIgnoredByTheProgram) {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  const auto finished = run(shell("kill -PIPE $$; echo alive"));
  std::signal(SIGPIPE, before);
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->end, End::signalled);
  EXPECT_EQ(finished->code, SIGPIPE);
}

// The kernel reaps the program then: its status is lost, or even its number, but nothing waits for ever.
TEST_F(ProcessTest, EndsAlsoWhereSigchldIsIgnored) {
  const auto before = std::signal(SIGCHLD, SIG_IGN);
  const auto finished = run(shell("echo out; exit 7"));
  std::signal(SIGCHLD, before);
  if (finished)
    EXPECT_EQ(finished->output, "out\n");
  else
    EXPECT_EQ(finished.error().code, boost::system::errc::no_such_process) << finished.error().message;
}

TEST_F(ProcessTest, LongOutputIsReadWhole) {
  const auto finished =
      run(shell("i=0; while [ $i -lt 2000 ]; do echo 0123456789012345678901234567890123456789; "
                "i=$((i+1)); done"));
  EXPECT_EQ(finished.value().output.size(), 2000u * 41);
}

TEST_F(ProcessTest, TooMuchOutputEndsTheProgram) {
  Command command = shell("echo $$ >" + folder.path("pid") + "; while :; do echo more; done");
  command.max_output = 1000;
  const auto finished = run(std::move(command));
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->end, End::too_much_output);
  expect_gone(pid());
}

TEST_F(ProcessTest, OnlyTheEndOfTheErrorsIsKept) {
  Command command = shell("i=0; while [ $i -lt 3000 ]; do echo line $i >&2; i=$((i+1)); done; exit 1");
  command.max_errors = 20;
  EXPECT_EQ(run(std::move(command)).value().errors, "line 2998\nline 2999\n");
}

TEST_F(ProcessTest, TheDeadlineEndsTheProgramAndItsChildren) {
  const auto finished = run(shell("echo told >&2; sleep 1000 & echo $! >" + folder.path("pid") + "; wait"), 1s);
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->end, End::timed_out);
  EXPECT_EQ(finished->errors, "told\n");
  const auto child = pid();
  ASSERT_GT(child, 0);
  while (is_running(child)) context.poll();
}

// It has ended itself, and they hold its output open.
TEST_F(ProcessTest, TheDeadlineEndsTheChildrenOfAProgramThatHasEnded) {
  const auto finished = run(shell("sleep 1000 & echo $! >" + folder.path("pid")), 1s);
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->end, End::timed_out);
  const auto child = pid();
  ASSERT_GT(child, 0);
  while (is_running(child)) context.poll();
}

TEST_F(ProcessTest, ACancelledCallerEndsTheProgram) {
  asio::cancellation_signal cancel;
  bool done = false;
  std::optional<Result<Finished>> result;
  asio::co_spawn(
      context,
      run_program(context.get_executor(), shell("echo $$ >" + folder.path("pid") + "; exec sleep 1000"), in(1h)),
      asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr e, Result<Finished> finished) {
        done = true;
        if (!e) result = std::move(finished);
      }));
  while (pid() == 0) context.poll();
  cancel.emit(asio::cancellation_type::terminal);
  while (!done && context.run_one() > 0) {
  }
  ASSERT_TRUE(done);
  if (result) EXPECT_FALSE(*result);
  expect_gone(pid());
}

TEST_F(ProcessTest, CanBeDestroyedWhileAProgramRuns) {
  auto own = std::make_unique<asio::io_context>();
  asio::co_spawn(
      *own, run_program(own->get_executor(), shell("echo $$ >" + folder.path("pid") + "; exec sleep 1000"), in(1h)),
      [](std::exception_ptr, const Result<Finished>&) { FAIL() << "it was not awaited"; });
  while (pid() == 0) own->poll();
  const auto process = pid();
  own.reset();
  // Killed: it can only be a zombie, or gone.
  while (::waitpid(process, nullptr, 0) == -1 && errno == EINTR) {
  }
  EXPECT_EQ(::kill(process, 0), -1);
}

}  // namespace
}  // namespace base
