#include "controller/plan/table.hpp"

#include <algorithm>
#include <iterator>

namespace knm {
namespace {

std::optional<contrail::Type> type_of_parent(contrail::Type type) {
  const auto name = contrail::parent_type(type);
  return name.empty() ? std::nullopt : contrail::type_named(name);
}

}  // namespace

Table::NameKey Table::key_of(const Name& name) {
  return {name_hash(name.type, name.text) | (static_cast<std::uint64_t>(name.api) << 56)};
}

SlotId Table::slot(TargetApi api, contrail::Type type, std::string_view name) {
  if (const auto at = index_.find(Name{api, type, name}); at != index_.end()) return *at;
  const auto id = free_.empty() ? static_cast<SlotId>(size_) : free_.back();
  if (!free_.empty())
    free_.pop_back();
  else if (size_++ == chunks_.size() * chunk)
    chunks_.push_back(std::make_unique<Entry[]>(chunk));
  auto& entry = (*this)[id];
  entry.target_api_ = api;
  entry.type_ = type;
  entry.name_ = PackedText(name);
  index_.insert(id);
  return id;
}

SlotId Table::find(contrail::Type type, std::string_view name) const {
  const auto at = index_.find(Name{TargetApi::config, type, name});
  return at == index_.end() ? no_slot : *at;
}

SlotId Table::target(const FieldDigest& reference) const {
  const auto at = index_.find(NameKey{reference.entry()});
  return at == index_.end() ? no_slot : *at;
}

SlotId Table::floating_ip(const contrail::Uuid& uuid) const {
  const auto at = floating_ips_.find(uuid);
  return at == floating_ips_.end() ? no_slot : at->second;
}

void Table::index_uuids() {
  const auto is_indexed = [&](SlotId id) {
    return (*this)[id].target_api() == TargetApi::config && (*this)[id].exists();
  };
  std::size_t count = 0;
  for (SlotId id = 0; id < size_; ++id) count += is_indexed(id);
  uuids_.reset(count);
  for (SlotId id = 0; id < size_; ++id)
    if (is_indexed(id)) uuids_.insert((*this)[id].uuid(), id);
}

SlotId Table::find(const contrail::Uuid& uuid) const {
  auto out = no_slot;
  uuids_.search(uuid, [&](SlotId id) {
    const auto& entry = (*this)[id];
    if (entry.uuid() != uuid || entry.target_api() != TargetApi::config) return false;
    out = id;
    return entry.exists();
  });
  return out;
}

void Table::hold(const Entry& holder, SlotId id, int step) {
  auto& held = (*this)[id];
  held.dependents_ += static_cast<std::uint32_t>(step);
  if (holder.type() == contrail::Type::instance_ip) held.address_dependents_ += static_cast<std::uint32_t>(step);
}

bool Table::want_reference(SlotId id, contrail::Field field, std::string_view target_name, bool wanted) {
  const auto other = slot(target_of(field), target_name);
  auto& entry = (*this)[id];
  const auto item = reference_digest(field, target_name);
  if (entry.desired().contains(item) == wanted) return false;
  if (wanted) {
    entry.want_reference(item, other);
  } else {
    entry.drop_reference(item, other);
  }
  return true;
}

// Whether an entry blocks the deletion of another one to which it has no reference.
bool Table::holds_anyway(const Entry& entry, SlotId id) const {
  if (id == entry.reserved_by()) return true;
  const auto parent = type_of_parent(entry.type());
  return parent && find(*parent, contrail::parent_of(entry.name())) == id;
}

SlotList Table::all_held(const Entry& entry, const FieldDigests& items) const {
  SlotList out;
  for (const auto& item : references_of(items))
    if (const auto id = target(item); id != no_slot) out.push_back(id);
  if (const auto parent = type_of_parent(entry.type()))
    if (const auto id = find(*parent, contrail::parent_of(entry.name())); id != no_slot) out.push_back(id);
  if (entry.reserved_by() != no_slot) out.push_back(entry.reserved_by());
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

// Updates the entry's `blocks` to all_held() for `items`, from the references that differ: a change of one of a
// thousand members costs as much as one. Returns the entries whose deletion it no longer blocks.
SlotList Table::move_holds(Entry& entry, const FieldDigests& items) {
  SlotList released;
  for (const auto& item : differing(references_of(entry.observed()), references_of(items))) {
    const auto id = target(item);
    if (id == no_slot || holds_anyway(entry, id)) continue;
    const auto at = std::lower_bound(entry.blocks().begin(), entry.blocks().end(), id);
    const bool known = at != entry.blocks().end() && *at == id;
    // A reference with another digest is in both sets, and stays.
    const bool wanted = items.find(item.key) != nullptr;
    if (wanted == known) continue;
    hold(entry, id, wanted ? +1 : -1);
    if (wanted) {
      entry.blocks_.insert(at, id);
    } else {
      entry.blocks_.erase(at);
      released.push_back(id);
    }
  }
  // Known only after the object was created.
  if (entry.reserved_by() != no_slot &&
      !std::binary_search(entry.blocks().begin(), entry.blocks().end(), entry.reserved_by())) {
    hold(entry, entry.reserved_by(), +1);
    entry.blocks_.insert(std::lower_bound(entry.blocks_.begin(), entry.blocks_.end(), entry.reserved_by_),
                         entry.reserved_by_);
  }
  return released;
}

SlotList Table::replace_holds(Entry& entry, SlotList holds) {
  SlotList released, taken;
  std::set_difference(entry.blocks().begin(), entry.blocks().end(), holds.begin(), holds.end(),
                      std::back_inserter(released));
  std::set_difference(holds.begin(), holds.end(), entry.blocks().begin(), entry.blocks().end(),
                      std::back_inserter(taken));
  for (const auto other : released) hold(entry, other, -1);
  for (const auto other : taken) hold(entry, other, +1);
  entry.blocks_ = std::move(holds);
  return released;
}

SlotList Table::set_observed(SlotId id, bool exists, FieldDigests items) {
  auto& entry = (*this)[id];
  SlotList released;
  if (entry.target_api() == TargetApi::config) {
    if (exists && entry.exists())
      released = move_holds(entry, items);
    else
      released = replace_holds(entry, exists ? all_held(entry, items) : SlotList());
    if (entry.type() == contrail::Type::floating_ip) note_floating_ip(id, exists);
  }
  entry.exists_ = exists;
  entry.observed_ = std::move(items);
  entry.observed_.share(entry.desired_);
  if (entry.type() == contrail::Type::virtual_network) note_retained(id);
  if (!exists) entry.gone();
  if (exists && entry.target_api() == TargetApi::config && !uuids_.empty()) note_uuid(id);
  entry.check();
  return released;
}

void Table::note_uuid(SlotId id) {
  if (uuids_.is_full()) return index_uuids();
  uuids_.insert((*this)[id].uuid(), id);
}

void Table::note_floating_ip(SlotId id, bool exists) {
  const auto& uuid = (*this)[id].uuid();
  if (exists)
    floating_ips_[uuid] = id;
  else if (floating_ip(uuid) == id)
    floating_ips_.erase(uuid);
}

void Table::wait_for(SlotId id, SlotId waiter) {
  auto& waiters = waiters_[id];
  if (waiters.empty() || waiters.back() != waiter) waiters.push_back(waiter);
}

SlotList Table::take_waiters(SlotId id) {
  const auto at = waiters_.find(id);
  if (at == waiters_.end()) return {};
  auto out = std::move(at->second);
  waiters_.erase(at);
  return out;
}

void Table::retain(SlotId network, SlotId project) { retaining_.emplace_back(network, project); }

void Table::note_retained(SlotId id) {
  const auto found =
      std::find_if(retaining_.begin(), retaining_.end(), [&](const auto& pair) { return pair.first == id; });
  if (found == retaining_.end()) return;
  auto& network = (*this)[id];
  network.retained_ = network.exists() && network.ownership() == Ownership::owned;
  (*this)[found->second].retained_ = std::any_of(retaining_.begin(), retaining_.end(), [&](const auto& pair) {
    return pair.second == found->second && (*this)[pair.first].is_retained();
  });
}

// --- Reuse of slots

void Table::free_unused(std::vector<bool> needed, std::uint64_t since) {
  needed.resize(size_);
  const auto need = [&](SlotId id) {
    if (id != no_slot) needed[id] = true;
  };
  const auto unused = [&](SlotId id) {
    const auto& entry = (*this)[id];
    const bool recently_confirmed = entry.target_api() == TargetApi::config && entry.confirmed_at() >= since;
    return !entry.is_desired() && !entry.exists() && !entry.is_in_flight() && !entry.is_queued() &&
           !entry.must_verify() && entry.dependents() == 0 && !recently_confirmed;
  };
  for (const auto& [network, project] : retaining_) need(network), need(project);
  for (SlotId id = 0; id < size_; ++id) {
    auto& entry = (*this)[id];
    if (unused(id)) {
      entry.reserve_for(no_slot);
      continue;
    }
    for (const auto& dependency : entry.dependencies()) need(dependency.slot);
    for (const auto other : entry.blocks()) need(other);
    for (const auto network : entry.cold().destinations) need(network);
    need(entry.reserved_by());
  }
  // An entry without an object waits for nothing: once it is desired again, it is scheduled again.
  for (auto& [id, waiters] : waiters_) erase_if(waiters, unused);
  free_.clear();
  for (SlotId id = 0; id < size_; ++id) {
    if (needed[id] || !unused(id)) continue;
    auto& entry = (*this)[id];
    index_.erase(id);
    waiters_.erase(id);
    entry = Entry();
    needed[id] = true;
    free_.push_back(id);
  }
  erase_if(floating_ips_, [&](const auto& known) { return (*this)[known.second].uuid() != known.first; });
}

}  // namespace knm
