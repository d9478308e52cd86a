#pragma once

#include <string_view>

#include "controller/base/keys.hpp"

namespace knm {

// The keys of tiers in the memory of the class that keeps these tiers: each is named by many others, and one text for
// all of them is enough.
class TierKeys {
 public:
  // Its own text for a tier that has no record.
  virtual PackedText shared_key(std::string_view tier) const = 0;

 protected:
  ~TierKeys() = default;
};

}  // namespace knm
