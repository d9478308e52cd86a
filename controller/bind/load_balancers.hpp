#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "contrail-client/types.hpp"
#include "controller/bind/public_floating_ips.hpp"
#include "controller/intent/intent.hpp"
#include "controller/ipam/public_addresses.hpp"
#include "controller/model/names.hpp"

namespace knm {

// The comma-separated parts of ServiceFacts::status.
std::vector<std::string> addresses_in(std::string_view status);

// The addresses that the controller gives LoadBalancer Services (docs/object-model.md, "LoadBalancer Services").
//
// A Service keeps its address: the one chosen here, else that of a floating IP that a former run made for it, else, if
// the config API was rebuilt, the one in its status. Addresses of other Services take precedence over the last: a
// status that another client wrote takes no address from another Service, even from a younger one. Addresses in
// specifications are claims, and the intent decides between claims (Intent::claimant). An address that the controller
// gave is kept against all claims if its floating IP exists, unless the Service requests another one.
class LoadBalancers {
 public:
  // The addresses of a Service from the controller.
  struct Given {
    std::string service_uid;  // empty: the controller does not serve the Service (any longer)
    std::vector<contrail::IpAddress> addresses;
    bool leaving = false;           // the addresses are to be removed from its status
    std::vector<Problem> problems;  // why it lacks an address
  };
  // Why the present public network cannot contain an address; nullopt: it can.
  using Refusal = std::function<std::optional<Problem>(const contrail::IpAddress&)>;

  // All must outlive the LoadBalancers.
  LoadBalancers(const Settings& settings, const Names& names, const Intent& intent, const Table& table,
                Refusal refuse_public);

  // --- Observed floating IPs
  // An inventory begins, shows an object, and is complete.
  void begin_inventory();
  void count(const contrail::Object& object, Ownership owned);
  void end_inventory() { addresses_.end_inventory(); }
  // An event shows a floating IP, or that one of this uuid is deleted. Both return whether an address of the public
  // network is taken or free because of it, besides those of this cluster.
  bool came(const contrail::Object& object, Ownership owned);
  bool went(const contrail::Uuid& uuid) {
    const bool is_news = addresses_.went(uuid);
    to_rebind_.waiting |= is_news;
    return is_news;
  }
  // PublicAddresses::has_unknown()
  bool has_unknown_holder() const { return addresses_.has_unknown(); }
  // An object was read, and is this entry.
  void read(const contrail::Object& object, SlotId id);
  // An entry has this desired address; gone(): the entry is neither desired nor existing.
  void want(const contrail::IpAddress& address, SlotId id) { floating_ips_.note(address, id); }
  // Another owned, existing entry with the address; no_slot: none.
  SlotId other_at(const contrail::IpAddress& address, SlotId id) const { return floating_ips_.other_at(address, id); }
  // Whether any load-balancer address of the family exists for the Service of this UID.
  bool has_any(std::string_view uid, contrail::Family family) const;
  void gone(SlotId id) { floating_ips_.gone(id); }
  // The server refused the address of a Service: a foreign object has it (`taken`), or no reason is known. Returns
  // whether another one must be chosen: without a reason, an address that is in the status or was requested is kept.
  bool refused(const ServiceFacts& service, const contrail::IpAddress& address, bool taken, Time now);
  // The status was written. A Service that is no longer served has lost its addresses then, even if another client
  // writes them into the status again.
  void status_written(std::string_view service);

  // What has an address besides this entry, as a text; nullopt: nothing that is known.
  std::optional<std::string> holder_of(SlotId id, const contrail::IpAddress& address) const;

  // --- Addresses of Services
  // Null: the Service does not exist, or has no tier. Its present address is kept unless there is a reason against it.
  void choose(const ObjectKey& key, const ServiceFacts* service, Time now);
  const Given& of(std::string_view service) const;
  // The desired status of a Service: its addresses; for a Service that is not served, the foreign entries.
  std::string status_of(std::string_view service) const;
  // Why a Service cannot have an external IP that it claims; nullopt: it can.
  std::optional<Problem> refuse_external(const ServiceFacts& service, const contrail::IpAddress& address) const;
  // Services that may get or lose an address because of choices since the last call: to be bound again.
  std::set<ObjectKey> take_services_to_rebind() { return std::exchange(to_rebind_.services, {}); }
  // Services that lack an address, to be bound again when an address may have become free.
  const std::set<ObjectKey>& waiting() const { return waiting_; }
  // Whether those are to be bound again: an address was chosen, claimed or released since the last call.
  bool take_rebind_waiting() { return std::exchange(to_rebind_.waiting, false); }
  std::optional<Time> next_cooled_down() const { return addresses_.next_cooled_down(); }

 private:
  // Why a Service may have an address.
  enum class Ground : std::uint8_t {
    has,     // it was given to the Service
    status,  // only the status shows it
    wish,    // the Service requests it, or any address will do
  };

  // Services to be bound again, since the last call that took them.
  struct ToRebind {
    std::set<ObjectKey> services;
    bool waiting = false;  // those that lack an address, too
  };

  bool is_public(const contrail::Object& object) const;
  bool keeps(std::string_view service, const contrail::IpAddress& address) const;
  bool is_adopted_by(const ServiceFacts& service, const contrail::IpAddress& address) const;
  bool is_older(std::string_view other, const ServiceFacts& service) const;
  std::optional<Problem> refuse(const ServiceFacts& service, const contrail::IpAddress& address, Ground ground) const;
  std::optional<std::string> owner_besides(const ServiceFacts& service, const contrail::IpAddress& address,
                                           Ground ground) const;
  std::optional<std::string> foreign_holder(const ServiceFacts& service, const contrail::IpAddress& address) const;
  std::vector<contrail::IpAddress> unowned_for(const ServiceFacts& service) const;
  std::vector<contrail::IpAddress> found_for(const ServiceFacts& service) const;
  std::optional<contrail::IpAddress> kept(const ServiceFacts& service, contrail::Family family) const;
  std::optional<contrail::IpAddress> address_for(const ServiceFacts& service, contrail::Family family,
                                                 std::vector<Problem>& problems, Time now);
  Given given(const ServiceFacts& service, Time now);
  std::vector<contrail::IpAddress> left(const ServiceFacts& service) const;
  void note_services_to_rebind(const ObjectKey& key, const ServiceFacts* service, const Given& before);

  const Settings& settings_;
  const Names& names_;
  const Intent& intent_;
  const Table& table_;
  Refusal refuse_public_;
  PublicFloatingIps floating_ips_;
  PublicAddresses addresses_;
  std::map<ObjectKey, Given, std::less<>> given_;
  std::map<contrail::IpAddress, ObjectKey> holders_;  // the served Service that has the address
  std::set<ObjectKey> waiting_;
  ToRebind to_rebind_;
  std::map<ObjectKey, std::string, std::less<>>
      let_go_;  // Services that have no address of the controller any longer, with their UIDs
};

}  // namespace knm
