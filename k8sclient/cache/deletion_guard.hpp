#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

namespace k8s {

// How much may go because something was not shown, though no event said that it went. What is lost is counted in
// objects of a kind, beside those that were there. By default everything may.
struct DeletionGuard {
  static constexpr std::size_t any = std::numeric_limits<std::size_t>::max();

  enum class Level : std::uint8_t {
    none,     // it goes
    confirm,  // a second list must say the same
    hold,     // only a person lets it go
  };

  std::size_t confirm = any;  // more than this must be confirmed ...
  std::size_t limit = any;    // ... and more than this is held,
  double fraction = 1.0 / 3;  // each only where it is also more than this part of what was there

  bool is_on() const { return confirm != any || limit != any; }
  Level level(std::size_t lost, std::size_t there) const {
    if (static_cast<double>(lost) <= static_cast<double>(there) * fraction) return Level::none;
    return lost > limit ? Level::hold : lost > confirm ? Level::confirm : Level::none;
  }
};

// What lists have not shown, and what stays all the same.
struct Withheld {
  std::size_t objects = 0;
  std::size_t there = 0;   // when they were missed: of so many
  bool confirmed = false;  // by a second list: only a person lets them go
  friend bool operator==(const Withheld&, const Withheld&) = default;
};

}  // namespace k8s
