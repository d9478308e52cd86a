#include "tests/bench/informer/replay/recording.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <system_error>

namespace knm::bench {

MappedFile::MappedFile(const std::filesystem::path& path) {
  const auto size = std::filesystem::file_size(path);
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) throw std::system_error(errno, std::generic_category(), path.string());
  void* const at = size > 0 ? ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0) : nullptr;
  const int error = errno;
  ::close(file);
  if (at == MAP_FAILED) throw std::system_error(error, std::generic_category(), path.string());
  bytes_ = {static_cast<const char*>(at), size};
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

Recording::Recording(const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.is_regular_file()) files_.try_emplace(entry.path().filename().string(), entry.path());
}

std::optional<std::string_view> Recording::find(const std::string& name) const {
  const auto found = files_.find(name);
  return found == files_.end() ? std::nullopt : std::optional(found->second.bytes());
}

std::vector<std::string_view> split_chunks(std::string_view body) {
  constexpr std::string_view end_of_line = "\r\n";
  std::vector<std::string_view> out;
  while (!body.empty()) {
    std::size_t content = 0;
    const auto [end, error] = std::from_chars(body.data(), body.data() + body.size(), content, 16);
    const auto before = static_cast<std::size_t>(end - body.data()) + end_of_line.size();
    const std::size_t size = before + content + end_of_line.size();
    if (error != std::errc{} || size > body.size()) throw std::runtime_error("a recorded body ends inside a chunk");
    out.push_back(body.substr(0, size));
    body.remove_prefix(size);
  }
  return out;
}

}  // namespace knm::bench
