#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace knm::log {

// Writes lines to a descriptor from a thread of its own, so that logging never waits for a reader. What is not taken in
// time is kept up to a limit; lines beyond are lost, which is counted, and said in a line of its own once what was kept
// has been taken.
class LineWriter {
 public:
  // `note`: the line that says that so many were lost. The descriptor stays the caller's.
  LineWriter(int descriptor, std::function<std::string(std::uint64_t)> note, std::size_t most_bytes = 1 << 20);
  // Waits a second at most for what is left.
  ~LineWriter();
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;

  // Without the line break.
  void write(std::string_view line);
  // Whether all that was written until now has been taken.
  bool flush(std::chrono::milliseconds patience);
  // Lines that were lost so far: they were not taken in time, or could not be written.
  std::uint64_t lost() const;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;  // a write that does not come back keeps its own
};

// While it lives, all lines go to stderr by such a writer.
class Background {
 public:
  Background();
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  // A line that is no log line, for people.
  void say(std::string_view line) { writer_.write(line); }

 private:
  LineWriter writer_;
};

// Lines that the Background that lives has lost.
std::uint64_t lost_lines();

// Waits a moment for the lines of a Background that lives: before an end that runs no destructors.
void flush();

}  // namespace knm::log
