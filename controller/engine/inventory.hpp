#pragma once

#include <cstdint>
#include <vector>

#include "controller/engine/engine.hpp"

namespace knm {

// Reads what the config API has of ours into the engine: at start, and again at every audit.
//
// The API cannot filter by marks, so it goes down the tree: projects; what is below ours and, of addr-alloc and the
// public network, below the projects that all share; their pools and addresses; the pools' floating IPs.
// Virtual-machines have no parent: all of them pass by, and those that carry our mark are kept. The lists of a stage
// may be read side by side, in any order.
class Inventory {
 public:
  explicit Inventory(Engine& engine) : engine_(engine), mark_(engine.write_mark()) {}

  struct Listing {
    contrail::Type type;
    contrail::Request request;
  };
  // The lists of the next stage; every object of them goes to add() before this is asked again. Empty: finish() may be
  // called.
  std::vector<Listing> next_stage();
  void add(const contrail::Object& object);
  // All stages are read whole. Never called where one failed: what was not read is not gone.
  void finish(Time now) { engine_.loaded(mark_, now); }

 private:
  bool is_ours(const contrail::Object& project) const;
  void add_listings(contrail::Type type, const std::vector<contrail::Uuid>& parents, bool back_references,
                    std::vector<Listing>& out) const;

  Engine& engine_;
  std::uint64_t mark_;
  int stage_ = 0;
  std::vector<contrail::Uuid> projects_, shared_projects_, networks_, pools_;
};

}  // namespace knm
