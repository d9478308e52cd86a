#include "controller/base/problem.hpp"

#include <map>

namespace knm {

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
          "and " + std::to_string(count) +
              " more problems with this reason; correct first the problems that the other Events name"};
}

}  // namespace knm
