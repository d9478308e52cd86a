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

// A Service that says that an address is its own.
struct Claimant {
  std::int64_t created = 0;
  PackedText uid;
  ObjectName service;
  friend auto operator<=>(const Claimant&, const Claimant&) = default;
};

// Whether an address is there in the config API as this Service's: with our mark, and made for its UID. Of the
// unspecified address of a family: whether any load-balancer address of that family is.
using Possession = std::function<bool(const Claimant&, const contrail::IpAddress&)>;

// Which Service has an address (object-model section 5). One that has it in the config API keeps it for as long as it
// claims it, though it be made anew there meanwhile; between those that do not have it the older has it, by creation,
// then UID.
class Claims {
 public:
  // `has` is asked once for each claim, when it is new; what comes later is told by possess().
  explicit Claims(Possession has = {}) : has_(std::move(has)) {}

  // Replaces what a Service claims. Returns the other Services whose standing may have changed.
  std::set<ObjectKey> claim(const Claimant& claimant, std::vector<contrail::IpAddress> addresses);
  std::set<ObjectKey> release(const ObjectKey& service);
  // The address is there in the config API as this Service's from now on; ignored where the Service does not claim it.
  std::set<ObjectKey> possess(const ObjectKey& service, const contrail::IpAddress& address);

  // The one that has it; null where no Service claims it.
  const Claimant* holder(const contrail::IpAddress& address) const;
  // Whether there are so many before this Service that it is not told which one has the address: what a change of the
  // holder costs is bounded, however many claim an address.
  bool is_far_behind(const ObjectKey& service, const contrail::IpAddress& address) const;

 private:
  struct Claim {
    bool waits;  // it does not have it
    Claimant claimant;
    friend auto operator<=>(const Claim&, const Claim&) = default;
  };
  using Queue = boost::container::flat_set<Claim>;  // the first one has it
  struct Standing {
    Claimant claimant;
    std::vector<contrail::IpAddress> addresses;  // sorted, unique
  };
  static constexpr std::size_t near = 16;
  static std::vector<ObjectName> first_of(const Queue& queue);
  // Changes a queue and adds to `touched` whose standing that changed.
  void change(const contrail::IpAddress& address, std::set<ObjectKey>& touched, const auto& what);
  static Queue::iterator find(Queue& queue, const Claimant& claimant);

  Possession has_;
  std::map<contrail::IpAddress, Queue> by_address_;
  TextMap<Standing> by_service_;
};

}  // namespace knm
