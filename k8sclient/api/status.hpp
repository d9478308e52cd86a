#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

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

// Why a 403 was answered: only one kind of them is mended by granting a right.
enum class Refusal : std::uint8_t {
  right_missing,          // the user may not do it
  namespace_terminating,  // the object's Namespace is on its way out: nothing new is made there
  admission,              // a policy, a webhook or a quota is against it
};
Refusal refusal_of(const Status& status);

// The Status as an Error of ours: `what` says what was attempted ("listing pods"); the way out is added where one is
// known.
base::Error error_of(const Status& status, const std::string& what);

}  // namespace k8s
