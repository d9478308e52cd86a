#include "controller/engine/engine.hpp"

// Another cluster of our name: a former one that this one replaces, or a second one that must not be.
namespace knm {

void Engine::count(const contrail::Object& object) {
  binder_.loader().count(object);
  const auto uid = binder_.owners().namesake(object.annotations);
  if (!uid) return;
  if (settings_.take_over && !running_) {
    if (binder_.loader().take_over(*uid)) tell(Report::Kind::taken_over, no_slot, Step::nothing, 0, *uid);
    return;
  }
  if (namesake_) return;
  const auto& owner = binder_.owner();
  namesake_ = "the config API has objects of another cluster with the cluster-name " +
              owner.substr(0, owner.find('/')) + ": its Namespace kube-system has the UID " + *uid +
              ", the Namespace kube-system of this cluster has " + std::string(binder_.owners().uid()) + " (found on " +
              std::string(contrail::name(object.type)) + " " + object.fq_name +
              "); if this cluster replaces the other cluster, start once with --take-over; if both are in use, give "
              "each cluster its own cluster-name";
}

}  // namespace knm
