#pragma once

#include <compare>
#include <map>
#include <string>
#include <string_view>

namespace knm {

// A position in the file, both counted from 1.
struct Place {
  int line = 1;
  int column = 1;
  friend auto operator<=>(const Place&, const Place&) = default;
};

// Everything that is wrong with one file: a person mends it in one go instead of start by start.
class Problems {
 public:
  // `text` says what is wrong and what would be right. An empty key: the file as a whole.
  void add(Place place, std::string key, std::string text);
  bool empty() const { return found_.empty(); }

  // `file:line:column: key: text`, a line each, in the order of the file; the last line says how many more there are
  // where it is a flood.
  std::string text(std::string_view file_name) const;

 private:
  struct Problem {
    std::string key;
    std::string text;
  };
  std::multimap<Place, Problem> found_;  // of several at one place the first reported comes first
};

}  // namespace knm
