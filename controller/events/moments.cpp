#include "controller/events/moments.hpp"

namespace knm {
namespace {

Notice normal(SubjectKind kind, const ObjectKey& key, std::string_view uid, std::string_view reason, std::string note) {
  return {{kind, key}, std::string(uid), false, std::string(reason), k8s::fit_note(std::move(note))};
}

std::optional<Notice> network_ready(const Entry& entry, const Engine& engine) {
  const ObjectKey key(entry.name().view());
  const auto* pod = engine.intent().pod(key);
  if (!pod) return std::nullopt;
  std::string addresses;
  for (const auto family : {contrail::Family::v4, contrail::Family::v6})
    if (const auto address = engine.binder().addresses().of(pod->uid, family))
      addresses += (addresses.empty() ? "" : " and ") + address->text();
  return normal(SubjectKind::pod, key, pod->uid, "NetworkReady",
                "has " + addresses + " in network " + engine.binder().names().pod_network(pod->ns, pod->tier));
}

std::optional<Notice> address_assigned(SlotId id, const Engine& engine) {
  const auto& entry = engine.table()[id];
  const auto& source = entry.source();
  if (!entry.is_desired() || entry.ownership() != Ownership::owned || !source.unit ||
      static_cast<Role>(source.role) != Role::public_address)
    return std::nullopt;
  const auto* service = engine.intent().service(*source.unit);
  const auto address = engine.binder().bodies().object(id).address;
  if (!service || !address) return std::nullopt;
  return normal(SubjectKind::service, *source.unit, service->uid, "ExternalAddressAssigned",
                "has the public address " + address->text());
}

}  // namespace

std::optional<Notice> moment_of(const Report& report, const Engine& engine) {
  if (report.kind == Report::Kind::pod_ready) return network_ready(engine.table()[report.entry], engine);
  // The answer to a create was lost, and the object was found.
  return report.kind == Report::Kind::came ? address_assigned(report.entry, engine) : std::nullopt;
}

}  // namespace knm
