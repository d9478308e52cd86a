#include "controller/plan/table.hpp"

#include <algorithm>

namespace knm {
namespace {

std::uint64_t index_key(Home home, contrail::Type type, std::string_view name) {
  return name_hash(type, name) | (static_cast<std::uint64_t>(home) << 56);
}

std::optional<contrail::Type> type_of_parent(contrail::Type type) {
  const auto name = contrail::parent_type(type);
  return name.empty() ? std::nullopt : contrail::type_named(name);
}

}  // namespace

SlotId Table::slot(Home home, contrail::Type type, std::string_view name) {
  const auto [at, fresh] = index_.try_emplace(index_key(home, type, name), static_cast<SlotId>(entries_.size()));
  if (fresh) {
    auto& entry = entries_.emplace_back();
    entry.home = home;
    entry.type = type;
    entry.name = name;
  }
  return at->second;
}

SlotId Table::find(contrail::Type type, std::string_view name) const {
  const auto at = index_.find(index_key(Home::config, type, name));
  return at == index_.end() ? no_slot : at->second;
}

SlotId Table::target(const Atom& reference) const {
  const auto at = index_.find(reference.entry());
  return at == index_.end() ? no_slot : at->second;
}

SlotId Table::floating_ip(const contrail::Uuid& uuid) const {
  const auto at = floating_ips_.find(uuid);
  return at == floating_ips_.end() ? no_slot : at->second;
}

void Table::hold(const Entry& holder, SlotId id, int step) {
  auto& held = entries_[id];
  held.dependents += static_cast<std::uint32_t>(step);
  if (holder.type == contrail::Type::instance_ip) held.address_dependents += static_cast<std::uint32_t>(step);
}

void Table::set_have(SlotId id, bool exists, Atoms atoms) {
  auto& entry = entries_[id];
  std::vector<SlotId> holds;
  if (exists && entry.home == Home::config) {
    for (const auto& atom : atoms)
      if (is_reference(atom.field()))
        if (const auto target_slot = target(atom); target_slot != no_slot) holds.push_back(target_slot);
    if (const auto parent = type_of_parent(entry.type))
      if (const auto slot_of_parent = find(*parent, contrail::parent_of(entry.name)); slot_of_parent != no_slot)
        holds.push_back(slot_of_parent);
    if (entry.reserved_by != no_slot) holds.push_back(entry.reserved_by);
    std::sort(holds.begin(), holds.end());
    holds.erase(std::unique(holds.begin(), holds.end()), holds.end());
  }
  if (entry.type == contrail::Type::floating_ip && entry.home == Home::config) {
    if (exists)
      floating_ips_[entry.uuid] = id;
    else if (floating_ip(entry.uuid) == id)
      floating_ips_.erase(entry.uuid);
  }
  for (const auto held : entry.holds) hold(entry, held, -1);
  for (const auto held : holds) hold(entry, held, +1);
  entry.holds = std::move(holds);
  entry.exists = exists;
  entry.have = std::move(atoms);
  if (!exists) {
    entry.foreign_rules.clear();
    entry.foreign_ipams.clear();
  }
}

}  // namespace knm
