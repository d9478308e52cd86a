#pragma once

#include "tests/scenarios/actor.hpp"
#include "tests/scenarios/reach.hpp"

namespace knm::test {

// Watches who reaches whom while a step is played: what is reached before the step and after it should be all the time.
class Traffic {
 public:
  explicit Traffic(Actor& actor) : actor_(actor) {}

  // Before a step's commands.
  void begin();
  // Plays on until all is at rest, and looks after every write; false where there is no rest.
  bool settle();
  // The connections that were missing in between, though they were there before and are there now.
  Reach cut() const;

 private:
  Reach now() const;

  Actor& actor_;
  Reach before_;
  Reach missed_;  // of before_, that were missing at some time
};

}  // namespace knm::test
