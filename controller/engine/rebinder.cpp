#include "controller/engine/rebinder.hpp"

namespace knm {

using contrail::Type;

Rebinder::Rebinder(Intent& intent, Table& table, Binder& binder, Schedule& schedule, Pacing& pacing,
                   ProblemNotes& notes, UnreadableObjects& unreadable, Fights& fights, NetworkWaits& waits,
                   const Reports& reports)
    : intent_(intent),
      table_(table),
      binder_(binder),
      schedule_(schedule),
      pacing_(pacing),
      notes_(notes),
      unreadable_(unreadable),
      fights_(fights),
      waits_(waits),
      reports_(reports) {}

void Rebinder::bind_all(Time now) {
  for (const auto kind : {UnitKind::ns, UnitKind::pod_tier, UnitKind::service_tier, UnitKind::service, UnitKind::pod,
                          UnitKind::external_network})
    for (const auto& key : intent_.keys(kind)) bind({kind, key}, now);
  for (const auto& tier : binder_.loader().retained_tiers()) bind({UnitKind::service_tier, tier}, now);
}

void Rebinder::settle(Time now) {
  for (const auto& unit : intent_.settle()) {
    const auto* moved = unit.kind == UnitKind::service ? intent_.moved_backends(unit.key) : nullptr;
    if (moved) {
      note_facts(unit);
      ask(binder_.bind_backends(unit.key, *moved), now);
      ask_predecessors(*moved);
    } else {
      bind(unit, now, intent_.moved_users(unit), unit.kind == UnitKind::pod && intent_.has_same_objects(unit.key));
    }
    if (unit.kind != UnitKind::ns) continue;
    // All objects of a Namespace contain its UID.
    for (const auto kind : {UnitKind::pod_tier, UnitKind::service_tier, UnitKind::service, UnitKind::pod})
      for (const auto& key : intent_.keys_in(kind, unit.key)) bind({kind, key}, now);
    for (const auto& tier : binder_.loader().retained_tiers())
      if (ns_of(tier) == unit.key) bind({UnitKind::service_tier, tier}, now);
    for (const auto& network : intent_.keys(UnitKind::external_network))
      bind({UnitKind::external_network, network}, now);
  }
  if (binder_.take_rebind_waiting()) rebind_waiting_services(now);
}

void Rebinder::bind(const Unit& unit, Time now, const std::set<TierKey>* moved_users, bool same_objects) {
  note_facts(unit);
  if (unit.kind == UnitKind::pod || unit.kind == UnitKind::service)
    bind_text(unit, now, same_objects);
  else if (moved_users)
    ask(binder_.bind_users(unit, *moved_users, now), now);
  else
    ask(binder_.bind(unit, now), now);
  notes_.note_left_out(unit);
  if (const auto* service = unit.kind == UnitKind::service ? intent_.service(unit.key) : nullptr)
    notes_.book().set({SubjectKind::service, unit.key}, service->uid, "load-balancer",
                      binder_.load_balancers().of(unit.key).problems);
  if (unit.kind == UnitKind::service_tier) note_retained(unit.key);
  if (unit.kind == UnitKind::service) {
    if (const auto* service = intent_.service(unit.key)) ask_predecessors(service->all_backends());
    for (const auto& other : binder_.take_services_to_rebind()) bind({UnitKind::service, other}, now);
  }
  if (unit.kind != UnitKind::pod) return;
  waits_.review(unit.key, now);
  notes_.note_address(unit.key);
}

void Rebinder::note_facts(const Unit& unit) {
  notes_.note_problems(unit);
  if (unit.kind == UnitKind::ns) unreadable_.tell({SubjectKind::ns, unit.key});
  if (unit.kind == UnitKind::pod) unreadable_.tell({SubjectKind::pod, unit.key});
  if (unit.kind == UnitKind::service) unreadable_.tell({SubjectKind::service, unit.key});
}

// The desired state of the shared networks was read or written.
void Rebinder::bind_shared(Time now) {
  const bool other_addresses = binder_.plan_shared();
  ask(binder_.bind_shared(), now);
  if (other_addresses)
    for (const auto& key : intent_.keys(UnitKind::service))
      if (const auto* service = intent_.service(key);
          !service->external_addresses.empty() || service->wants_load_balancer)
        bind({UnitKind::service, key}, now);
  note_pending_ranges();
}

void Rebinder::note_pending_ranges() {
  auto pending = binder_.ranges().pending();
  for (const auto& range : pending)
    if (!pending_ranges_.contains(range))
      reports_.tell(range.coming ? Report::Kind::range_blocked : Report::Kind::range_stays,
                    table_.find(Type::virtual_network, range.network), Step::nothing, 0, range.cidr.text());
  pending_ranges_ = std::move(pending);
}

void Rebinder::note_retained(const TierKey& tier) {
  const auto network = binder_.loader().retained(tier);
  if (network == no_slot)
    retained_.erase(tier);
  else if (retained_.insert(tier).second)
    reports_.tell(Report::Kind::retained, network, Step::nothing, 0, tier);
}

// Schedules the entries that a unit changed.
void Rebinder::ask(const std::vector<SlotId>& changed, Time now) {
  for (const auto id : changed) {
    const auto& entry = table_[id];
    Time until{0};
    if (!pacing_.changed(id, until, now)) {
      table_[id].retry_at(std::min(entry.cold().not_before, until));
    } else {
      table_[id].forget_failures();
      notes_.end_refusal(id);
    }
    schedule_.push(id);
    schedule_.wake(id);
    if (!entry.is_desired() && !entry.exists()) binder_.loader().gone(id, now);
  }
}

// A Service that gets a Pod as backend while the interface of the Pod's predecessor is to be deleted blocks that
// deletion, and does not schedule it: the interface is scheduled here.
void Rebinder::ask_predecessors(const auto& pods) {
  for (const auto& pod : pods) {
    const auto id = table_.find(Type::virtual_machine_interface, binder_.names().interface(ns_of(pod), name_of(pod)));
    if (id != no_slot && table_[id].exists() && table_[id].is_desired() && !is_in_place(table_[id])) schedule_.push(id);
  }
}

// Another client may have written the annotation of the Pod, or the status of the Service.
void Rebinder::bind_text(const Unit& unit, Time now, bool same_objects) {
  const auto* pod = unit.kind == UnitKind::pod ? intent_.pod(unit.key) : nullptr;
  const auto* service = unit.kind == UnitKind::service ? intent_.service(unit.key) : nullptr;
  const bool is_written = pod ? pod->has_network : service && service->wants_load_balancer;
  const auto api = pod ? TargetApi::pod_state : TargetApi::service_status;
  const auto id = is_written ? table_.slot(api, contrail::Type::project, unit.key) : no_slot;
  const bool settled = id != no_slot && table_[id].is_desired() && !table_[id].is_in_flight() &&
                       table_[id].desired() == table_[id].observed();
  const auto wanted = settled ? table_[id].desired() : FieldDigests{};
  ask(same_objects ? binder_.reread_text(unit, now) : binder_.bind(unit, now), now);
  if (!settled || table_[id].desired() != wanted || table_[id].observed() == wanted) return;
  fights_.report_drift(id, table_[id].observed().empty() ? Drift::deleted : Drift::changed,
                       std::string(text_named(api)), now);
}

// Ids may differ from the derived ones: the units whose objects contain them (MACs, annotations) are bound again.
void Rebinder::rebind_owner_of(SlotId id, Time now) {
  const auto unit = binder_.unit_of(id);
  if (!unit) return;
  bind(*unit, now);
  if (unit->kind != UnitKind::service_tier || table_[id].type() != Type::virtual_network) return;
  // Its gateway and DNS address may collide with a ClusterIP.
  for (const auto& key : intent_.keys_in(UnitKind::service, ns_of(unit->key)))
    if (const auto* service = intent_.service(key); tier_key(service->ns, service->tier) == unit->key)
      bind({UnitKind::service, key}, now);
}

// The network of a tier without Services is desired as long as it exists, and so is its project.
void Rebinder::rebind_retained(Time now) {
  for (const auto& tier : binder_.loader().retained_tiers()) {
    bind({UnitKind::service_tier, tier}, now);
    schedule_.push(table_.slot(Type::project, binder_.names().project(ns_of(tier))));
  }
}

// The owner of a project decides on what the policies of external networks in it depend.
void Rebinder::rebind_external_networks_in(std::string_view project, Time now) {
  for (const auto& network : intent_.keys(UnitKind::external_network))
    if (contrail::parent_of(binder_.names().global_policy(network)) == project)
      bind({UnitKind::external_network, network}, now);
}

// An address may be free now for Services that found none, or not the requested one.
void Rebinder::rebind_waiting_services(Time now) {
  for (const auto& key : std::set<ObjectKey>(binder_.load_balancers().waiting())) bind({UnitKind::service, key}, now);
  binder_.take_rebind_waiting();
}

void Rebinder::rebind_cooled_down(Time now) {
  if (const auto at = binder_.addresses().next_cooled_down(); at && *at <= now)
    for (const auto& key : std::set<ObjectKey>(binder_.addresses().without_address())) bind({UnitKind::pod, key}, now);
  if (const auto at = binder_.load_balancers().next_cooled_down(); at && *at <= now) rebind_waiting_services(now);
}

std::optional<Time> Rebinder::next_cooled_down() const {
  const auto pods =
      binder_.addresses().without_address().empty() ? std::nullopt : binder_.addresses().next_cooled_down();
  const auto services =
      binder_.load_balancers().waiting().empty() ? std::nullopt : binder_.load_balancers().next_cooled_down();
  return pods && services ? std::min(*pods, *services) : pods ? pods : services;
}

// If the project of a Namespace is foreign, no object is made for it, and nothing in it counts.
void Rebinder::serve_namespace(const std::string& name, bool serve, Time now) {
  intent_.refuse_namespace(name, !serve);
  settle(now);
}

}  // namespace knm
