#include "controller/cni/node/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "controller/cni/core/errc.hpp"

namespace knm::cni {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_output = 16 * 1024 * 1024;
constexpr int cannot_start = 127;  // as shells have it

// A file descriptor that is closed with its owner.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    close();
    fd_ = std::exchange(other.fd_, -1);
    return *this;
  }
  int get() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
};

struct Pipe {
  Descriptor read, write;
};

bool open_pipe(Pipe& pipe) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return false;
  pipe = {Descriptor(ends[0]), Descriptor(ends[1])};
  return true;
}

// A file in memory with the input: unlike a pipe it takes all of it at once, whether the program reads it or not.
Descriptor file_of(const std::string& input) {
  Descriptor file(::memfd_create("input", MFD_CLOEXEC));
  const bool written = ::write(file.get(), input.data(), input.size()) == static_cast<ssize_t>(input.size());
  return written && ::lseek(file.get(), 0, SEEK_SET) == 0 ? std::move(file) : Descriptor();
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

// In the child: becomes the program. Calls nothing that may take a lock.
[[noreturn]] void become(char* const* argv, pid_t parent, const Descriptor& in, const Pipe& out, const Pipe& err) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(cannot_start);
  ::dup2(in.get(), STDIN_FILENO);
  ::dup2(out.write.get(), STDOUT_FILENO);
  ::dup2(err.write.get(), STDERR_FILENO);
  ::execvp(argv[0], argv);
  ::dprintf(STDERR_FILENO, "the program cannot be started: %s", std::strerror(errno));
  ::_exit(cannot_start);
}

struct Outputs {
  std::string out, err;
  bool in_time = true;
};

void read_some(Descriptor& from, std::string& into) {
  std::array<char, 16 * 1024> bytes;
  const auto count = ::read(from.get(), bytes.data(), bytes.size());
  if (count > 0 && into.size() < most_output) into.append(bytes.data(), static_cast<std::size_t>(count));
  if (count == 0 || (count < 0 && errno != EINTR)) from.close();
}

// Takes the outputs until the program has closed them, or the time is up.
Outputs collect(Descriptor out, Descriptor err, Clock::time_point end) {
  Outputs outputs;
  while (out.get() >= 0 || err.get() >= 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    if (left.count() <= 0) {
      outputs.in_time = false;
      break;
    }
    // poll ignores negative descriptors.
    pollfd waits[] = {{out.get(), POLLIN, 0}, {err.get(), POLLIN, 0}};
    if (::poll(waits, 2, static_cast<int>(left.count()) + 1) <= 0) continue;
    if (waits[0].revents) read_some(out, outputs.out);
    if (waits[1].revents) read_some(err, outputs.err);
  }
  return outputs;
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

// A program may close its outputs long before it ends.
bool ends_before(pid_t child, Clock::time_point end) {
  constexpr int pause = 10;  // milliseconds; most programs have ended when their outputs are closed
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0) {
    if (Clock::now() >= end) return false;
    ::poll(nullptr, 0, pause);
  }
  return true;
}

std::string trimmed(std::string text) {
  text.erase(text.find_last_not_of(" \n") + 1);
  return text;
}

}  // namespace

base::Result<std::string> run_program(std::vector<std::string> words, const std::string& input,
                                      std::chrono::milliseconds limit) {
  const auto failure = [&words](const std::string& why) {
    return base::Error{errc::io_failure, "`" + joined(words) + "`: " + why};
  };
  const auto in = file_of(input);
  Pipe out, err;
  if (in.get() < 0 || !open_pipe(out) || !open_pipe(err)) return failure(std::strerror(errno));
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const auto end = Clock::now() + limit;
  const auto self = ::getpid();
  const auto child = ::fork();
  if (child < 0) return failure(std::strerror(errno));
  if (child == 0) become(argv.data(), self, in, out, err);
  out.write.close(), err.write.close();
  auto outputs = collect(std::move(out.read), std::move(err.read), end);
  outputs.in_time = outputs.in_time && ends_before(child, end);
  if (!outputs.in_time) ::kill(child, SIGKILL);
  const int status = wait_for(child);
  if (!outputs.in_time) return failure("did not end within " + std::to_string(limit.count()) + " ms");
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return std::move(outputs.out);
  const auto said = trimmed(outputs.err);
  if (WIFSIGNALED(status)) return failure("ended by signal " + std::to_string(WTERMSIG(status)) + ". " + said);
  return failure(said.empty() ? "exit code " + std::to_string(WEXITSTATUS(status)) : said);
}

}  // namespace knm::cni
