#include "controller/log/writer.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "controller/log/log.hpp"

namespace knm::log {
namespace {

// The size that a writable pipe accepts without blocking.
constexpr std::size_t at_once = 4096;
constexpr int poll_milliseconds = 100;
constexpr std::chrono::seconds patience_at_end{1};

}  // namespace

struct LineWriter::Shared {
  std::mutex mutex;  // for all members that are not constant
  std::condition_variable changed;
  std::deque<std::string> lines;
  std::size_t bytes = 0;
  bool writing = false;  // a line that was removed from `lines`
  std::uint64_t lost = 0, told = 0;
  bool stopping = false, ended = false;

  int descriptor = -1;
  std::size_t most_bytes = 0;
  std::function<std::string(std::uint64_t)> note;

  void run();
  bool put(std::string_view text);
};

// Returns whether all of it was written; false: an error, or the end.
bool LineWriter::Shared::put(std::string_view text) {
  while (!text.empty()) {
    pollfd ready{descriptor, POLLOUT, 0};
    const int count = ::poll(&ready, 1, poll_milliseconds);
    if (count == 0) {
      const std::lock_guard lock(mutex);
      if (stopping) return false;
      continue;
    }
    const auto written = ::write(descriptor, text.data(), std::min(text.size(), at_once));
    if (written < 0 && errno != EINTR && errno != EAGAIN) return false;
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

void LineWriter::Shared::run() {
  std::unique_lock lock(mutex);
  for (;;) {
    changed.wait(lock, [this] { return !lines.empty() || lost > told || stopping; });
    if (lines.empty() && (lost == told || stopping)) break;
    writing = true;
    std::string line;
    const bool is_note = lines.empty();
    const auto so_many = lost - told;
    if (!is_note) {
      line = std::move(lines.front());
      lines.pop_front();
      bytes -= line.size();
    }
    lock.unlock();
    if (is_note) line = note(so_many) + "\n";
    const bool done = put(line);
    lock.lock();
    writing = false;
    if (is_note) told += so_many;
    if (!done && !is_note) told = ++lost;  // a note is not written to a failed descriptor
    changed.notify_all();
  }
  ended = true;
  changed.notify_all();
}

LineWriter::LineWriter(int descriptor, std::function<std::string(std::uint64_t)> note, std::size_t most_bytes)
    : shared_(std::make_shared<Shared>()) {
  shared_->descriptor = descriptor;
  shared_->most_bytes = most_bytes;
  shared_->note = std::move(note);
  // Signals are handled by another thread.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread([shared = shared_] { shared->run(); }).detach();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

LineWriter::~LineWriter() {
  flush(patience_at_end);
  std::unique_lock lock(shared_->mutex);
  shared_->stopping = true;
  shared_->lines.clear();
  shared_->changed.notify_all();
  shared_->changed.wait_for(lock, patience_at_end, [this] { return shared_->ended; });
}

void LineWriter::write(std::string_view line) {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->bytes + line.size() >= shared_->most_bytes) {
    ++shared_->lost;
    return;
  }
  shared_->lines.emplace_back(line) += '\n';
  shared_->bytes += line.size() + 1;
  shared_->changed.notify_all();
}

bool LineWriter::flush(std::chrono::milliseconds patience) {
  std::unique_lock lock(shared_->mutex);
  return shared_->changed.wait_for(lock, patience, [this] { return shared_->lines.empty() && !shared_->writing; });
}

std::uint64_t LineWriter::lost() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->lost;
}

// --- Background

namespace {

std::atomic<LineWriter*> current = nullptr;

}  // namespace

Background::Background() : writer_(STDERR_FILENO, [](std::uint64_t lost) { return line_about_lost(lost); }) {
  current = &writer_;
  set_output([this](std::string_view line) { writer_.write(line); }, colours_on_stderr());
}

Background::~Background() {
  set_output(nullptr);
  current = nullptr;
}

std::uint64_t lost_lines() {
  const auto* writer = current.load();
  return writer ? writer->lost() : 0;
}

void flush() {
  if (auto* writer = current.load()) writer->flush(patience_at_end);
}

}  // namespace knm::log
