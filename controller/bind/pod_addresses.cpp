#include "controller/bind/pod_addresses.hpp"

#include <algorithm>

#include "controller/model/identity.hpp"
#include "controller/model/names.hpp"

namespace knm {
namespace {

std::vector<contrail::Family> families_of(const std::vector<contrail::Cidr>& ranges) {
  std::vector<contrail::Family> out;
  for (const auto& range : ranges)
    if (std::find(out.begin(), out.end(), range.base.family) == out.end()) out.push_back(range.base.family);
  return out;
}

}  // namespace

PodAddresses::PodAddresses(const Settings& settings)
    : families_(families_of(settings.private_ip_range)),
      pool_(settings.private_ip_range, true, settings.address_cool_down) {}

PodAddresses::Choice PodAddresses::choose(const ObjectKey& pod, std::string_view uid, std::size_t index, Time now) {
  const auto family = families_[index];
  const auto reservation = Names::address_allocation(uid, family);
  if (family == contrail::Family::v4 && chosen_by_server_.contains(pod)) {
    if (!pool_.of(reservation)) return Choice::by_server;
    chosen_by_server_.erase(pod);
  }
  if (pool_.choose(reservation, family, now)) return Choice::chosen;
  without_address_.insert(pod);
  return Choice::exhausted;
}

void PodAddresses::forget(const ObjectKey& pod) {
  without_address_.erase(pod);
  chosen_by_server_.erase(pod);
}

std::optional<contrail::IpAddress> PodAddresses::of(std::string_view pod_uid, contrail::Family family) const {
  return pool_.of(Names::address_allocation(pod_uid, family));
}

void PodAddresses::refuse(std::string_view reservation, Time now) {
  if (const auto address = pool_.of(reservation)) pool_.refuse(std::string(reservation), *address, now);
}

void PodAddresses::reserve_found(const contrail::Object& network) {
  if (network.type != contrail::Type::virtual_network) return;
  for (const auto& ipam : network.ipams)
    for (const auto& subnet : ipam.subnets) {
      if (subnet.subnet_uuid == subnet_uuid(network.uuid, subnet.cidr)) continue;
      for (const auto& address : {subnet.gateway, subnet.dns})
        if (address) pool_.reserve(*address);
    }
}

}  // namespace knm
