#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "k8sclient/base/result.hpp"

namespace k8s {

// The API's own account of a failure (meta/v1 Status), as far as we read it.
struct Status {
  struct Cause {
    std::string reason, message, field;
    friend bool operator==(const Cause&, const Cause&) = default;
  };
  int code = 0;         // as HTTP's
  std::string reason;   // "Expired", "Forbidden", ...
  std::string message;  // for people
  std::vector<Cause> causes;
  std::optional<std::chrono::seconds> retry_after;

  friend bool operator==(const Status&, const Status&) = default;
};

// The Status as an Error of ours: `what` says what was attempted ("listing pods"); the way out is added where one is
// known.
Error error_of(const Status& status, const std::string& what);

}  // namespace k8s
