#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace re2 {
class RE2;
}

namespace knm {

// A regular expression that is searched for anywhere in a text (unanchored). Cheap to copy.
//
// The syntax is RE2's, which is that of Go: expressions for the former Go program keep their meaning. RE2 runs in time
// linear in the text and never recurses, so no expression or name can stop or crash the program; std::regex does not
// guarantee that.
class Pattern {
 public:
  // Matches nothing; text() is empty.
  Pattern() = default;

  // Error: the fault of the expression in RE2's words, for example `missing ): (a`. An empty expression is refused: it
  // would match everything, which is hardly the intention.
  static base::Result<Pattern> compile(std::string_view expression);

  // `.*`
  static Pattern everything();

  bool matches(std::string_view text) const;
  const std::string& text() const { return text_; }

  friend bool operator==(const Pattern& a, const Pattern& b) { return a.text_ == b.text_; }

 private:
  std::string text_;
  std::shared_ptr<const re2::RE2> compiled_;  // null if text_ is empty
};

}  // namespace knm
