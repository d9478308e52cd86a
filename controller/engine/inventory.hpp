#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "contrail-client/answer/list_parser.hpp"
#include "contrail-client/watch/event.hpp"
#include "controller/engine/engine.hpp"

namespace knm {

// Reads the objects of this cluster from the config API into the engine: at start, and at every audit.
//
// The API cannot filter by owner annotations, so the inventory goes down the tree: projects; the networks, interfaces
// and policies in owned projects, and in shared projects those of addr-alloc and the public network; their pools and
// addresses; the floating IPs of the pools. Virtual-machines have no parent: all are listed, and the owned ones are
// used. External networks are read by name; formerly external ones by back-references of owned policies. The lists of a
// stage may be read in parallel, in any order.
//
// The first lists of a stream of notifications are an inventory too. They show all objects of each type; objects that
// the lists above would not show are passed over: the types must come in the order of subscriptions().
class Inventory {
 public:
  enum class From : std::uint8_t { lists, stream };
  explicit Inventory(Engine& engine, From from = From::lists);

  struct Listing {
    contrail::Type type;
    contrail::Request request;
  };
  // With From::stream: what to subscribe to, in this order. The subscriptions outlive the inventory, but not the
  // engine.
  std::vector<contrail::watch::Subscription> subscriptions() const;
  // With From::lists: the lists of the next stage; each object of them must be passed to add() before the next call.
  // Empty: finish() may be called.
  std::vector<Listing> next_stage();
  void add(const contrail::Object& object);
  // An object that exists and cannot be read: what lies below it is listed as far as possible, and its entry stays as
  // it was. If not even its uuid is known, no object that this inventory does not show counts as deleted.
  void add(const contrail::Unreadable& object);
  // Which objects of a list need to be read; null: all.
  contrail::ListParser::Filter wanted(contrail::Type type) const;
  // All stages, or all lists of the stream, were read completely. Must not be called if one failed: an object that was
  // not read may exist.
  void finish(Time now);

 private:
  bool is_ours(const contrail::Object& project) const;
  // What the ids of a list are: parents of the listed objects, targets of their references, or their own uuids.
  enum class Scope : std::uint8_t { parents, back_references, uuids };
  void add_listings(contrail::Type type, const std::vector<contrail::Uuid>& ids, Scope scope,
                    std::vector<Listing>& out) const;
  void add_listings(contrail::Type type, const std::vector<contrail::Uuid>& ids, Scope by,
                    const std::vector<contrail::Field>& fields, std::vector<Listing>& out) const;

  bool is_in_scope(const contrail::Object& object) const;
  void load(const contrail::Object& object);
  void keep_unreadable();
  // Whether an object that is known only in part, without owner annotations, was owned before.
  bool was_ours(const contrail::Object& object) const;
  void add_network(const contrail::Object& network);
  bool is_by_reference(const contrail::Object& network) const;
  void add_policy(const contrail::Object& policy);
  std::vector<contrail::Uuid> known_elsewhere() const;

  Engine& engine_;
  From from_;
  std::uint64_t mark_;
  bool in_part_ = false;  // the current object is known only in part, and is not loaded
  bool knows_all_unreadable_ = true;
  boost::unordered_flat_set<contrail::Uuid, std::hash<contrail::Uuid>> unreadable_;
  int stage_ = 0;
  using Uuids = boost::unordered_flat_set<contrail::Uuid, std::hash<contrail::Uuid>>;
  std::vector<contrail::Uuid> projects_, shared_projects_, networks_, pools_;
  Uuids our_projects_;  // the same as projects_
  Uuids listed_;        // of a stream: networks, pools and policies by which others are in scope
  std::vector<contrail::Uuid> other_projects_;  // the projects that are not owned, including the shared ones
  std::set<contrail::FqName> external_names_, global_policies_;
  std::map<contrail::FqName, Ownership> external_;   // of external_names_, those that exist
  std::vector<contrail::Uuid> policies_elsewhere_;   // in projects that are not owned
  std::vector<contrail::Uuid> policies_of_outside_;  // that external networks may refer to
};

}  // namespace knm
