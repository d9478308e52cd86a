#pragma once

#include <string_view>

#include "controller/base/keys.hpp"

namespace knm {

// The keys of tiers in the memory of the class that stores these tiers: many units refer to each, and can share one
// text.
class TierKeys {
 public:
  // A new text for a tier without a record.
  virtual PackedText shared_key(std::string_view tier) const = 0;

 protected:
  ~TierKeys() = default;
};

}  // namespace knm
