#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace knm::log {

// Writes lines to a descriptor from its own thread, so that logging never waits for a reader. Lines that are not
// written yet are kept up to a limit; further lines are dropped, and their number is written in a line of its own after
// the kept ones.
class LineWriter {
 public:
  // `note`: renders the line with the number of lost lines. The caller still owns the descriptor.
  LineWriter(int descriptor, std::function<std::string(std::uint64_t)> note, std::size_t most_bytes = 1 << 20);
  // Waits at most a second for the remaining lines.
  ~LineWriter();
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;

  // Without the line break.
  void write(std::string_view line);
  // Waits for all lines so far; returns whether they were written.
  bool flush(std::chrono::milliseconds patience);
  // The number of lost lines: dropped, or not writable.
  std::uint64_t lost() const;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;  // shared with the thread, whose write may never return
};

// While it exists, all lines are written to stderr by a LineWriter.
class Background {
 public:
  Background();
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  // A line for people, not in the format of the log.
  void say(std::string_view line) { writer_.write(line); }

 private:
  LineWriter writer_;
};

// The number of lines that the present Background has lost.
std::uint64_t lost_lines();

// Waits a moment for the lines of the present Background: before an exit without destructors.
void flush();

}  // namespace knm::log
