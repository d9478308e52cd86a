#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace standin {

struct Options {
  std::string listen = "127.0.0.1:8082";
  std::string control;                               // a second address for /_control only; empty: none
  std::string state;                                 // file; empty: nothing is kept
  std::string request_log;                           // file; empty: none
  std::uint64_t seed = 1;                            // of the uuids that the server chooses
  double down_seconds = 0;                           // at start
  nlohmann::json faults = nlohmann::json::object();  // settings as PUT /_control/faults takes them
};

/// Reads the command line. @return the options, or the exit status where the program is to end at once (--help,
/// --version, a wrong flag: what there is to say was printed)
struct ParsedOptions {
  std::optional<Options> options;
  int exit_status = 0;
};
ParsedOptions parse_options(int argc, char** argv);

}  // namespace standin
