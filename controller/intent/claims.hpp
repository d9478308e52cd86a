#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <boost/container/flat_set.hpp>

#include "contrail-client/ip.hpp"
#include "controller/intent/facts.hpp"
#include "controller/intent/text_map.hpp"

namespace knm {

// Who says that an address is his. Of several Services the oldest has it: by creation, then UID.
class Claims {
 public:
  struct Claimant {
    std::int64_t created;
    PackedText uid;
    ObjectName service;
    friend auto operator<=>(const Claimant&, const Claimant&) = default;
  };

  // Replaces what a Service claims. Returns the other Services whose standing may have changed.
  std::set<ObjectKey> claim(const Claimant& claimant, std::vector<contrail::IpAddress> addresses);
  std::set<ObjectKey> release(const ObjectKey& service);

  // Who has it; null where nobody claims it.
  const Claimant* holder(const contrail::IpAddress& address) const;

 private:
  struct Standing {
    Claimant claimant;
    std::vector<contrail::IpAddress> addresses;  // sorted, unique
  };
  std::map<contrail::IpAddress, boost::container::flat_set<Claimant>> by_address_;
  TextMap<Standing> by_service_;
};

}  // namespace knm
