#pragma once

#include <map>
#include <random>

#include "tests/support/world.hpp"

namespace knm::test {

// Disturbs the config API of a World: a part of its requests, or all of them while it is down.
class Faults {
 public:
  enum class Kind {
    error_before,  // 500, and the request was not carried out
    error_after,   // 500, but the request was carried out
    reset_before,  // no answer, and the request was not carried out
    reset_after,   // no answer, but the request was carried out
    not_sent,      // the connection was refused
    half_answer,   // carried out, and the answer is cut off
    late,          // no answer, and the request is carried out some time later
  };
  static constexpr int kinds = 7;

  // `share` of the requests, in per cent, get one of the faults in `choice`. Must outlive its use by the World.
  Faults(World& world, std::uint64_t seed, unsigned share, std::vector<Kind> choice);
  ~Faults() { stop(); }
  Faults(const Faults&) = delete;
  Faults& operator=(const Faults&) = delete;

  void set_down(bool down) { down_ = down; }
  void stop() { world_.set_fault({}); }

  std::size_t count() const;  // of all faults so far, without those of a server that is down
  std::size_t count(Kind kind) const { return counts_.contains(kind) ? counts_.at(kind) : 0; }
  std::size_t refused_while_down() const { return refused_while_down_; }

 private:
  std::optional<ConfigAnswer> disturb(const contrail::Request& request, const std::function<ConfigAnswer()>& carry_out);

  World& world_;
  std::mt19937_64 random_;
  unsigned share_;
  std::vector<Kind> choice_;
  bool down_ = false;
  std::map<Kind, std::size_t> counts_;
  std::size_t refused_while_down_ = 0;
};

}  // namespace knm::test
