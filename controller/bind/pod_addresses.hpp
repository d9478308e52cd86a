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
    chosen,     // of() says which
    by_server,  // the reservation is to be made without an address
    exhausted,  // none is free: the Pod is among without_address()
  };
  // What the Pod has of families()[index], chosen where it has none. forget_need() comes first.
  Choice choose(const ObjectKey& pod, std::string_view uid, std::size_t index, Time now);
  // Before a Pod is bound again: whether it lacks an address is to be found out anew.
  void forget_need(const ObjectKey& pod) { without_address_.erase(pod); }
  // The Pod is gone.
  void forget(const ObjectKey& pod);
  // The next IPv4 address of this Pod is the server's choice: too many choices were refused.
  void let_server_choose(const ObjectKey& pod) { chosen_by_server_.insert(pod); }

  std::optional<contrail::IpAddress> of(std::string_view pod_uid, contrail::Family family) const;

  // --- What the server says; `reservation` is the name of one (Names::address_allocation)
  void hold(const contrail::FqName& reservation, const contrail::IpAddress& address) {
    pool_.hold(reservation, address);
  }
  std::optional<contrail::IpAddress> of_reservation(std::string_view reservation) const {
    return pool_.of(reservation);
  }
  // It refuses the address that the reservation asks for: another one is to be chosen.
  void refuse(std::string_view reservation, Time now);
  // The reservation is gone: its address cools down.
  void release(std::string_view reservation, Time now) { pool_.release(reservation, now); }
  // A network was read: what its subnets have as gateway and DNS is never chosen, in whichever tier's network it is,
  // for a Pod keeps its address when its tier changes. Those of a subnet with a derived id are outside of the pool
  // anyway.
  void reserve_found(const contrail::Object& network);

  // Pods that wait for an address to be free.
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
