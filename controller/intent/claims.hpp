#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include <boost/container/flat_set.hpp>

#include "contrail-client/ip.hpp"
#include "controller/base/text_map.hpp"
#include "controller/intent/facts.hpp"

namespace knm {

// A Service that claims an address.
struct Claimant {
  std::int64_t created = 0;
  PackedText uid;
  ObjectName service;
  friend auto operator<=>(const Claimant&, const Claimant&) = default;
};

// Whether an address exists in the config API for this Service: owned, and made for its UID. For the unspecified
// address of a family: whether any load-balancer address of that family does.
using Possession = std::function<bool(const Claimant&, const contrail::IpAddress&)>;

// Which Service holds an address (object-model section 5). A Service that has it in the config API keeps it as long as
// it claims it, even while it is made anew there; between Services that do not have it, the older one by creation time,
// then UID, holds it.
class Claims {
 public:
  // `has` is called once for each new claim; later changes are reported by possess().
  explicit Claims(Possession has = {}) : has_(std::move(has)) {}

  // Replaces the claims of a Service. Returns the other Services for which the outcome may have changed.
  std::set<ObjectKey> claim(const Claimant& claimant, std::vector<contrail::IpAddress> addresses);
  std::set<ObjectKey> release(const ObjectKey& service);
  // The address exists in the config API for the Service from now on; ignored if the Service does not claim it.
  std::set<ObjectKey> possess(const ObjectKey& service, const contrail::IpAddress& address);

  // The Service that holds it; null: no Service claims it.
  const Claimant* holder(const contrail::IpAddress& address) const;
  // Whether so many claims precede this Service's that it is not notified of the holder: this bounds the cost of a new
  // holder, even if very many Services claim the address.
  bool is_far_behind(const ObjectKey& service, const contrail::IpAddress& address) const;

 private:
  struct Claim {
    bool waits;  // the Service does not have it
    Claimant claimant;
    friend auto operator<=>(const Claim&, const Claim&) = default;
  };
  using Queue = boost::container::flat_set<Claim>;  // the first one holds it
  struct Standing {
    Claimant claimant;
    std::vector<contrail::IpAddress> addresses;  // sorted, unique
  };
  static constexpr std::size_t near = 16;
  static std::vector<ObjectName> first_of(const Queue& queue);
  // Changes a queue; adds the Services for which the outcome changed to `touched`.
  void change(const contrail::IpAddress& address, std::set<ObjectKey>& touched, const auto& what);
  static Queue::iterator find(Queue& queue, const Claimant& claimant);

  Possession has_;
  std::map<contrail::IpAddress, Queue> by_address_;
  TextMap<Standing> by_service_;
};

}  // namespace knm
