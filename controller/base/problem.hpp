#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace knm {

// A part of a user's object that the controller cannot apply. `reason` is a stable CamelCase word, `message` one
// sentence with the way out.
struct Problem {
  std::string reason;
  std::string message;
  bool notice = false;  // not an error, only an information: reported once, with type Normal
  friend bool operator==(const Problem&, const Problem&) = default;
};
// Keeps a few problems of each reason and counts the others: the author of an object determines the length of its
// lists.
void shorten(std::vector<Problem>& problems);
// The problem that stands for the others.
Problem and_more(std::string_view reason, std::size_t count);

}  // namespace knm
