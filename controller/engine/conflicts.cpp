#include "controller/engine/conflicts.hpp"

#include "controller/intent/labels.hpp"
#include "controller/plan/next.hpp"

namespace knm {
namespace {

std::string in_words(const Entry& entry) { return std::string(contrail::name(entry.type())) + " " + entry.name(); }

}  // namespace

Subject subject_of(const std::optional<Unit>& unit) {
  Subject cluster{SubjectKind::ns, "kube-system"};
  if (!unit) return cluster;
  switch (unit->kind) {
    case UnitKind::pod:
      return {SubjectKind::pod, unit->key};
    case UnitKind::service:
      return {SubjectKind::service, unit->key};
    case UnitKind::ns:
    case UnitKind::pod_tier:
    case UnitKind::service_tier:
      break;
    case UnitKind::external_network:
      return cluster;
  }
  return {SubjectKind::ns, std::string(ns_of(unit->key))};
}

Problem conflict_problem(const Table& table, SlotId id) {
  const auto& entry = table[id];
  const auto what = in_words(entry);
  const bool is_project = entry.type() == contrail::Type::project;
  if (const auto holder = uuid_holder(table, entry); holder != no_slot)
    return {is_project ? "ProjectNotOwned" : "ObjectNotOwned",
            "the " + what + " cannot be created, because its uuid belongs to the " + in_words(table[holder]) +
                ", which is foreign or unowned" +
                (is_project ? ", so the controller creates no objects for the Namespace" : "") +
                "; remove that object from the config API"};
  if (is_project)
    return {"ProjectNotOwned", "the " + what +
                                   " belongs to another owner, so the controller creates no objects for the Namespace; "
                                   "use another Namespace, or remove the project from the config API"};
  return {"ObjectNotOwned",
          "the " + what +
              " belongs to another owner and is left alone, so its dependents wait; remove the object "
              "from the config API, or give the Kubernetes object another name"};
}

Problem taken_problem(const Entry& entry, std::string_view address, const std::optional<std::string>& holder) {
  return {"AddressInUse",
          std::string(address) + " belongs to " + holder.value_or("a foreign object that no audit has found yet") +
              ", so the " + in_words(entry) + " cannot be created; use another address, or release the address there"};
}

Problem refusal_problem(const Entry& entry, std::string_view said) {
  return {"RefusedByConfigAPI", "the config API refuses the " + in_words(entry) + " repeatedly (" + std::string(said) +
                                    "); the controller retries until the request is accepted"};
}

}  // namespace knm
