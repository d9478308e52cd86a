#pragma once

#include "tests/scenarios/actor.hpp"
#include "tests/scenarios/reach.hpp"

namespace knm::test {

// Observes connections while a step is played: a connection that exists before and after the step must exist all the
// time.
class Traffic {
 public:
  explicit Traffic(Actor& actor) : actor_(actor) {}

  // Before the commands of a step.
  void begin();
  // Runs until the World has converged and checks after every write; false if it does not converge.
  bool settle();
  // The connections that were missing for a while, although they existed before and exist now.
  Reach cut() const;

 private:
  Reach now() const;

  Actor& actor_;
  Reach before_;
  Reach missed_;  // of before_, those that were missing at some time
};

}  // namespace knm::test
