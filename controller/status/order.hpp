#pragma once

#include <string>
#include <vector>

#include "controller/status/sections.hpp"

namespace knm {

// The order in which the tiers of a namespace are shown: who uses others before those that are used, so that the eye
// follows the calls from the front to the data; alphabetical where calls say nothing.
class CallOrder {
 public:
  explicit CallOrder(const Json& ns);

  bool before(const std::string& a, const std::string& b) const;
  void sort(std::vector<std::string>& tiers) const;
  // The elements of a list, by the tier that they name.
  std::vector<const Json*> sorted(const Json& list) const;

 private:
  std::size_t depth(const std::string& tier) const;
  std::map<std::string, std::size_t> depths_;  // how many tiers are one behind the other below it; 0 is left out
};

}  // namespace knm
