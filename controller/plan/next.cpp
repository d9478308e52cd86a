#include "controller/plan/next.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "controller/plan/connections.hpp"

namespace knm {
namespace {

using contrail::Field;
using contrail::Type;

Action action(Step step) {
  Action out;
  out.step = step;
  return out;
}

Action wait_for(SlotId slot) {
  auto out = action(Step::wait_for);
  out.slot = slot;
  return out;
}

Action later(Time until) {
  auto out = action(Step::later);
  out.until = until;
  return out;
}

// The server would orphan some objects in a project, and an adopted object may still be used by its maker.
bool must_list_dependents(const Entry& entry) {
  return entry.type() == Type::project || entry.is_adopted() || entry.deletion_was_refused();
}

Action next_remove(const Entry& entry) {
  if (entry.is_held()) return action(Step::hold);
  if (entry.dependents() > 0) return action(Step::wait_gone);
  return action(must_list_dependents(entry) && !entry.dependents_are_listed() ? Step::list_dependents : Step::remove);
}

// A network that is not owned loses its references to owned policies that are to be deleted, and those that the
// controller attached, as their sequence number shows.
Action next_abandoned(const Table& table, const Entry& entry) {
  if (entry.type() != Type::virtual_network || entry.ownership() == Ownership::foreign) return {};
  for (const auto& item : entry.observed().of(Field::policies)) {
    const auto target = (item.digest & owned_item) != 0 ? table.target(item) : no_slot;
    if (target == no_slot || !table[target].exists() || table[target].ownership() != Ownership::owned) continue;
    const bool stays = table[target].is_desired() || !table[target].cold().foreign_rules.empty();
    if (stays && item.digest != owned_place()) continue;
    auto out = action(Step::ref_remove);
    out.field = Field::policies;
    out.slot = target;
    return out;
  }
  return {};
}

// The address of an interface that must move is deleted before the move, and created again after it.
bool is_in_the_way(const Table& table, const Entry& entry) {
  if (entry.type() != Type::instance_ip) return false;
  return std::any_of(entry.dependencies().begin(), entry.dependencies().end(), [&](const Dependency& dependency) {
    const auto& other = table[dependency.slot];
    return other.type() == Type::virtual_machine_interface && other.exists() && other.is_desired() &&
           !other.must_verify() && !same(other, Field::networks);
  });
}

// --- Updates

struct Difference {
  std::vector<FieldDigest> missing;  // desired and not observed, or observed with other content
  std::vector<FieldDigest> surplus;  // observed and not desired
};

Difference difference(const Entry& entry, Field field) {
  Difference out;
  if (entry.desired().shares_with(entry.observed())) return out;
  auto desired = entry.desired().of(field), observed = entry.observed().of(field);
  for (;;) {
    skip_equal(desired, observed);
    if (desired.empty() && observed.empty()) return out;
    if (observed.empty() || (!desired.empty() && desired.front().key < observed.front().key)) {
      out.missing.push_back(desired.front());
      desired.skip(1);
    } else if (desired.empty() || observed.front().key < desired.front().key) {
      out.surplus.push_back(observed.front());
      observed.skip(1);
    } else {
      if (desired.front().digest != observed.front().digest) out.missing.push_back(desired.front());
      desired.skip(1), observed.skip(1);
    }
  }
}

// In collections with foreign items only the content under an owned key counts, and only owned items may be removed.
Difference shared_difference(const Entry& entry, Field field, bool content_counts) {
  auto out = difference(entry, field);
  if (!content_counts)
    std::erase_if(out.missing, [&](const FieldDigest& item) {
      return field == Field::rules ? is_there(entry.observed(), item) : entry.observed().find(item.key) != nullptr;
    });
  std::erase_if(out.surplus, [](const FieldDigest& item) { return (item.digest & owned_item) == 0; });
  return out;
}

// Items that the guard keeps stay, unless their target is observed and is to be deleted.
void leave_kept(const Table& table, const Entry& entry, Difference& difference) {
  const auto& kept = entry.cold().kept;
  if (kept.empty()) return;
  std::erase_if(difference.surplus, [&](const FieldDigest& item) {
    if (!std::binary_search(kept.begin(), kept.end(), item.key)) return false;
    const auto target = is_reference(item.field()) ? table.target(item) : no_slot;
    return target == no_slot || !table[target].exists() || table[target].is_desired() || table[target].is_held();
  });
}

bool empty(const Difference& difference) { return difference.missing.empty() && difference.surplus.empty(); }

bool owner_annotations_are_missing(const Entry& entry) {
  const bool adopted = entry.is_adoptable();
  if (!adopted && entry.ownership() == Ownership::unowned) return false;
  const auto wanted = entry.desired().of(Field::annotations);
  return std::any_of(wanted.begin(), wanted.end(),
                     [&](const FieldDigest& item) { return !entry.observed().contains(item); });
}

// A reference to an object whose predecessor still exists under the same name refers to the predecessor, and blocks its
// deletion.
void let_predecessors_go(const Table& table, const Entry& entry, Field field, Difference& difference) {
  for (const auto& item : entry.observed().of(field)) {
    const auto target = table.target(item);
    if (target == no_slot || !table[target].exists() || !table[target].is_desired() || !must_replace(table[target]))
      continue;
    if (entry.desired().contains(item)) difference.surplus.push_back(item);
  }
}

// References to objects that are not ready are added later: an object that becomes ready wakes this entry.
void set_apart_unready(const Table& table, Difference& difference, Action& out) {
  std::erase_if(difference.missing, [&](const FieldDigest& item) {
    const auto target = table.target(item);
    if (target != no_slot && is_ready(table[target])) return false;
    if (target != no_slot) out.also_wait_for.push_back(target);
    return true;
  });
}

Action one_reference(const Table& table, Field field, const Difference& difference, Action out) {
  const bool adding = !difference.missing.empty();
  const auto& item = adding ? difference.missing.front() : difference.surplus.front();
  out.step = adding ? Step::ref_add : Step::ref_remove;
  out.field = field;
  out.slot = table.target(item);
  return out;
}

Action batched(const Entry& entry, Time now, Action out) {
  if (entry.cold().batch_until == Time{0}) {
    out.step = Step::batch;
  } else if (now < entry.cold().batch_until) {
    out.step = Step::later;
    out.until = entry.cold().batch_until;
  }
  return out;
}

// The backends and port mappings of a floating IP. One changed reference is written by its uuid; more are written as a
// whole list, if it may be written by names: then each one must be confirmed.
Action next_membership(const Table& table, const Entry& entry, const Fields& changed, Time now) {
  Action out;
  Difference change;
  if (changed.contains(Field::interfaces)) change = difference(entry, Field::interfaces);
  leave_kept(table, entry, change);
  if (entry.gives_way()) let_predecessors_go(table, entry, Field::interfaces, change);
  set_apart_unready(table, change, out);
  const bool other_mappings = changed.contains(Field::port_mappings);
  if (empty(change) && !other_mappings) return out;
  const auto known = [&](const FieldDigest& item) {
    const auto slot = table.target(item);
    return slot != no_slot && table[slot].exists();
  };
  const bool all_known = std::all_of(change.surplus.begin(), change.surplus.end(), known);
  const bool single = change.missing.size() + change.surplus.size() == 1 && !other_mappings;
  if (keeps_any(entry)) {
    // A whole list would lose the references that the guard keeps: one reference after the other.
    if (!all_known) std::erase_if(change.surplus, [&](const FieldDigest& item) { return !known(item); });
    if (other_mappings)
      out.step = Step::put, out.fields.push_back(Field::port_mappings);
    else if (!empty(change))
      out = one_reference(table, Field::interfaces, change, std::move(out));
    else
      return out;
  } else if (single && all_known) {
    out = one_reference(table, Field::interfaces, change, std::move(out));
  } else {
    out.step = Step::put;
    if (other_mappings) out.fields.push_back(Field::port_mappings);
    if (!empty(change)) out.fields.push_back(Field::interfaces);
  }
  return batched(entry, now, std::move(out));
}

Action next_policies(const Table& table, const Entry& entry) {
  Action out;
  auto change = shared_difference(entry, Field::policies, true);
  leave_kept(table, entry, change);
  let_predecessors_go(table, entry, Field::policies, change);
  set_apart_unready(table, change, out);
  // A policy with an unknown uuid, or of another cluster, is not detached.
  std::erase_if(change.surplus, [&](const FieldDigest& item) {
    const auto target = table.target(item);
    return target == no_slot || !table[target].exists() || table[target].ownership() == Ownership::foreign ||
           (entry.is_external() && table[target].ownership() != Ownership::owned);
  });
  return empty(change) ? out : one_reference(table, Field::policies, change, std::move(out));
}

// A desired rule is owned: on adoption it gets the uuid of an owned rule.
Action next_rules(const Table& table, const Entry& entry, Time now) {
  auto change = shared_difference(entry, Field::rules, entry.ownership() == Ownership::unowned);
  leave_kept(table, entry, change);
  if (empty(change)) return {};
  auto out = action(Step::put);
  out.fields = {Field::rules};
  return batched(entry, now, std::move(out));
}

// The network of an address, while subnets are about to be added to it: without its subnet the address is refused.
SlotId awaited_subnets(const Table& table, const Entry& entry) {
  if (!is_address(entry.type())) return no_slot;
  for (const auto& dependency : entry.dependencies()) {
    const auto& other = table[dependency.slot];
    const auto network = other.type() == Type::floating_ip_pool
                             ? table.find(Type::virtual_network, contrail::parent_of(other.name()))
                         : other.type() == Type::virtual_network ? dependency.slot
                                                                 : no_slot;
    if (network == no_slot || !table[network].exists() || !is_coming(table, table[network])) continue;
    if (!shared_difference(table[network], Field::ipams, false).missing.empty()) return network;
  }
  return no_slot;
}

Action next_create(const Table& table, const Entry& entry) {
  if (const auto holder = uuid_holder(table, entry); holder != no_slot) {
    if (table[holder].ownership() == Ownership::owned) return wait_for(holder);
    auto out = action(Step::conflict);
    out.also_wait_for.push_back(holder);
    return out;
  }
  for (const auto& dependency : entry.dependencies()) {
    const auto& other = table[dependency.slot];
    if (is_ready(other)) continue;
    if (!dependency.soft || is_coming(table, other)) return wait_for(dependency.slot);
  }
  if (const auto network = awaited_subnets(table, entry); network != no_slot) return wait_for(network);
  if (const auto holder = address_holder(table, entry); holder != no_slot) return wait_for(holder);
  return action(Step::create);
}

// Whether a policy is deleted before the network: if it has a successor, or lies in another project, which may have
// one, then the network may itself wait for objects that wait for this deletion.
bool must_let_go_of(const Entry& network, const Entry& policy) {
  if (!policy.exists() || policy.ownership() != Ownership::owned || is_in_place(policy)) return false;
  return policy.is_desired() || contrail::parent_of(policy.name()) != contrail::parent_of(network.name());
}

// A network that waits for its last interface to move must not block the deletion of a policy.
Action next_unwanted_network(const Table& table, const Entry& entry) {
  auto out = next_remove(entry);
  if (out.step != Step::wait_gone) return out;
  for (const auto& item : entry.observed().of(Field::policies)) {
    const auto policy = table.target(item);
    if (policy == no_slot) continue;
    if (must_let_go_of(entry, table[policy])) return one_reference(table, Field::policies, {{}, {item}}, {});
    out.also_wait_for.push_back(policy);
  }
  return out;
}

// An external network: only its references to owned policies are changed.
Action next_attached(const Table& table, const Entry& entry) {
  auto out = next_policies(table, entry);
  if (out.step == Step::nothing && keeps_any(entry)) out.step = Step::hold;
  return out;
}

// A policy with foreign rules keeps these and loses the owned ones.
Action next_unwanted_policy(const Entry& entry) {
  if (is_kept_by_others(entry)) return action(Step::hold);
  auto out = action(Step::put);
  out.fields = {Field::rules};
  return out;
}

// Properties and references that only the controller writes, in one request.
Action next_properties(const Table& table, const Entry& entry, const Fields& changed) {
  if (changed.empty()) return {};
  Action out = action(Step::put);
  for (const auto field : {Field::display_name, Field::mac, Field::instance_ip_mode, Field::traffic_direction})
    if (changed.contains(field)) out.fields.push_back(field);
  if (is_misaddressed(entry)) out.fields.push_back(Field::address);
  for (const auto field : {Field::networks, Field::machines, Field::interfaces, Field::projects}) {
    // The backends of a floating IP have their own rules (next_membership).
    if (!changed.contains(field) || (field == Field::interfaces && entry.type() == Type::floating_ip)) continue;
    for (const auto& item : difference(entry, field).missing) {
      const auto target = table.target(item);
      // The default project exists; the controller does not create it.
      if (target != no_slot && table[target].is_desired() && !is_ready(table[target])) return wait_for(target);
    }
    // Addresses belong to the network of their interface: they are deleted before the move, and created after it.
    if (field == Field::networks && entry.address_dependents() > 0) return action(Step::wait_gone);
    out.fields.push_back(field);
  }
  // Only a shared network loses a subnet, once it is not used: ranges in the networks of tiers are not removed.
  Difference subnets;
  if (entry.type() == Type::virtual_network && changed.contains(Field::ipams))
    subnets = shared_difference(entry, Field::ipams, false);
  if (!entry.is_shared()) subnets.surplus.clear();
  if (!empty(subnets)) {
    for (const auto& dependency : entry.dependencies())
      if (table[dependency.slot].type() == Type::network_ipam && !is_ready(table[dependency.slot]))
        return wait_for(dependency.slot);
    out.fields.push_back(Field::ipams);
  }
  return out.fields.empty() ? Action{} : out;
}

// The first field that differs. A field that must wait does not delay the others.
Action next_update(const Table& table, const Entry& entry, Time now) {
  if (owner_annotations_are_missing(entry)) {
    auto rules = entry.type() == Type::network_policy && entry.ownership() == Ownership::unowned
                     ? next_rules(table, entry, now)
                     : Action{};
    return rules.step == Step::nothing ? action(Step::annotate) : rules;
  }
  Action waiting;
  const auto take = [&](Action candidate) {
    waiting.also_wait_for.insert(waiting.also_wait_for.end(), candidate.also_wait_for.begin(),
                                 candidate.also_wait_for.end());
    if (candidate.step == Step::nothing) return false;
    candidate.also_wait_for = waiting.also_wait_for;
    waiting = std::move(candidate);
    return true;
  };
  const auto changed = changed_fields(entry);
  if (take(next_properties(table, entry, changed))) return waiting;
  if (entry.type() == Type::virtual_network && take(next_policies(table, entry))) return waiting;
  if (entry.type() == Type::floating_ip && take(next_membership(table, entry, changed, now))) return waiting;
  if (entry.type() == Type::network_policy && take(next_rules(table, entry, now))) return waiting;
  if (keeps_any(entry)) waiting.step = Step::hold;
  return waiting;
}

// A node plugs a Pod as soon as its annotation is there, and the Pod may connect at once. Therefore the first
// annotation is written when the Pod's connections are there, or when the window for them has passed.
Action first_pod_state(const Table& table, const Entry& entry, Time now) {
  auto out = action(Step::patch);
  const auto awaited = awaited_connection(table, entry);
  if (awaited == no_slot) return out;
  out.also_wait_for.push_back(awaited);
  return batched(entry, now, std::move(out));
}

Action next_patch(const Table& table, const Entry& entry, Time now) {
  if (!entry.is_desired() || entry.desired() == entry.observed()) return {};
  for (const auto& dependency : entry.dependencies()) {
    const auto& other = table[dependency.slot];
    if (is_ready(other)) continue;
    // A Pod whose interface does not exist has no network, even if its annotation shows one.
    const bool forged = entry.target_api() == TargetApi::pod_state && !entry.observed().empty() && !other.exists() &&
                        other.type() == Type::virtual_machine_interface;
    if (forged) return action(Step::withdraw);
    return wait_for(dependency.slot);
  }
  const bool is_first = entry.target_api() == TargetApi::pod_state && entry.observed().empty();
  if (is_first && entry.cold().attempts == 0) return first_pod_state(table, entry, now);
  return action(Step::patch);
}

// --- The checks: the first that applies decides

struct Context {
  const Table& table;
  const Entry& entry;
  Time now;
};

struct NamedCheck {
  std::string_view name;
  std::string_view rule;  // of docs/rules.md; empty: none of its own
  // Sets the action; false: the check does not apply.
  bool (*decide)(const Context&, Action&);
};

bool when(bool applies, Step step, Action& out) {
  if (applies) out.step = step;
  return applies;
}

// An object of a former cluster that is not deleted at once gets owner annotations of this cluster first, so that the
// next start need not take it over.
bool signed_first(const Context& c, Action& out) {
  if (c.entry.is_of_former_cluster() && out.step != Step::remove && out.step != Step::list_dependents)
    out = action(Step::annotate);
  return true;
}

// For a config object that exists and is not desired.
constexpr std::array not_desired{
    NamedCheck{"leftover of the predecessor", "6.3",
               [](const Context& c, Action& out) { return when(is_leftover(c.table, c.entry), Step::annotate, out); }},
    NamedCheck{"not owned", "6.8",
               [](const Context& c, Action& out) {
                 if (c.entry.ownership() == Ownership::owned) return false;
                 out = next_abandoned(c.table, c.entry);
                 return true;
               }},
    NamedCheck{"deletion held", "6.11",
               [](const Context& c, Action& out) {
                 return when(c.entry.is_held() && !c.entry.is_retained(), Step::hold, out);
               }},
    NamedCheck{"retained", "4.8",
               [](const Context& c, Action& out) {
                 if (!c.entry.is_retained()) return false;
                 if (c.entry.type() == Type::virtual_network) out = next_attached(c.table, c.entry);
                 return true;
               }},
    NamedCheck{"network to be deleted", "4.9",
               [](const Context& c, Action& out) {
                 if (c.entry.type() != Type::virtual_network) return false;
                 out = next_unwanted_network(c.table, c.entry);
                 return true;
               }},
    NamedCheck{"policy with rules of others", "6.8b",
               [](const Context& c, Action& out) {
                 if (c.entry.cold().foreign_rules.empty()) return false;
                 out = next_unwanted_policy(c.entry);
                 return true;
               }},
    NamedCheck{"to be deleted", "4.9",
               [](const Context& c, Action& out) {
                 out = next_remove(c.entry);
                 return true;
               }},
};

template <std::size_t size>
const NamedCheck& deciding(const std::array<NamedCheck, size>& checks, const Context& context, Action& out) {
  const auto* check = checks.begin();
  while (!check->decide(context, out)) ++check;  // the last one applies always
  return *check;
}

// The check that decides by those above.
constexpr NamedCheck not_desired_check{"not desired", "4.9", [](const Context& c, Action& out) {
                                         if (c.entry.is_desired()) return false;
                                         deciding(not_desired, c, out);
                                         return signed_first(c, out);
                                       }};

// Of every entry.
constexpr std::array all_checks{
    NamedCheck{"request in flight", "",
               [](const Context& c, Action& out) { return when(c.entry.is_in_flight(), Step::nothing, out); }},
    NamedCheck{"back-off", "",
               [](const Context& c, Action& out) {
                 if (c.now >= c.entry.cold().not_before) return false;
                 out = later(c.entry.cold().not_before);
                 return true;
               }},
    NamedCheck{"text in Kubernetes", "4.4",
               [](const Context& c, Action& out) {
                 if (c.entry.target_api() == TargetApi::config) return false;
                 out = next_patch(c.table, c.entry, c.now);
                 return true;
               }},
    NamedCheck{"state not known", "6.1",
               [](const Context& c, Action& out) { return when(c.entry.must_verify(), Step::verify, out); }},
    NamedCheck{"absent", "2.16",
               [](const Context& c, Action& out) {
                 if (c.entry.exists()) return false;
                 // The controller does not create external networks.
                 if (c.entry.is_desired() && !c.entry.is_external()) out = next_create(c.table, c.entry);
                 return true;
               }},
    not_desired_check,
    NamedCheck{"external network", "3.4",
               [](const Context& c, Action& out) {
                 if (!c.entry.is_external()) return false;
                 if (c.entry.ownership() != Ownership::foreign) out = next_attached(c.table, c.entry);
                 return true;
               }},
    NamedCheck{"foreign object", "6.4",
               [](const Context& c, Action& out) { return when(is_foreign(c.entry), Step::conflict, out); }},
    NamedCheck{"to be replaced", "4.10",
               [](const Context& c, Action& out) {
                 if (!must_replace(c.entry) && !is_in_the_way(c.table, c.entry) && !depends_on_former(c.table, c.entry))
                   return false;
                 // Only an owned object is deleted.
                 if (c.entry.ownership() == Ownership::unowned && owner_annotations_are_missing(c.entry))
                   return when(true, Step::annotate, out);
                 out = next_remove(c.entry);
                 return signed_first(c, out);
               }},
    NamedCheck{"out of sync", "6.9b",
               [](const Context& c, Action& out) {
                 out = next_update(c.table, c.entry, c.now);
                 return true;
               }},
};

}  // namespace

Action next(const Table& table, SlotId id, Time now) {
  Action out;
  deciding(all_checks, {table, table[id], now}, out);
  return out;
}

Decision decision(const Table& table, SlotId id, Time now) {
  const Context context{table, table[id], now};
  Action out;
  const auto* check = &deciding(all_checks, context, out);
  if (check->decide == not_desired_check.decide) check = &deciding(not_desired, context, out);
  return {check->name, check->rule};
}

}  // namespace knm
