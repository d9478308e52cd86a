#pragma once

#include <cstdint>
#include <string>

#include "tests/config-api/config_api.hpp"

namespace standin {

/// A server's state on disk: a snapshot (FILE) and the writes executed since (FILE.journal). The server is
/// deterministic, so replaying them gives the same objects, uuids and taken addresses. Whatever was answered survives a
/// kill -9; a power cut may lose the last writes.
class StateFile {
 public:
  /// Loads what is there, or starts anew where there is none. @throws std::runtime_error naming the file and what is
  /// wrong
  StateFile(std::string path, ConfigApi& api);
  ~StateFile();
  StateFile(const StateFile&) = delete;
  StateFile& operator=(const StateFile&) = delete;

  /// To be called after a write was executed and before it is answered. @throws std::runtime_error when it cannot be
  /// kept
  void append(const Request& request);
  /// Writes a snapshot (atomically: another file, renamed) and empties the journal. @throws as append()
  void save(const ConfigApi& api);

 private:
  void load_snapshot(ConfigApi& api);
  void replay_journal(ConfigApi& api);
  void open_journal();
  [[noreturn]] void fail(const std::string& path, const std::string& what) const;

  std::string path_;
  std::string journal_path_;
  std::uint64_t sequence_ = 0;  // of the last write; lines of the journal up to the snapshot's are history
  int journal_ = -1;
};

}  // namespace standin
