#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "contrail-client/types.hpp"
#include "controller/base/keys.hpp"
#include "controller/base/time.hpp"
#include "controller/config/settings.hpp"
#include "controller/ipam/address_pool.hpp"

namespace knm {

// The addresses of Pods: one of each configured family, chosen here or, as a last resort, by the server
// (docs/object-model.md, "Objects").
class PodAddresses {
 public:
  explicit PodAddresses(const Settings& settings);

  // In the order of `private-ip-range`, each once; a Pod has one address of each.
  const std::vector<contrail::Family>& families() const { return families_; }

  enum class Choice : std::uint8_t {
    chosen,     // of() returns it
    by_server,  // the reservation is created without an address
    exhausted,  // none is free: the Pod is in without_address()
  };
  // The address of the Pod in families()[index]; chosen if there is none. Call forget_need() first.
  Choice choose(const ObjectKey& pod, std::string_view uid, std::size_t index, Time now);
  // Call before a Pod is bound again, which determines anew whether it lacks an address.
  void forget_need(const ObjectKey& pod) { without_address_.erase(pod); }
  // The Pod was deleted.
  void forget(const ObjectKey& pod);
  // The server chooses the next IPv4 address of this Pod: too many choices were refused.
  void let_server_choose(const ObjectKey& pod) { chosen_by_server_.insert(pod); }

  std::optional<contrail::IpAddress> of(std::string_view pod_uid, contrail::Family family) const;

  // --- Answers of the server; `reservation` is the name of one (Names::address_allocation)
  void hold(const contrail::FqName& reservation, const contrail::IpAddress& address) {
    pool_.hold(reservation, address);
  }
  std::optional<contrail::IpAddress> of_reservation(std::string_view reservation) const {
    return pool_.of(reservation);
  }
  // The server refused the address of the reservation: another one must be chosen.
  void refuse(std::string_view reservation, Time now);
  // The reservation was deleted: its address begins to cool down.
  void release(std::string_view reservation, Time now) { pool_.release(reservation, now); }
  // A network was read: gateway and DNS addresses of its subnets are never chosen, for Pods of any tier, since a Pod
  // keeps its address when its tier changes. Those of a subnet with a derived id are outside the pool anyway.
  void reserve_found(const contrail::Object& network);

  // Pods that wait for a free address.
  const std::set<ObjectKey>& without_address() const { return without_address_; }
  // When the next address may become free; nullopt: none cools down.
  std::optional<Time> next_cooled_down() const { return pool_.next_cooled_down(); }

 private:
  std::vector<contrail::Family> families_;
  AddressPool pool_;  // by name of the reservation
  std::set<ObjectKey> without_address_;
  std::set<ObjectKey, std::less<>> chosen_by_server_;
};

}  // namespace knm
