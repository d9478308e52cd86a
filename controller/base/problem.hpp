#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace knm {

// Something in a user's object that cannot be honoured. `reason` is a stable CamelCase word, `message` one sentence
// with the way out.
struct Problem {
  std::string reason;
  std::string message;
  bool notice = false;  // nothing is wrong, and it is good to know: told once, of type Normal
  friend bool operator==(const Problem&, const Problem&) = default;
};
// Leaves a few of each reason and says how many more there are: how long an object's lists are is up to its author.
void shorten(std::vector<Problem>& problems);
// What it says of the others.
Problem and_more(std::string_view reason, std::size_t count);

}  // namespace knm
