#include "tests/config-api/server/state_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "base/utf8.hpp"

namespace standin {
namespace {

using nlohmann::json;

std::string read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// @return 0, or errno
int write_all(int file, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t count = ::write(file, text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    done += static_cast<std::size_t>(count);
  }
  return 0;
}

}  // namespace

StateFile::StateFile(std::string path, ConfigApi& api) : path_(std::move(path)), journal_path_(path_ + ".journal") {
  load_snapshot(api);
  replay_journal(api);
  save(api);
}

StateFile::~StateFile() {
  if (journal_ >= 0) ::close(journal_);
}

void StateFile::fail(const std::string& path, const std::string& what) const {
  throw std::runtime_error("state file " + path + ": " + what);
}

void StateFile::load_snapshot(ConfigApi& api) {
  if (!std::filesystem::exists(path_)) return;
  const json saved = json::parse(read_all(path_), nullptr, false);
  if (!saved.is_object() || !saved.contains("sequence") || !saved.contains("state")) {
    fail(path_, "it is no state of this server; name another file or remove it");
  }
  try {
    api = ConfigApi::load(saved["state"].dump());
    sequence_ = saved["sequence"].get<std::uint64_t>();
  } catch (const std::exception& error) {
    fail(path_, std::string(error.what()) + "; name another file or remove it");
  }
}

void StateFile::replay_journal(ConfigApi& api) {
  std::ifstream journal(journal_path_, std::ios::binary);
  for (std::string line; std::getline(journal, line);) {
    const json entry = json::parse(line, nullptr, false);
    // Half a line is a write that was never answered: the server was killed in the middle of it.
    if (!entry.is_object()) break;
    const auto sequence = entry.value("sequence", std::uint64_t{0});
    if (sequence <= sequence_) continue;
    sequence_ = sequence;
    api.handle({entry.value("method", ""), entry.value("target", ""), "", entry.value("body", ""), {}});
  }
}

void StateFile::open_journal() {
  if (journal_ >= 0) ::close(journal_);
  journal_ = ::open(journal_path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
  if (journal_ < 0) fail(journal_path_, std::strerror(errno));
}

void StateFile::append(const Request& request) {
  // What is not UTF-8 was refused before anything of it was executed: it is no history.
  if (!base::is_utf8(request.body) || !base::is_utf8(request.target)) return;
  const json entry = {
      {"sequence", ++sequence_}, {"method", request.method}, {"target", request.target}, {"body", request.body}};
  const std::string line = entry.dump() + "\n";
  if (const int error = write_all(journal_, line)) fail(journal_path_, std::strerror(error));
}

void StateFile::save(const ConfigApi& api) {
  const std::string next = path_ + ".new";
  const int file = ::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) fail(next, std::strerror(errno));
  const int error =
      write_all(file, R"({"sequence":)" + std::to_string(sequence_) + R"(,"state":)" + api.save() + "}\n");
  ::close(file);
  if (error != 0) fail(next, std::strerror(error));
  if (std::rename(next.c_str(), path_.c_str()) != 0) fail(path_, std::strerror(errno));
  open_journal();
}

}  // namespace standin
