#include "base/process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/descriptor.hpp"

namespace base {
namespace {

namespace asio = boost::asio;
constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

Error system_error(int number) {
  const boost::system::error_code code(number, boost::system::generic_category());
  return {code, code.message()};
}

// The pointers that exec() takes; they point into `texts`.
std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

struct SpawnSettings {
  SpawnSettings(int output, int errors) {
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, errors, STDERR_FILENO);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    // Asio opens sockets without O_CLOEXEC.
    posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    posix_spawnattr_setpgroup(&attributes, 0);  // a group of its own
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  posix_spawn_file_actions_t files{};
  posix_spawnattr_t attributes{};
};

using Reader = asio::posix::stream_descriptor;

// A running program. Its destructor kills and reaps it.
class Child {
 public:
  static Result<std::unique_ptr<Child>> start(const asio::any_io_executor& executor, Command& command);
  Child(const asio::any_io_executor& executor, pid_t pid, Descriptor handle, Descriptor output, Descriptor errors)
      : output_(executor, output.release()),
        errors_(executor, errors.release()),
        handle_(std::make_shared<Reader>(executor, handle.release())),
        pid_(pid) {}
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  Reader& output() { return output_; }
  Reader& errors() { return errors_; }
  Reader& handle() { return *handle_; }  // readable when the program has ended
  void kill() const { ::kill(-pid_, SIGKILL); }
  // The status as from waitpid(); nullopt: it still runs.
  std::optional<int> reap();

 private:
  Reader output_, errors_;
  std::shared_ptr<Reader> handle_;
  pid_t pid_;
  bool reaped_ = false;
};

Result<std::unique_ptr<Child>> Child::start(const asio::any_io_executor& executor, Command& command) {
  int output[2], errors[2];
  if (::pipe2(output, O_CLOEXEC) != 0) return system_error(errno);
  Descriptor output_end(output[0]), output_start(output[1]);
  if (::pipe2(errors, O_CLOEXEC) != 0) return system_error(errno);
  Descriptor errors_end(errors[0]), errors_start(errors[1]);

  std::vector<std::string> arguments{command.program};
  arguments.insert(arguments.end(), command.arguments.begin(), command.arguments.end());
  const SpawnSettings settings(output_start.get(), errors_start.get());
  pid_t pid = 0;
  const int failed = ::posix_spawnp(&pid, command.program.c_str(), &settings.files, &settings.attributes,
                                    pointers(arguments).data(), pointers(command.environment).data());
  if (failed != 0) return system_error(failed);
  // glibc 2.36 declares pidfd_open() for C only.
  Descriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (handle.get() < 0) {
    const int reason = errno;
    ::kill(-pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return system_error(reason);
  }
  try {
    return std::make_unique<Child>(executor, pid, std::move(handle), std::move(output_end), std::move(errors_end));
  } catch (const boost::system::system_error& failure) {  // the kernel cannot watch more descriptors
    ::kill(-pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return Error{failure.code(), failure.code().message()};
  }
}

std::optional<int> Child::reap() {
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) == 0) return std::nullopt;
  // If it failed, SIGCHLD is ignored in this process: then there is no status, and it counts as 0.
  reaped_ = true;
  return status;
}

Child::~Child() {
  if (reaped_) return;
  kill();
  if (reap()) return;
  // It ends in a moment: then its entry in the table of processes is removed.
  handle_->async_wait(Reader::wait_read,
                      [handle = handle_, pid = pid_](boost::system::error_code) { ::waitpid(pid, nullptr, WNOHANG); });
}

// What was read of the program.
struct Transcript {
  std::string output, errors;
  bool too_much = false;
};

asio::awaitable<void> read_output(Child& child, Transcript& transcript, std::size_t limit) {
  char block[4096];
  for (;;) {
    const auto [ec, size] = co_await child.output().async_read_some(asio::buffer(block), quietly);
    if (ec) co_return;
    transcript.output.append(block, size);
    if (transcript.output.size() <= limit) continue;
    transcript.too_much = true;
    child.kill();
    co_return;
  }
}

asio::awaitable<void> read_errors(Child& child, Transcript& transcript, std::size_t limit) {
  char block[4096];
  for (;;) {
    const auto [ec, size] = co_await child.errors().async_read_some(asio::buffer(block), quietly);
    if (ec) co_return;
    auto& text = transcript.errors;
    text.append(block, size);
    if (text.size() > limit) text.erase(0, text.size() - limit);
  }
}

asio::awaitable<void> wait_for_end(Child& child) { co_await child.handle().async_wait(Reader::wait_read, quietly); }

}  // namespace

asio::awaitable<Result<Finished>> run_program(asio::any_io_executor executor, Command command,
                                              std::chrono::steady_clock::time_point deadline) {
  auto started = Child::start(executor, command);
  if (!started) co_return started.error();
  Child& child = **started;
  Transcript transcript;
  asio::steady_timer timer(executor, deadline);
  using namespace asio::experimental::awaitable_operators;
  const auto first = co_await ((read_output(child, transcript, command.max_output) &&
                                read_errors(child, transcript, command.max_errors) && wait_for_end(child)) ||
                               timer.async_wait(quietly));
  // Also if the program itself has ended: the processes that it started may hold its output open.
  const auto cancellation = co_await asio::this_coro::cancellation_state;
  const bool cancelled = cancellation.cancelled() != asio::cancellation_type::none;
  if (first.index() == 1 || cancelled) child.kill();
  if (cancelled) co_return system_error(ECANCELED);
  const auto status = child.reap();
  Finished finished;
  finished.output = std::move(transcript.output);
  finished.errors = std::move(transcript.errors);
  if (transcript.too_much) {
    finished.end = Finished::End::too_much_output;
  } else if (first.index() == 1 && std::chrono::steady_clock::now() >= deadline) {
    finished.end = Finished::End::timed_out;
  } else if (!status) {
    co_return system_error(ECANCELED);
  } else {
    finished.end = WIFEXITED(*status) ? Finished::End::exited : Finished::End::signalled;
    finished.code = WIFEXITED(*status) ? WEXITSTATUS(*status) : WTERMSIG(*status);
  }
  co_return finished;
}

}  // namespace base
