#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "tests/scenarios/graph.hpp"
#include "tests/scenarios/scenario.hpp"
#include "tests/support/other_client.hpp"
#include "tests/support/world.hpp"

namespace knm::test {

// A World in which a scenario is played: carries out the commands of its steps.
//
//   namespace NAME · pod NS/NAME … · service NS/NAME …      creates or changes an object (objects.hpp)
//   endpoint NS/SERVICE POD ready|unready|terminating|gone [ports=…] [family=…]
//   delete namespace|pod|service|slice NAME
//   foreign create|put TYPE NAME {JSON} · foreign delete TYPE NAME · foreign annotate TYPE NAME KEY VALUE ·
//   foreign attach|detach TYPE NAME TYPE NAME               another client writes to the config API
//   lose N · refuse N STATUS                                the answers to the next N creates are lost; the next N
//                                                           writes are refused
//   cut · mend                                              all requests fail, until `mend`
//   unseen pod|service|slice NAME                           deletes an object, and no watch shows it
//   relist KIND                                             the API server refuses the watch of pods, services, slices
//                                                           or namespaces, so that all are listed
//   lie KIND [N]                                            the next list, or the next N, shows no object of this kind
//   start [--take-over] [--allow-mass-delete] · stop · restart · audit
//                                                           the controller
//   hold time · release time                                the time stops except for short moments, or continues
//
// In the JSON of a foreign command, <pod shop/web-0> stands for the UID of that object.
//
// The controller runs from the beginning, except if the scenario has `start` before any `stop`.
class Actor {
 public:
  explicit Actor(const Scenario& scenario);

  // Throws std::runtime_error with the line where a command cannot be carried out.
  void perform(const Command& command);
  // Applies all objects once more, as after a new watch.
  void put_all_again();
  // Restores a former state of the cluster, object by object.
  void become(const Cluster& cluster);

  // Runs until the World has converged; returns false if it does not converge although it should. Calls `observe` after
  // each step.
  bool settle(const std::function<void()>& observe = {});
  bool step();  // one step, or time passes; false if converged
  bool is_cut() const { return cut_; }

  World& world() { return world_; }
  Graph graph() { return graph_of(sight_of(world_), uids_, in_full_); }
  std::size_t writes() const { return world_.writes() + world_.patches(); }
  void restart();

 private:
  void apply(const Words& words);
  void remove(const Words& words);
  void remove_slices(const std::string& service);
  void act_foreign(const Command& command);
  void control(const Words& words);
  void act_on_lists(const Words& words);
  void start(const Words& words);
  std::optional<ConfigAnswer> fault(const contrail::Request& request, const std::function<ConfigAnswer()>& carry_out);

  Settings settings_;
  World world_;
  OtherClient other_;
  bool in_full_;
  KnownUids uids_;
  std::size_t lose_ = 0, refuse_ = 0;
  int status_ = 0;
  bool cut_ = false;
  std::optional<Time> held_;  // since when time stands still
};

bool is_of_cluster(const Command& command);  // whether it changes only Kubernetes objects

}  // namespace knm::test
