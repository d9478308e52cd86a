#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "k8sclient/leader/lease_machine.hpp"

// Instances that elect a leader over one simulated Lease, with random delays, losses, pauses and clocks: there are
// never two leaders at one time.
namespace k8s {
namespace {

using namespace std::chrono_literals;
using Tick = std::chrono::milliseconds;  // of the simulation, which every instance's clock measures differently

constexpr Tick tick_length = 100ms;
constexpr Tick run_length = 2min;
constexpr std::uint64_t ticks_of_a_run = run_length / tick_length;
constexpr std::uint64_t schedules = 1000;  // of each kind

// The object in the API server, with the preconditions of its writes.
struct LeaseObject {
  std::optional<Lease> lease;
  std::uint64_t version = 0;

  LeaseInput carry_out(const LeaseCommand& command) {
    if (const auto* create = std::get_if<CreateLease>(&command)) {
      if (lease) return LeaseWriteFailure::conflict;
      lease = Lease{create->spec, ++version};
      return LeaseWritten{version};
    }
    if (const auto* update = std::get_if<UpdateLease>(&command)) {
      if (!lease) return LeaseWriteFailure::failed;
      if (lease->resource_version != update->lease.resource_version) return LeaseWriteFailure::conflict;
      lease = Lease{update->lease.spec, ++version};
      return LeaseWritten{version};
    }
    return lease ? LeaseInput(LeaseRead{*lease}) : LeaseInput(LeaseMissing{});
  }
};

// A request on its way; it may arrive although its sender has given it up.
struct OnTheWay {
  Tick arrives, answered;
  LeaseCommand command;
  std::size_t sender = 0;
  std::uint64_t number = 0;
  bool answer_lost = false;
  std::optional<LeaseInput> answer;
};

struct Instance {
  LeaseMachine machine;
  double rate = 1;       // of its clock
  Tick paused_until{0};  // it does not step, but its requests go on
  WallTime::duration wall_skew{};
  std::uint64_t waits_for = 0;  // the number of its present request; 0: none
  Tick gives_up{0};             // the time-out of that request
  std::uint64_t terms = 0;
  LeaseMachine::Time now(Tick tick) const {
    return LeaseMachine::Time(std::chrono::nanoseconds(static_cast<std::int64_t>(1e6 * rate * double(tick.count()))));
  }
};

struct Chances {
  double loss = 0.05, slow = 0.05, pause = 0.004, release = 0.001, restart = 0, removal = 0;
  Tick longest_way{20s};  // of a request to the server
};

class Simulation {
 public:
  Simulation(std::uint64_t seed, Chances chances) : random_(seed), chances_(chances) {
    for (int i = 0; i < 3; ++i) instances_.push_back(fresh());
  }

  // False: there were two leaders at one time.
  bool run(Tick time) {
    for (; tick_ < time; tick_ += tick_length) {
      deliver();
      for (std::size_t i = 0; i < instances_.size(); ++i) act(i);
      if (leaders() > 1) return false;
      disturb();
    }
    return true;
  }
  std::uint64_t terms() const { return terms_; }
  std::uint64_t leading_ticks() const { return leading_ticks_; }

 private:
  double any() { return std::uniform_real_distribution<double>(0, 1)(random_); }
  Tick between(Tick least, Tick most) {
    return Tick(std::uniform_int_distribution<Tick::rep>(least.count(), most.count())(random_));
  }

  Instance fresh() {
    LeaseSettings settings;
    settings.identity = "instance-" + std::to_string(++identities_);
    Instance out{LeaseMachine(settings)};
    out.rate = 1 + 0.15 * (any() - 0.5);
    out.wall_skew = std::chrono::hours(static_cast<int>(2000 * (any() - 0.5)));
    return out;
  }

  void deliver() {
    for (auto& request : requests_)
      if (!request.answer && request.arrives <= tick_) request.answer = object_.carry_out(request.command);
  }

  void act(std::size_t index) {
    auto& instance = instances_[index];
    if (tick_ < instance.paused_until) return;
    const auto now = instance.now(tick_);
    if (instance.waits_for == 0) {
      if (const auto* wait = std::get_if<WaitUntil>(&instance.machine.command())) {
        if (now >= wait->time) step(instance, LeaseWaited{});
      } else {
        send(index);
      }
      return;
    }
    const auto found = std::find_if(requests_.begin(), requests_.end(),
                                    [&](const auto& request) { return request.number == instance.waits_for; });
    if (found->answer && !found->answer_lost && found->answered <= tick_) {
      step(instance, *found->answer);
      requests_.erase(found);
    } else if (tick_ >= instance.gives_up) {
      const bool read = std::holds_alternative<ReadLease>(found->command);
      step(instance, read ? LeaseInput(ReadFailed{}) : LeaseInput(LeaseWriteFailure::unknown));
    }
  }

  void send(std::size_t index) {
    auto& instance = instances_[index];
    const auto way = any() < chances_.slow ? between(0ms, chances_.longest_way) : between(0ms, 200ms);
    requests_.push_back({tick_ + way, tick_ + way + between(0ms, 200ms), instance.machine.command(), index, ++numbers_,
                         any() < chances_.loss, std::nullopt});
    instance.waits_for = numbers_;
    instance.gives_up = tick_ + 4s;
  }

  void step(Instance& instance, const LeaseInput& input) {
    const bool led = instance.machine.leader_until().has_value();
    instance.machine.step(input, {instance.now(tick_), WallTime(5000h) + instance.wall_skew + tick_}, any());
    instance.waits_for = 0;
    if (!led && instance.machine.leader_until()) ++terms_;
  }

  std::size_t leaders() {
    const auto count = std::count_if(instances_.begin(), instances_.end(), [&](const auto& instance) {
      return instance.machine.is_leader(instance.now(tick_));
    });
    leading_ticks_ += count == 1 ? 1 : 0;
    return static_cast<std::size_t>(count);
  }

  void disturb() {
    for (auto& instance : instances_) {
      if (any() < chances_.pause) instance.paused_until = tick_ + between(0ms, 40s);
      // The process ends in any state, and another one takes its place; its last request may still arrive.
      if (any() < chances_.restart) instance = fresh();
      if (any() < chances_.release && instance.waits_for == 0) step(instance, ReleaseAsked{});
      if (std::holds_alternative<LeaseGivenUp>(instance.machine.command())) instance = fresh();
    }
    const bool all_have_seen_it = std::all_of(instances_.begin(), instances_.end(), [&](const auto& instance) {
      return instance.machine.lease() && instance.machine.lease()->resource_version > removed_;
    });
    if (all_have_seen_it && any() < chances_.removal) {
      object_.lease.reset();
      removed_ = object_.version;
    }
    std::erase_if(requests_, [&](const auto& request) {
      return request.answer && instances_[request.sender].waits_for != request.number;
    });
  }

  std::mt19937_64 random_;
  Chances chances_;
  LeaseObject object_;
  std::vector<Instance> instances_;
  std::vector<OnTheWay> requests_;
  Tick tick_{0};
  std::uint64_t numbers_ = 0, identities_ = 0, terms_ = 0, leading_ticks_ = 0;
  std::uint64_t removed_ = 0;  // the version of the last deleted object
};

struct Totals {
  std::uint64_t terms = 0, leading = 0;
};

Totals never_two(Chances chances) {
  Totals totals;
  for (std::uint64_t seed = 1; seed <= schedules; ++seed) {
    Simulation simulation(seed, chances);
    if (!simulation.run(run_length)) {
      ADD_FAILURE() << "two leaders at one time with seed " << seed;
      break;
    }
    totals.terms += simulation.terms();
    totals.leading += simulation.leading_ticks();
  }
  return totals;
}

TEST(OneLeader, ThroughLossesPausesAndReleases) {
  const auto totals = never_two({});
  EXPECT_GT(totals.terms, schedules * 2) << "there were hand-overs";
  EXPECT_GT(totals.leading, schedules * ticks_of_a_run / 4) << "there was a leader for much of the time";
}

TEST(OneLeader, ThroughRestarts) {
  const auto totals = never_two({.restart = 0.004});
  EXPECT_GT(totals.terms, schedules * 2);
}

// Each instance has seen the object that is deleted: it could not tell a deletion from the first start otherwise. No
// request arrives after its time-out: a create has no precondition that a second deletion would break.
TEST(OneLeader, ThroughDeletionsOfTheLease) {
  const auto totals = never_two({.release = 0, .removal = 0.004, .longest_way = 4s});
  EXPECT_GT(totals.terms, schedules * 2);
}

TEST(OneLeader, AQuietServerHasOneLeaderAllTheTime) {
  Simulation simulation(1, {.loss = 0, .slow = 0, .pause = 0, .release = 0});
  ASSERT_TRUE(simulation.run(run_length));
  EXPECT_EQ(simulation.terms(), 1u);
  EXPECT_GT(simulation.leading_ticks(), ticks_of_a_run - 10);
}

}  // namespace
}  // namespace k8s
