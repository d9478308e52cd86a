#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

namespace k8s {

// Limits the number of objects that count as deleted because a list did not show them, without a DELETED event. Losses
// are counted in objects of a kind, and compared with the number of known objects. By default there is no limit.
struct DeletionGuard {
  static constexpr std::size_t any = std::numeric_limits<std::size_t>::max();

  enum class Level : std::uint8_t {
    none,     // the objects are deleted
    confirm,  // a second list must confirm it
    hold,     // a person must confirm it
  };

  std::size_t confirm = any;  // a larger loss must be confirmed ...
  std::size_t limit = any;    // ... and one larger than this is held,
  double fraction = 1.0 / 3;  // both only if the loss is also larger than this part of the known objects

  bool is_on() const { return confirm != any || limit != any; }
  Level level(std::size_t lost, std::size_t there) const {
    if (static_cast<double>(lost) <= static_cast<double>(there) * fraction) return Level::none;
    return lost > limit ? Level::hold : lost > confirm ? Level::confirm : Level::none;
  }
};

// Objects that lists did not show, and that are kept all the same.
struct Withheld {
  std::size_t objects = 0;
  std::size_t there = 0;   // the number of known objects when they were missed
  bool confirmed = false;  // by a second list: only a person can release them
  friend bool operator==(const Withheld&, const Withheld&) = default;
};

}  // namespace k8s
