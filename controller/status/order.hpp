#pragma once

#include <string>
#include <vector>

#include "controller/status/sections.hpp"

namespace knm {

// The order of the tiers of a Namespace in the report: users before the tiers that they use, so that the list follows
// the calls from the front end to the data; otherwise alphabetical.
class CallOrder {
 public:
  explicit CallOrder(const Json& ns);

  bool before(const std::string& a, const std::string& b) const;
  void sort(std::vector<std::string>& tiers) const;
  // The elements of a list, ordered by their tiers.
  std::vector<const Json*> sorted(const Json& list) const;

 private:
  std::size_t depth(const std::string& tier) const;
  std::map<std::string, std::size_t> depths_;  // the longest chain of used tiers below a tier; 0 is left out
};

}  // namespace knm
