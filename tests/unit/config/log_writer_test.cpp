#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>

#include "controller/log/writer.hpp"

namespace knm::log {
namespace {

using namespace std::chrono_literals;

std::string note(std::uint64_t lost) { return std::to_string(lost) + " lost"; }

class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe(ends_.data()), 0); }
  ~Pipe() {
    close_reader();
    ::close(ends_[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int writer() const { return ends_[1]; }
  void close_reader() {
    if (ends_[0] >= 0) ::close(ends_[0]);
    ends_[0] = -1;
  }
  // Reads until `end`.
  std::string read_until(const std::string& end) const {
    std::string out;
    char c = 0;
    while (!out.ends_with(end) && ::read(ends_[0], &c, 1) == 1) out += c;
    return out;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

TEST(LogWriter, LinesAreWrittenCompletelyAndInOrder) {
  const Pipe pipe;
  LineWriter writer(pipe.writer(), note);
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    writer.write("line " + std::to_string(i));
    expected += "line " + std::to_string(i) + "\n";
  }
  EXPECT_EQ(pipe.read_until("line 999\n"), expected);
  EXPECT_TRUE(writer.flush(10s));
  EXPECT_EQ(writer.lost(), 0U);
}

// The test does not read the pipe, which buffers 64 KiB.
TEST(LogWriter, NeverWaitsForAReaderAndCountsLostLines) {
  const Pipe pipe;
  LineWriter writer(pipe.writer(), note, 10'000);
  const std::string line(99, 'x');
  for (int i = 0; i < 100'000; ++i) writer.write(line);
  EXPECT_GT(writer.lost(), 90'000U);
  // Each line is written completely or counted in a note; there may be several notes.
  std::size_t whole = 0, noted = 0;
  while (whole + noted < 100'000) {
    const auto next = pipe.read_until("\n");
    if (next == line + "\n")
      ++whole;
    else
      noted += std::stoul(next);
  }
  EXPECT_EQ(whole + noted, 100'000U);
  EXPECT_EQ(noted, writer.lost());
  writer.write("later");
  EXPECT_EQ(pipe.read_until("later\n"), "later\n");
}

TEST(LogWriter, EndsWithoutAReader) {
  const Pipe pipe;
  {
    LineWriter writer(pipe.writer(), note);
    for (int i = 0; i < 1000; ++i) writer.write(std::string(200, 'x'));
  }
  SUCCEED() << "the destructor returned";
}

TEST(LogWriter, CountsLinesThatCannotBeWritten) {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  pipe.close_reader();
  LineWriter broken(pipe.writer(), note);
  broken.write("broken");
  EXPECT_TRUE(broken.flush(10s));
  EXPECT_EQ(broken.lost(), 1U);
  LineWriter closed(1'000'000, note);
  closed.write("nothing");
  EXPECT_TRUE(closed.flush(10s));
  EXPECT_EQ(closed.lost(), 1U);
  const int full = ::open("/dev/full", O_WRONLY);
  {
    LineWriter writer(full, note);
    writer.write("no room");
    EXPECT_TRUE(writer.flush(10s));
    EXPECT_EQ(writer.lost(), 1U);
  }
  ::close(full);
  std::signal(SIGPIPE, before);
}

}  // namespace
}  // namespace knm::log
