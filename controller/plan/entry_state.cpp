#include "controller/plan/entry_state.hpp"

#include <algorithm>

namespace knm {

using contrail::Field;
using contrail::Type;

bool same(const Entry& entry, Field field) {
  return entry.desired().shares_with(entry.observed()) || entry.desired().of(field) == entry.observed().of(field);
}

Fields changed_fields(const Entry& entry) {
  Fields out;
  if (entry.desired().shares_with(entry.observed())) return out;
  static_assert(static_cast<int>(Field::rules) == contrail::field_count - 1);
  constexpr auto last = static_cast<Field>(static_cast<int>(Field::rules) - 1);
  auto desired = entry.desired().of(Field{}, last), observed = entry.observed().of(Field{}, last);
  for (;;) {
    skip_equal(desired, observed);
    if (desired.empty() && observed.empty()) return out;
    if (!desired.empty() && !observed.empty() && desired.front() == observed.front()) {
      desired.skip(1), observed.skip(1);
      continue;
    }
    const bool is_wanted = observed.empty() || (!desired.empty() && desired.front() < observed.front());
    const auto field = (is_wanted ? desired : observed).front().field();
    out.insert(field);
    if (field == last) return out;
    const auto next = static_cast<Field>(static_cast<int>(field) + 1);
    desired = entry.desired().of(next, last), observed = entry.observed().of(next, last);
  }
}

bool is_address(Type type) { return type == Type::instance_ip || type == Type::floating_ip; }

bool is_misaddressed(const Entry& entry) {
  return entry.type() == Type::floating_ip && entry.uuid() == entry.desired_ids().uuid && !same(entry, Field::address);
}

bool must_replace(const Entry& entry) {
  // Owner annotations without a UID do not show a predecessor and are corrected. The ipam of a public network is
  // shared.
  const bool other_uid = entry.ownership() == Ownership::owned && entry.identity() != entry.desired_ids().identity &&
                         entry.identity() != identity_of("") && entry.type() != Type::network_ipam;
  if (other_uid && !entry.is_retained()) return true;
  if (is_address(entry.type()) && !same(entry, Field::address) && !is_misaddressed(entry)) return true;
  const bool moves = entry.type() == Type::virtual_machine_interface;
  return (entry.type() == Type::instance_ip || entry.type() == Type::virtual_machine_interface) && !moves &&
         !same(entry, Field::networks);
}

bool depends_on_former(const Table& table, const Entry& entry) {
  if (!entry.exists() || entry.ownership() != Ownership::owned) return false;
  const auto keeps = [&](const Dependency& dependency) {
    const auto& other = table[dependency.slot];
    // With the desired uuid it is the right object, whose owner annotations alone are wrong.
    return other.exists() && other.is_desired() && other.ownership() == Ownership::owned && !other.is_held() &&
           !other.must_verify() && other.uuid() != other.desired_ids().uuid && must_replace(other);
  };
  // What it lies in comes before its soft dependencies, of which an address may have thousands.
  for (const auto& dependency : entry.dependencies()) {
    if (dependency.soft) return false;
    if (keeps(dependency)) return true;
  }
  return false;
}

namespace {

// Whether an address is unowned and cannot become the desired one: that would mean to delete it. An unowned address on
// the desired interface is the predecessor's.
bool is_foreign_address(const Entry& entry) {
  if (!entry.is_desired() || entry.ownership() != Ownership::unowned || !must_replace(entry)) return false;
  return entry.type() == Type::floating_ip || !same(entry, Field::interfaces);
}

}  // namespace

bool is_foreign(const Entry& entry) {
  if (is_foreign_address(entry)) return true;
  if (entry.ownership() == Ownership::foreign) return true;
  if (entry.ownership() == Ownership::shared) return !entry.is_shared();
  return entry.type() == Type::project && entry.ownership() == Ownership::unowned &&
         entry.uuid() != entry.desired_ids().uuid;
}

bool is_in_place(const Entry& entry) {
  return entry.exists() && entry.is_desired() && !is_foreign(entry) && !must_replace(entry);
}

bool is_former_and_obsolete(const Entry& entry) { return entry.is_of_former_cluster() && !is_in_place(entry); }

bool is_leftover(const Table& table, const Entry& entry) {
  if (entry.is_desired() || entry.ownership() != Ownership::unowned || entry.type() != Type::network_policy ||
      !contrail::last_of(entry.name()).starts_with("__svc_"))
    return false;
  if (!entry.observed().of(Field::rules).empty() || !entry.cold().foreign_rules.empty()) return false;
  const auto project = table.find(Type::project, contrail::parent_of(entry.name()));
  return project != no_slot && !table[project].is_desired() && !table[project].is_retained() &&
         table[project].ownership() == Ownership::owned && !table[project].is_held();
}

SlotId uuid_holder(const Table& table, const Entry& entry) {
  if (entry.exists()) return no_slot;
  // A Service's address keeps its uuid when it changes its name.
  const auto holder =
      entry.type() == Type::floating_ip ? table.floating_ip(entry.desired_ids().uuid) : entry.cold().uuid_holder;
  if (holder == no_slot || !table[holder].exists()) return no_slot;
  return table[holder].type() == entry.type() && table[holder].uuid() == entry.desired_ids().uuid ? holder : no_slot;
}

SlotId address_holder(const Table& table, const Entry& entry) {
  const auto holder = entry.cold().address_holder;
  if (holder == no_slot || entry.exists()) return no_slot;
  const auto& other = table[holder];
  if (&other == &entry || other.type() != entry.type() || !other.exists() || other.ownership() != Ownership::owned)
    return no_slot;
  const auto address = entry.desired().of(Field::address);
  return !address.empty() && address == other.observed().of(Field::address) ? holder : no_slot;
}

bool is_kept_by_others(const Entry& entry) {
  const auto is_ours = [](const FieldDigest& item) { return (item.digest & owned_item) != 0; };
  if (entry.is_desired() || !entry.exists() || entry.ownership() != Ownership::owned ||
      entry.cold().foreign_rules.empty())
    return false;
  const auto rules = entry.observed().of(Field::rules);
  return std::none_of(rules.begin(), rules.end(), is_ours);
}

bool is_blocked(const Table& table, const Entry& entry) {
  if (!entry.is_desired()) return false;
  if (entry.exists()) return is_foreign(entry);
  const auto holder = uuid_holder(table, entry);
  return holder != no_slot && table[holder].ownership() != Ownership::owned;
}

bool is_coming(const Table& table, const Entry& entry) {
  if (!entry.is_desired() || entry.is_in_conflict() || entry.cold().attempts > 0 || entry.is_held() ||
      is_blocked(table, entry))
    return false;
  return std::all_of(entry.dependencies().begin(), entry.dependencies().end(), [&](const Dependency& dependency) {
    const auto& other = table[dependency.slot];
    return dependency.soft || is_ready(other) || is_coming(table, other);
  });
}

bool is_to_go(const Table& table, const Entry& entry) {
  if (entry.target_api() != TargetApi::config || !entry.exists() || entry.ownership() != Ownership::owned ||
      entry.is_retained())
    return false;
  return !entry.is_desired() || !is_in_place(entry) || depends_on_former(table, entry);
}

std::optional<Field> field_of_references(Type type) {
  switch (type) {
    case Type::floating_ip:
      return Field::interfaces;
    case Type::virtual_network:
      return Field::policies;
    case Type::network_policy:
      return Field::rules;
    default:
      return std::nullopt;
  }
}

bool keeps_any(const Entry& entry) {
  const auto& kept = entry.cold().kept;
  return std::any_of(kept.begin(), kept.end(),
                     [&](auto key) { return entry.observed().find(key) && !entry.desired().find(key); });
}

bool is_ready(const Entry& entry) {
  if (!is_in_place(entry) || entry.must_verify()) return false;
  if (entry.type() == Type::virtual_machine_interface) return same(entry, Field::networks) && same(entry, Field::mac);
  return true;
}

}  // namespace knm
