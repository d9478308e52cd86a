#include "controller/intent/facts.hpp"

#include <algorithm>
#include <map>

#include "controller/rule.hpp"

namespace knm {

const Reach& ServiceFacts::reached(contrail::Family family) const {
  return reach[holds(Rule::families) ? static_cast<std::size_t>(family) : 0];
}

NameList ServiceFacts::all_backends() const {
  const auto& [first, second] = reach;
  if (second.pods.empty()) return first.pods;
  std::vector<ObjectName> all(first.pods.begin(), first.pods.end());
  all.insert(all.end(), second.pods.begin(), second.pods.end());
  return all;
}

void shorten(std::vector<Problem>& problems) {
  constexpr std::size_t most = 5;  // of a reason
  if (problems.size() <= most) return;
  std::map<std::string, std::size_t, std::less<>> count;
  std::erase_if(problems, [&](const Problem& problem) { return ++count[problem.reason] > most; });
  for (const auto& [reason, all] : count)
    if (all > most) problems.push_back(and_more(reason, all - most));
}

Problem and_more(std::string_view reason, std::size_t count) {
  return {std::string(reason),
          "and " + std::to_string(count) + " more of this kind; correct those first that the other Events name"};
}

}  // namespace knm
