#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace contrail::test {

// A config API server of its own for one test: the program contrail-config-api on free ports of 127.0.0.1. It ends with
// this object, and with this process.
class StandIn {
 public:
  // Starts it and waits until it listens. Throws std::runtime_error where it does not.
  explicit StandIn(const std::vector<std::string>& flags = {});
  ~StandIn();
  StandIn(const StandIn&) = delete;
  StandIn& operator=(const StandIn&) = delete;

  const std::string& url() const { return url_; }          // of the API
  const std::string& control() const { return control_; }  // of /_control alone: it answers while the API is down
  // Ends it at once, connections and all.
  void kill();

 private:
  pid_t pid_ = -1;
  std::string url_, control_;
};

}  // namespace contrail::test
