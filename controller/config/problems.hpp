#pragma once

#include <compare>
#include <map>
#include <string>
#include <string_view>

namespace knm {

// A position in the file; line and column begin with 1.
struct Place {
  int line = 1;
  int column = 1;
  friend auto operator<=>(const Place&, const Place&) = default;
};

// All errors in one file, so that a user can fix them at once instead of one with each start.
class Problems {
 public:
  // `text`: what is wrong and what would be right. An empty key: the file as a whole.
  void add(Place place, std::string key, std::string text);
  bool empty() const { return found_.empty(); }
  bool has(std::string_view key) const;

  // `file:line:column: key: text`, one in a line, in the order of the file; if there are very many, the last line has
  // the number of the others.
  std::string text(std::string_view file_name) const;

 private:
  struct Problem {
    std::string key;
    std::string text;
  };
  std::multimap<Place, Problem> found_;  // several at one place stay in the order of add()
};

}  // namespace knm
