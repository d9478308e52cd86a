#include "tests/contrail-client-system/stand_in.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string_view>

namespace contrail::test {
namespace {

[[noreturn]] void become_server(int output, std::vector<char*> arguments) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(output, STDOUT_FILENO);
  ::execv(arguments.front(), arguments.data());
  ::_exit(127);
}

// The rest of the line that begins with `label`; empty where there is none yet.
std::string after(const std::string& output, std::string_view label) {
  const auto start = output.find(label);
  const auto end = start == output.npos ? output.npos : output.find('\n', start);
  if (end == output.npos) return {};
  return output.substr(start + label.size(), end - start - label.size());
}

}  // namespace

StandIn::StandIn(const std::vector<std::string>& flags) {
  std::vector<std::string> words = {CONFIG_API_PROGRAM, "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"};
  words.insert(words.end(), flags.begin(), flags.end());
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), 0) != 0) throw std::runtime_error("no pipe");
  pid_ = ::fork();
  if (pid_ == 0) become_server(pipe[1], std::move(arguments));
  ::close(pipe[1]);

  // It says where it listens, or ends: then so does its output.
  std::string output;
  std::array<char, 512> bytes{};
  while (url_.empty()) {
    const auto count = ::read(pipe[0], bytes.data(), bytes.size());
    if (count <= 0) break;
    output.append(bytes.data(), static_cast<std::size_t>(count));
    url_ = after(output, "listening on ");
    control_ = after(output, "control on ");
  }
  ::close(pipe[0]);
  if (url_.empty() || control_.empty()) {
    kill();
    throw std::runtime_error("the stand-in did not start: " + output);
  }
}

StandIn::~StandIn() { kill(); }

void StandIn::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

}  // namespace contrail::test
