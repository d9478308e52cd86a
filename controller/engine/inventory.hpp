#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "contrail-client/answer/list_parser.hpp"
#include "controller/engine/engine.hpp"

namespace knm {

// Reads what the config API has of ours into the engine: at start, and again at every audit.
//
// The API cannot filter by marks, so it goes down the tree: projects; what is below ours and, of addr-alloc and the
// public network, below the projects that all share; their pools and addresses; the pools' floating IPs.
// Virtual-machines have no parent: all of them pass by, and those that carry our mark are kept. Networks outside that
// the configuration names are asked for by name; those that it named once, by what refers to our policies. The lists of
// a stage may be read side by side, in any order.
class Inventory {
 public:
  explicit Inventory(Engine& engine);

  struct Listing {
    contrail::Type type;
    contrail::Request request;
  };
  // The lists of the next stage; every object of them goes to add() before this is asked again. Empty: finish() may be
  // called.
  std::vector<Listing> next_stage();
  void add(const contrail::Object& object);
  // One that is there and cannot be read: what lies below it is listed as far as it can be, and its entry stays as it
  // was. Where not even its uuid is known, nothing that this inventory does not show counts as gone.
  void add(const contrail::Unreadable& object);
  // Which objects of a list are worth reading; null: all.
  contrail::ListParser::Filter wanted(contrail::Type type) const;
  // All stages are read whole. Never called where one failed: what was not read is not gone.
  void finish(Time now);

 private:
  bool is_ours(const contrail::Object& project) const;
  // What the ids of a list are: of those that the listed are below, refer to, or are.
  enum class Scope : std::uint8_t { parents, back_references, uuids };
  void add_listings(contrail::Type type, const std::vector<contrail::Uuid>& ids, Scope scope,
                    std::vector<Listing>& out) const;
  void add_listings(contrail::Type type, const std::vector<contrail::Uuid>& ids, Scope by,
                    const std::vector<contrail::Field>& fields, std::vector<Listing>& out) const;

  void load(const contrail::Object& object);
  void keep_unreadable();
  // Of an object that is known in part only, so that it does not say whose it is: whether it was ours.
  bool was_ours(const contrail::Object& object) const;
  void add_network(const contrail::Object& network);
  void add_policy(const contrail::Object& policy);
  std::vector<contrail::Uuid> known_elsewhere() const;

  Engine& engine_;
  std::uint64_t mark_;
  bool in_part_ = false;  // the object at hand is known in part only, and is not loaded
  bool knows_all_unreadable_ = true;
  boost::unordered_flat_set<contrail::Uuid, std::hash<contrail::Uuid>> unreadable_;
  int stage_ = 0;
  std::vector<contrail::Uuid> projects_, shared_projects_, networks_, pools_;
  boost::unordered_flat_set<contrail::Uuid, std::hash<contrail::Uuid>> our_projects_;  // the same as projects_
  std::vector<contrail::Uuid> other_projects_;  // those that are not ours, the shared ones among them
  std::set<contrail::FqName> outside_names_, global_policies_;
  std::map<contrail::FqName, Ownership> outside_;    // of the former, those that are there
  std::vector<contrail::Uuid> policies_elsewhere_;   // in projects that are not ours
  std::vector<contrail::Uuid> policies_of_outside_;  // that networks outside may refer to
};

}  // namespace knm
