#pragma once

#include <optional>
#include <string>
#include <variant>

#include "controller/cni/core/arguments.hpp"
#include "controller/model/pod_state.hpp"
#include "k8sclient/api/objects.hpp"

namespace knm::cni {

// The Pod's annotation is not there yet, or it is not the Pod's own.
struct StillWaiting {
  std::string reason;  // with the way out
};
// No annotation will come.
struct NeverComes {
  std::string reason;
};
using PodVerdict = std::variant<PodState, StillWaiting, NeverComes>;

// Whether the plugin may attach a container as the Pod's annotation says. `pod` is the Pod as the API server shows it;
// nullopt: it has none of that name. The annotation counts only if it was written for the Pod of this call and names
// the interface that is derived from the Pod (docs/formats.md); with `adopted_interfaces` the interface may be any.
PodVerdict judge(const std::optional<k8s::Pod>& pod, const PodRef& asked, bool adopted_interfaces);

}  // namespace knm::cni
