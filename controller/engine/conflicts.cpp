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
    case UnitKind::outside:
      return cluster;
  }
  return {SubjectKind::ns, std::string(ns_of(unit->key))};
}

Problem conflict_problem(const Table& table, SlotId id) {
  const auto& entry = table[id];
  const auto what = in_words(entry);
  const bool is_project = entry.type() == contrail::Type::project;
  if (const auto holder = uuid_holder(table, entry); holder != no_slot)
    return {is_project ? "ProjectNotOurs" : "ObjectNotOurs",
            "the " + what + " cannot be made, for the uuid that it is to have belongs to the " +
                in_words(table[holder]) + ", which is not ours" +
                (is_project ? ", so nothing of this Namespace is made" : "") + "; have that one removed"};
  if (is_project)
    return {"ProjectNotOurs", "the " + what +
                                  " belongs to somebody else, so nothing of this Namespace is made; give the "
                                  "Namespace another name, or have that project removed"};
  return {"ObjectNotOurs", "the " + what +
                               " belongs to somebody else and is left alone, so what needs it waits; have it "
                               "removed there, or give the Kubernetes object another name"};
}

Problem taken_problem(const Entry& entry, std::string_view address, const std::optional<std::string>& holder) {
  return {"AddressInUse", std::string(address) + " belongs to " +
                              holder.value_or("an object that is not ours and that no audit has found yet") +
                              ", so that the " + in_words(entry) +
                              " cannot be made; use another address, or have that one released"};
}

Problem refusal_problem(const Entry& entry, std::string_view said) {
  return {"RefusedByConfigAPI", "the config API refuses the " + in_words(entry) + " again and again (" +
                                    std::string(said) + "); it is tried again, and this ends once it is accepted"};
}

}  // namespace knm
