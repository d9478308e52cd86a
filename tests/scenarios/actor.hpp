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

// A World in which a scenario is played: it carries out the commands of steps.
//
//   namespace NAME · pod NS/NAME … · service NS/NAME …      there, or changed (objects.hpp)
//   endpoint NS/SERVICE POD ready|unready|terminating|gone [ports=…] [family=…]
//   delete namespace|pod|service|slice NAME
//   foreign create|put TYPE NAME {JSON} · foreign delete TYPE NAME · foreign annotate TYPE NAME KEY VALUE ·
//   foreign attach|detach TYPE NAME TYPE NAME               somebody else writes to the config API
//   lose N · refuse N STATUS · cut · mend                   the next creates' answers are lost; writes are refused; all
//                                                           requests fail, and do no longer
//   unseen pod|service|slice NAME                            it goes while no watch shows it
//   relist KIND · lie KIND [N]                              the watch of pods, services, slices or namespaces is
//   refused,
//                                                           so that all are listed; the next list, or N, shows none
//   start [--take-over] [--allow-mass-delete] · stop · restart · audit
//                                                           the controller
//   hold time · release time                                the scenario's time stands still, but for moments; or
//   passes again
//
// In what somebody else writes, <pod shop/web-0> stands for that object's UID.
//
// Where `start` is not the first of these, the controller runs from the beginning.
class Actor {
 public:
  explicit Actor(const Scenario& scenario);

  // Throws std::runtime_error with the line where a command cannot be carried out.
  void perform(const Command& command);
  // Everything is put once more, as after a watch that began anew.
  void put_all_again();
  // Makes the cluster what it was at another time, object by object.
  void become(const Cluster& cluster);

  // Goes on until all is at rest; false where there is no rest, though there might be.
  // `look` is called after each thing that happens.
  bool settle(const std::function<void()>& look = {});
  bool step();  // one thing that happens, or time passes; false at rest
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

// What kind of command it is.
bool is_of_cluster(const Command& command);  // it changes Kubernetes objects and nothing else

}  // namespace knm::test
