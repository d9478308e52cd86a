#include "controller/ipam/public_addresses.hpp"

#include <algorithm>

namespace knm {

PublicAddresses::PublicAddresses(std::vector<contrail::Cidr> ranges, Time rest)
    : ledger_(std::move(ranges), true, rest) {}

void PublicAddresses::keep(const std::string& owner, const contrail::IpAddress& address, Time now) {
  if (of(owner) == address) return;
  release(owner, now);
  ledger_.hold(owner, address);
}

std::optional<contrail::IpAddress> PublicAddresses::choose(
    const std::string& owner, contrail::Family family, Time now,
    const std::function<bool(const contrail::IpAddress&)>& free) {
  return ledger_.choose(owner, family, now, free);
}

void PublicAddresses::refuse(const std::string& owner, const contrail::IpAddress& address, Time now) {
  others_.try_emplace(address);
  shown_.try_emplace(address);  // the present inventory may have missed it
  ledger_.refuse(owner, address, now);
  count_unknown();
}

void PublicAddresses::begin_inventory() {
  shown_.clear();
  gone_.emplace();
}

void PublicAddresses::show(const contrail::IpAddress& address, std::string_view name, const contrail::Uuid& uuid) {
  if (!gone_ || !gone_->contains(uuid)) shown_[address] = {PackedText(name), uuid};
}

void PublicAddresses::end_inventory() {
  others_ = std::exchange(shown_, {});
  gone_.reset();
  count_unknown();
}

void PublicAddresses::count_unknown() {
  unknown_ = static_cast<std::size_t>(
      std::count_if(others_.begin(), others_.end(), [](const auto& other) { return other.second.uuid.is_nil(); }));
}

bool PublicAddresses::came(const contrail::IpAddress& address, std::string_view name, const contrail::Uuid& uuid) {
  if (const auto at = others_.find(address); at != others_.end() && at->second.uuid == uuid) return false;
  went(uuid);
  others_[address] = shown_[address] = {PackedText(name), uuid};  // the present inventory may have missed it
  count_unknown();
  return true;
}

bool PublicAddresses::went(const contrail::Uuid& uuid) {
  const auto is_it = [&](const auto& other) { return other.second.uuid == uuid; };
  if (gone_) gone_->insert(uuid);
  std::erase_if(shown_, is_it);
  return std::erase_if(others_, is_it) > 0;
}

}  // namespace knm
