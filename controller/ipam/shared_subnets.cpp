#include "controller/ipam/shared_subnets.hpp"

#include <algorithm>
#include <utility>

#include "controller/model/identity.hpp"
#include "controller/model/names.hpp"

namespace knm {
namespace {

using contrail::Cidr;

bool covers(const Cidr& outer, const Cidr& inner) { return outer.contains(inner.base) && outer.length <= inner.length; }

void add(std::vector<contrail::IpamReference>& ipams, const contrail::FqName& ipam, const Cidr& cidr) {
  auto at = std::find_if(ipams.begin(), ipams.end(), [&](const auto& known) { return known.to == ipam; });
  if (at == ipams.end()) {
    ipams.emplace_back();
    at = ipams.end() - 1;
    at->to = ipam;
  }
  at->subnets.emplace_back();
  at->subnets.back().cidr = cidr;
}

}  // namespace

SharedSubnets::SharedSubnets(contrail::FqName network, std::vector<Cidr> ranges, contrail::FqName own_ipam)
    : network_(std::move(network)), ranges_(std::move(ranges)), own_ipam_(std::move(own_ipam)) {}

void SharedSubnets::read(const contrail::Object& network, std::string_view user_key) {
  std::vector<Found> found;
  for (const auto& ipam : network.ipams)
    for (const auto& subnet : ipam.subnets)
      found.push_back({ipam.to, subnet.cidr, subnet.subnet_uuid == subnet_uuid(network.uuid, subnet.cidr),
                       subnet.gateway, subnet.dns});
  changed_ |= found != found_;
  found_ = std::move(found);
  we_use_it_ = network.annotations.contains(std::string(user_key));
  others_use_it_ = std::any_of(network.annotations.begin(), network.annotations.end(), [&](const auto& pair) {
    return pair.first.starts_with(annotation_user_prefix) && pair.first != user_key;
  });
}

void SharedSubnets::count(const contrail::IpAddress& address) {
  for (const auto& subnet : found_)
    if (subnet.cidr.contains(address) && !is_configured(subnet.cidr)) occupied_next_.insert(subnet.cidr);
}

void SharedSubnets::end_count() {
  occupied_ = std::exchange(occupied_next_, {});
  counted_ = true;
  for (const auto& cidr : occupied_) refused_.erase(cidr);
}

void SharedSubnets::refused() {
  for (const auto& subnet : found_)
    if (subnet.derived && !is_configured(subnet.cidr)) refused_.insert(subnet.cidr);
}

bool SharedSubnets::is_configured(const Cidr& cidr) const {
  return std::find(ranges_.begin(), ranges_.end(), cidr) != ranges_.end();
}

bool SharedSubnets::must_stay(const Cidr& former) const {
  return others_use_it_ || !counted_ || occupied_.contains(former) || refused_.contains(former);
}

SharedSubnets::Plan SharedSubnets::plan(bool exists, bool ours) const {
  const bool foreign_network = exists && !ours && !own_ipam_.empty();
  Plan out;
  std::vector<Cidr> stays, there;
  for (const auto& subnet : exists ? found_ : std::vector<Found>()) {
    if (!subnet.derived || (foreign_network && subnet.ipam != own_ipam_)) {
      stays.push_back(subnet.cidr);
      // Its id looks like a derived one: unless it is listed, it would count as an owned subnet to be removed.
      if (subnet.derived) add(out.ipams, subnet.ipam, subnet.cidr);
    } else if (is_configured(subnet.cidr)) {
      there.push_back(subnet.cidr);
      add(out.ipams, subnet.ipam, subnet.cidr);
    } else if (must_stay(subnet.cidr)) {
      stays.push_back(subnet.cidr);
      out.former.push_back(subnet.cidr);
      add(out.ipams, subnet.ipam, subnet.cidr);
    }
  }
  const auto any = [](const std::vector<Cidr>& list, auto&& predicate) {
    return std::any_of(list.begin(), list.end(), predicate);
  };
  for (const auto& range : ranges_) {
    if (any(there, [&](const Cidr& cidr) { return cidr == range; })) continue;
    if (any(stays, [&](const Cidr& cidr) { return covers(cidr, range); })) continue;
    if (any(stays, [&](const Cidr& cidr) { return cidr.overlaps(range); }))
      out.blocked.push_back(range);
    else
      add(out.ipams, foreign_network ? own_ipam_ : Names::ipam(), range);
  }
  return out;
}

std::optional<Problem> SharedSubnets::refuse(const contrail::IpAddress& address, const Plan& plan) const {
  for (const auto& subnet : found_) {
    if (!subnet.cidr.contains(address)) continue;
    if (subnet.gateway != address && subnet.dns != address && subnet.cidr.base != address &&
        subnet.cidr.last() != address)
      return std::nullopt;
    return Problem{"AddressReserved", address.text() + " is reserved in the subnet " + subnet.cidr.text() +
                                          " of the network " + network_ +
                                          " (first and last address, gateway, DNS); use another address"};
  }
  for (const auto& range : plan.blocked)
    if (range.contains(address))
      return Problem{
          "RangeBlocked",
          address.text() + " is in the range " + range.text() + ", which cannot be added to the network " + network_ +
              " because an existing subnet overlaps the range; configure a range inside or beside that subnet"};
  return std::nullopt;
}

bool SharedSubnets::has_ours() const {
  return std::any_of(found_.begin(), found_.end(),
                     [&](const Found& subnet) { return subnet.derived && (we_use_it_ || subnet.ipam == own_ipam_); });
}

std::vector<contrail::IpamReference> SharedSubnets::under_own_ipam() const {
  std::vector<contrail::IpamReference> out;
  for (const auto& range : ranges_) add(out, own_ipam_, range);
  for (const auto& subnet : found_)
    if (subnet.ipam == own_ipam_ && !is_configured(subnet.cidr)) add(out, own_ipam_, subnet.cidr);
  return out;
}

}  // namespace knm
