#include "controller/engine/conflicts.hpp"

#include "controller/intent/labels.hpp"

namespace knm {

Subject subject_of(const Unit& unit) {
  switch (unit.kind) {
    case UnitKind::pod:
      return {SubjectKind::pod, unit.key};
    case UnitKind::service:
      return {SubjectKind::service, unit.key};
    case UnitKind::ns:
    case UnitKind::pod_tier:
    case UnitKind::service_tier:
      break;
    case UnitKind::outside:  // the configuration's: the Namespace that names the cluster
      return {SubjectKind::ns, "kube-system"};
  }
  return {SubjectKind::ns, std::string(ns_of(unit.key))};
}

Problem conflict_problem(const Entry& entry) {
  const auto what = std::string(contrail::name(entry.type)) + " " + entry.name;
  if (entry.type == contrail::Type::project)
    return {"ProjectNotOurs", "the " + what +
                                  " belongs to somebody else, so nothing of this Namespace is made; give the "
                                  "Namespace another name, or have that project removed"};
  return {"ObjectNotOurs", "the " + what +
                               " belongs to somebody else and is left alone, so what needs it waits; have it "
                               "removed there, or give the Kubernetes object another name"};
}

}  // namespace knm
