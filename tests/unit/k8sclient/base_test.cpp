#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/backoff.hpp"
#include "base/base64.hpp"
#include "base/cut.hpp"
#include "base/file.hpp"
#include "base/task_group.hpp"
#include "tests/unit/k8sclient/support/run.hpp"
#include "tests/unit/k8sclient/support/temp_folder.hpp"

namespace k8s {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

TEST(Backoff, DoublesToItsBoundWithJitterOfHalf) {
  base::Backoff backoff({100ms, 500ms, 2});
  EXPECT_EQ(backoff.next(1), 100ms);
  EXPECT_EQ(backoff.next(0), 100ms);
  EXPECT_EQ(backoff.next(1), 400ms);
  EXPECT_EQ(backoff.next(1), 500ms);
  EXPECT_EQ(backoff.next(0.5), 375ms);
  backoff.reset();
  EXPECT_EQ(backoff.next(1), 100ms);
}

asio::awaitable<void> sleep_for_ever(asio::any_io_executor executor, int& ended) {
  struct AtEnd {
    ~AtEnd() { ++count; }
    int& count;
  } at_end{ended};
  asio::steady_timer timer(executor, asio::steady_timer::time_point::max());
  co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<void> fail() {
  throw std::runtime_error("broken");
  co_return;
}

asio::awaitable<bool> join(base::TaskGroup& tasks) {
  co_await tasks.join();
  co_return true;
}

TEST(TaskGroup, CancelsAndJoins) {
  asio::io_context context;
  int ended = 0, failures = 0;
  base::TaskGroup tasks(context.get_executor(), [&](const std::string&, std::exception_ptr) { ++failures; });
  for (int i = 0; i < 3; ++i) tasks.spawn("sleeper", sleep_for_ever(context.get_executor(), ended));
  context.poll();
  EXPECT_EQ(tasks.size(), 3u);
  tasks.cancel();
  EXPECT_TRUE(test::run(context, join(tasks)));
  EXPECT_EQ(ended, 3);
  EXPECT_EQ(failures, 0);
  tasks.spawn("too late", fail());
  EXPECT_EQ(tasks.size(), 0u);
}

// Ends when it is interrupted, and notes that.
asio::awaitable<void> wait_for_interruption(asio::any_io_executor executor, bool& interrupted) {
  const auto begin = [executor, &interrupted](auto handler) {
    auto slot = asio::get_associated_cancellation_slot(handler);
    const auto kept = std::make_shared<decltype(handler)>(std::move(handler));
    slot.assign([executor, &interrupted, kept](asio::cancellation_type) {
      interrupted = true;
      asio::post(executor, [kept] { (*kept)(asio::error::operation_aborted); });
    });
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void(boost::system::error_code)>(begin,
                                                                                                asio::use_awaitable);
}

// As at the end of a program, whose loop has ended.
TEST(TaskGroup, ItsDestructorInterruptsNothingOutsideOfTheLoop) {
  asio::io_context context;
  bool interrupted = false;
  auto tasks = std::make_unique<base::TaskGroup>(context.get_executor(), [](const std::string&, std::exception_ptr) {});
  tasks->spawn("waiter", wait_for_interruption(context.get_executor(), interrupted));
  context.poll();
  tasks.reset();
  EXPECT_FALSE(interrupted);
  context.restart();
  context.poll();
  EXPECT_TRUE(interrupted);
}

TEST(TaskGroup, ReportsAFailureByName) {
  asio::io_context context;
  std::string name;
  base::TaskGroup tasks(context.get_executor(), [&](const std::string& who, std::exception_ptr) { name = who; });
  tasks.spawn("the one", fail());
  EXPECT_TRUE(test::run(context, join(tasks)));
  EXPECT_EQ(name, "the one");
}

TEST(File, MustBeRegularAndSmall) {
  const test::TempFolder folder;
  EXPECT_EQ(base::read_file(folder.write("token", "abc")).value(), "abc");
  EXPECT_EQ(base::read_file(folder.write("empty", "")).value(), "");
  EXPECT_EQ(base::read_file("/dev/zero").error().message, "it is not a regular file");
  EXPECT_EQ(base::read_file(folder.path("")).error().message, "Is a directory");
  EXPECT_EQ(base::read_file(folder.path("none")).error().message, "No such file or directory");
  const auto pipe = folder.path("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);  // an open for reading would wait for a writer
  EXPECT_EQ(base::read_file(pipe).error().message, "it is not a regular file");
  EXPECT_EQ(base::read_file(folder.write("big", std::string(100, 'x')), 100).value().size(), 100u);
  EXPECT_EQ(base::read_file(folder.write("bigger", std::string(101, 'x')), 100).error().message,
            "it has more than 100 bytes; check the path");
}

TEST(Cut, EndsBetweenCharacters) {
  const std::string text = "aä€😀";  // 1, 2, 3 and 4 bytes
  const std::vector<std::string> expected{"", "a", "a", "aä", "aä", "aä", "aä€", "aä€", "aä€", "aä€", text, text};
  for (std::size_t limit = 0; limit < expected.size(); ++limit)
    EXPECT_EQ(base::cut(text, limit), expected[limit]) << limit;
}

TEST(Cut, CutsInvalidUtf8AtTheLimit) {
  const std::string text(100, '\x80');
  EXPECT_EQ(base::cut(text, 50).size(), 50u);
  EXPECT_EQ(base::cut("\xff\xff\xff", 2).size(), 2u);
}

TEST(Base64, DecodesOnlyValidText) {
  EXPECT_EQ(base::decode_base64("aGVsbG8="), "hello");
  EXPECT_EQ(base::decode_base64("aGVs\nbG8"), "hello");
  EXPECT_EQ(base::decode_base64(""), "");
  for (const char* bad : {"a", "aGVsbG8==", "a=b=", "aGVsb*8=", "====", "YQ==YQ=="})
    EXPECT_FALSE(base::decode_base64(bad)) << bad;
}

TEST(Base64, EncodesWithPadding) {
  const std::pair<std::string, std::string> cases[] = {
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {std::string("\0\xff", 2), "AP8="}};
  for (const auto& [bytes, text] : cases) {
    EXPECT_EQ(base::encode_base64(bytes), text);
    EXPECT_EQ(base::decode_base64(text), bytes);
  }
}

}  // namespace
}  // namespace k8s
