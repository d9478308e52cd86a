#include "controller/engine/messages.hpp"

#include <array>

namespace knm {

std::string_view name(Watched kind) {
  constexpr std::array<std::string_view, watched_count> names{"Namespaces", "Pods", "Services", "EndpointSlices"};
  return names.at(static_cast<std::size_t>(kind));
}

std::string_view name(PatchResult result) {
  constexpr std::array<std::string_view, patch_result_count> names{"done",    "gone",      "failed",
                                                                   "dropped", "no_rights", "no_answer"};
  return names.at(static_cast<std::size_t>(result));
}

std::string_view name(Drift drift) {
  constexpr std::array<std::string_view, drift_count> names{"changed", "deleted", "replaced"};
  return names.at(static_cast<std::size_t>(drift));
}

}  // namespace knm
