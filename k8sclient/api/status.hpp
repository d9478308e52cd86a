#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace k8s {

// The API's description of a failure (meta/v1 Status), without the fields that are not read.
struct Status {
  struct Cause {
    std::string reason, message, field;
    friend bool operator==(const Cause&, const Cause&) = default;
  };
  int code = 0;         // the HTTP status
  std::string reason;   // "Expired", "Forbidden", ...
  std::string message;  // human-readable
  std::vector<Cause> causes;
  std::optional<std::chrono::seconds> retry_after;

  friend bool operator==(const Status&, const Status&) = default;
};

// Why a 403 was answered: only the first kind can be fixed by granting a permission.
enum class Refusal : std::uint8_t {
  right_missing,          // the user has no permission
  namespace_terminating,  // the object's Namespace is being deleted: no objects can be created in it
  admission,              // a policy, a webhook or a quota refused it
};
Refusal refusal_of(const Status& status);

// The Status as an Error: `what` is the attempted action ("listing pods"); the way out is added if one is known.
base::Error error_of(const Status& status, const std::string& what);

}  // namespace k8s
