#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace knm::bench {

// A file mapped into memory, so that serving it costs no copy of its own.
class MappedFile {
 public:
  // Throws std::system_error.
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view bytes() const { return bytes_; }

 private:
  std::string_view bytes_;
};

// The bodies that an API server sent, as recording.py stores them in one folder, in chunks (RFC 9112, section 7.1) as
// they came and without the last, empty one:
//   RESOURCE.list.pb, RESOURCE.list.json      lists
//   RESOURCE.stream.pb, RESOURCE.stream.json  streaming lists, up to the bookmark that ends the initial events
//   pods.changes.pb, pods.changes.json        watches: events that follow, a chunk each
class Recording {
 public:
  explicit Recording(const std::filesystem::path& folder);

  // The body of that name, as long as the recording exists.
  std::optional<std::string_view> find(const std::string& name) const;

 private:
  std::map<std::string, MappedFile> files_;
};

// The chunks of a body, each with its size in front. Throws std::runtime_error if the body ends inside one.
std::vector<std::string_view> split_chunks(std::string_view body);

}  // namespace knm::bench
