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
#include "controller/intent/intent.hpp"
#include "controller/ipam/public_addresses.hpp"
#include "controller/model/names.hpp"
#include "controller/plan/table.hpp"

namespace knm {

// The parts of ServiceFacts::status.
std::vector<std::string> addresses_in(std::string_view status);

// Whether this floating IP is there and has the address.
bool shows(const Entry& entry, const contrail::IpAddress& address);

// The addresses that LoadBalancer Services get of us (docs/object-model.md, "LoadBalancer Services").
//
// A Service keeps what it has: by our own choice, else by a floating IP that a former run made for it, else, where the
// config API was rebuilt, by its status. What others have counts before that: a status that somebody wrote takes no
// address from anybody, whatever the age of its Service. What specifications name are claims, and the intent knows
// whose an address is of these (Intent::claimant). An address that we gave stands against all claims where the floating
// IP is there, unless the Service asks for another one.
class LoadBalancers {
 public:
  // What a Service has of us.
  struct Given {
    std::string service_uid;  // empty: the Service is not ours to serve (any longer)
    std::vector<contrail::IpAddress> addresses;
    bool leaving = false;           // they are what its status is to show no longer
    std::vector<Problem> problems;  // why it has not got what it is to have
  };
  // Why the public network as it is cannot have an address; nullopt: it can.
  using Refusal = std::function<std::optional<Problem>(const contrail::IpAddress&)>;

  // All retain it.
  LoadBalancers(const Settings& settings, const Names& names, const Intent& intent, const Table& table,
                Refusal refuse_public);

  // --- What the config API has
  // An inventory begins, shows an object, and is complete.
  void begin_inventory();
  void count(const contrail::Object& object, Ownership owned);
  void end_inventory() { addresses_.end_inventory(); }
  // An object was read, and is this entry now.
  void read(const contrail::Object& object, SlotId id);
  // An entry is to have this address, and: it is neither wanted nor there.
  void want(const contrail::IpAddress& address, SlotId id) { note(address, id); }
  // Another entry of ours that is there with the address; no_slot: none.
  SlotId other_at(const contrail::IpAddress& address, SlotId id) const;
  // Whether any address of the family is there as a load-balancer address of the Service of this UID.
  bool has_any(std::string_view uid, contrail::Family family) const;
  void gone(SlotId id);
  // The server does not let a Service have an address: a stranger has it (`taken`), or it says nothing of the reason.
  // Whether another one is to be chosen: without a reason, none that was told to anybody or asked for is given up.
  bool refused(const ServiceFacts& service, const contrail::IpAddress& address, bool taken, Time now);
  // The status says what it is to say: what a Service that is not ours any longer had of us is not ours to keep either,
  // whoever writes it there again.
  void told(std::string_view service);

  // What has an address besides this entry, in words; nullopt: nothing that is known.
  std::optional<std::string> holder_of(SlotId id, const contrail::IpAddress& address) const;

  // --- What Services get
  // Null: the Service is not there, or has no place. What it has stays as it is where nothing speaks against it.
  void choose(const ObjectKey& key, const ServiceFacts* service, Time now);
  const Given& of(std::string_view service) const;
  // What a Service's status is to say: its addresses, or of one that is not ours what others wrote there.
  std::string status_of(std::string_view service) const;
  // Why a Service cannot have an external IP that it claims; nullopt: it can.
  std::optional<Problem> refuse_external(const ServiceFacts& service, const contrail::IpAddress& address) const;
  // Services that may get or lose an address by what was chosen since the last call: to be bound again.
  std::set<ObjectKey> take_services_to_rebind() { return std::exchange(services_to_rebind_, {}); }
  // Services that have not got what they are to have, to be bound again when an address may have come free.
  const std::set<ObjectKey>& waiting() const { return waiting_; }
  // Whether these are to be bound again: something was chosen, claimed or given up since the last call.
  bool take_rebind_waiting() { return std::exchange(rebind_waiting_, false); }
  std::optional<Time> next_cooled_down() const { return addresses_.next_cooled_down(); }

 private:
  // What a Service's wish for an address rests on.
  enum class Ground : std::uint8_t {
    has,     // it was given to it
    status,  // its status shows it, and that is all
    wish,    // it asked for it, or we look for one
  };

  bool is_public(const contrail::Object& object) const;
  void note(const contrail::IpAddress& address, SlotId id);
  SlotId ours_at(const contrail::IpAddress& address) const;
  bool has_there(std::string_view uid, const contrail::IpAddress& address) const;
  bool keeps(std::string_view service, const contrail::IpAddress& address) const;
  bool is_adopted_by(const ServiceFacts& service, const contrail::IpAddress& address) const;
  bool is_older(std::string_view other, const ServiceFacts& service) const;
  std::optional<Problem> refuse(const ServiceFacts& service, const contrail::IpAddress& address, Ground ground) const;
  std::optional<std::string> owner_besides(const ServiceFacts& service, const contrail::IpAddress& address,
                                           Ground ground) const;
  std::optional<std::string> stranger_at(const ServiceFacts& service, const contrail::IpAddress& address) const;
  std::vector<contrail::IpAddress> unmarked_for(const ServiceFacts& service) const;
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
  PublicAddresses addresses_;
  std::map<ObjectKey, Given, std::less<>> given_;
  std::map<contrail::IpAddress, ObjectKey> holders_;  // who is given it, of those that are ours to serve
  // Floating IPs of the public pool that were seen or wanted, both ways. One that moved is still at its former address.
  std::set<std::pair<contrail::IpAddress, SlotId>> slots_;
  std::set<std::pair<SlotId, contrail::IpAddress>> at_;
  // Those of ours that an inventory showed, by whom they were made for (identity_of): what a former run chose.
  std::set<std::pair<std::uint64_t, contrail::IpAddress>> found_;
  std::set<ObjectKey> waiting_, services_to_rebind_;
  bool rebind_waiting_ = false;
  std::map<ObjectKey, std::string, std::less<>>
      let_go_;  // Services that have nothing of us any longer, with their UIDs
};

}  // namespace knm
