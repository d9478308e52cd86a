#include "controller/cni/core/awaited_pod.hpp"

#include "controller/model/identity.hpp"

namespace knm::cni {
namespace {

const std::string annotation(pod_state_annotation);

StillWaiting forged(const std::string& why) {
  return {annotation + " of the Pod " + why +
          ". The controller corrects it; manifests/policy keeps other users from writing it"};
}

}  // namespace

PodVerdict judge(const std::optional<k8s::Pod>& pod, const PodRef& asked, bool adopted_interfaces) {
  if (!pod) return StillWaiting{"the API server has no Pod of that name"};
  if (pod->mirror)
    return NeverComes{"it is a static Pod, and the controller gives these no network: set `hostNetwork` in its file"};
  if (pod->meta.uid != asked.uid)
    return StillWaiting{"the Pod of that name has the UID " + pod->meta.uid + ", and the container is one of the Pod " +
                        asked.uid};
  const auto* text = k8s::find_value(pod->meta.annotations, annotation);
  if (!text)
    return StillWaiting{"the Pod does not have the annotation " + annotation +
                        ". kube-network-manager writes it: check that it runs, and look for Events of the Pod "
                        "(kubectl describe pod)"};
  const auto state = parse_pod_state(*text);
  if (!state) return forged("cannot be read: " + state.error().message);
  if (state->pod_uid != asked.uid) return forged("was written for another Pod (podUid)");
  const auto derived = derived_uuid(contrail::Type::virtual_machine_interface, asked.uid, "interface");
  if (state->interface != derived && !adopted_interfaces)
    return forged(
        "names an interface that is not derived from the Pod. If the controller adopted it from a "
        "predecessor, set `adoptedInterfaces`");
  return *state;
}

}  // namespace knm::cni
