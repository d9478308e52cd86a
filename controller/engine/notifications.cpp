#include "controller/engine/notifications.hpp"

#include <algorithm>

namespace knm {

using contrail::Object;
using contrail::Type;
using contrail::Uuid;

std::string_view name(Notified result) {
  constexpr std::array<std::string_view, notified_count> names = {"foreign", "known", "awaited", "read", "taken"};
  return names.at(static_cast<std::size_t>(result));
}

Notifications::Notifications(const Intent& intent, Table& table, Binder& binder, Schedule& schedule,
                             ObservedState& observed, Audit& audit, Echoes& echoes, EventReads& reads)
    : intent_(intent),
      table_(table),
      binder_(binder),
      schedule_(schedule),
      observed_(observed),
      audit_(audit),
      echoes_(echoes),
      reads_(reads) {}

Notified Notifications::count(Notified result) {
  ++counts_.at(static_cast<std::size_t>(result));
  return result;
}

// --- An object that was created or changed

Notified Notifications::judge_change(const Object& object, Time now) {
  auto& loader = binder_.loader();
  const bool took_address = loader.came(object);
  const auto id = loader.find(object);
  if (id == no_slot) return took_address ? Notified::taken : judge_unknown(object, now);
  auto& entry = table_[id];
  if (entry.is_in_flight()) {
    echoes_.keep(id, loader.content_of(object));
    return Notified::awaited;
  }
  if (entry.must_verify()) return await(id);
  const auto content = loader.content_of(object);
  if (is_known_as(entry, content)) {
    echoes_.end(id);
    return Notified::known;
  }
  if (concerns_us(id)) return differs(id, object.uuid, now);
  if (!entry.exists() || content.provenance.ownership == Ownership::owned) return judge_unknown(object, now);
  audit_.load(object, observed_.next_mark());
  return Notified::taken;
}

// The table has no object of that name, and none is desired.
Notified Notifications::judge_unknown(const Object& object, Time now) {
  const auto owned = binder_.owners().of(object.annotations);
  if (owned == Ownership::owned || is_named(object.type, object.fq_name))
    return differs(binder_.loader().slot_of(object), object.uuid, now);
  if (!is_reservation(object)) return Notified::foreign;
  audit_.load(object, observed_.next_mark());
  return Notified::taken;
}

// --- An object that was deleted

Notified Notifications::judge_deletion(Type type, const Uuid& uuid, Time now) {
  if (uuid.is_nil()) return Notified::foreign;
  const bool freed_address = type == Type::floating_ip && binder_.loader().went(uuid);
  const auto id = table_.find(uuid);
  if (id == no_slot || table_[id].type() != type) return freed_address ? Notified::taken : Notified::foreign;
  auto& entry = table_[id];
  if (entry.is_in_flight()) {
    echoes_.keep(id, std::nullopt);
    return Notified::awaited;
  }
  if (entry.must_verify()) return await(id);
  if (!entry.exists()) {
    echoes_.end(id);
    return Notified::known;
  }
  if (concerns_us(id)) return differs(id, uuid, now);
  believe_gone(id, now);
  return Notified::taken;
}

void Notifications::believe_gone(SlotId id, Time now) {
  const auto blocked = table_[id].blocks();
  observed_.set(id, false, {}, now);
  table_[id].confirm(observed_.next_mark());  // a list that shows it is older
  schedule_.push(id);
  // What else occupies them is listed before their deletion.
  for (const auto other : blocked) {
    if (table_[other].deletion_hold() != DeletionHold::occupied) continue;
    table_[other].end_hold();
    table_[other].list_dependents_again();
    schedule_.push(other);
  }
}

// --- Both

Notified Notifications::differs(SlotId id, const Uuid& uuid, Time now) {
  const bool is_read = reads_.differs(id, uuid, now);
  await(id);
  return is_read ? Notified::read : Notified::awaited;
}

// The object of a list that an audit reads just now is older than the event: it answers no question of the event.
Notified Notifications::await(SlotId id) {
  table_[id].confirm(observed_.next_mark());
  return Notified::awaited;
}

// Whether the object of an entry is read before anything is believed of it.
bool Notifications::concerns_us(SlotId id) const {
  const auto& entry = table_[id];
  return entry.is_desired() || (entry.exists() && entry.ownership() == Ownership::owned) ||
         is_named(entry.type(), entry.name().view());
}

// Whether it is a network that the configuration names.
bool Notifications::is_named(Type type, std::string_view name) const {
  if (type != Type::virtual_network) return false;
  const auto named = intent_.external_networks();
  return std::find(named.begin(), named.end(), name) != named.end();
}

// Whether its address cannot be chosen for a Pod.
bool Notifications::is_reservation(const Object& object) const {
  return object.type == Type::instance_ip && object.networks.size() == 1 &&
         object.networks.front().to == binder_.names().allocation_network();
}

}  // namespace knm
