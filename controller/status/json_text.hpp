#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace knm {

// Members keep their order.
using Json = nlohmann::ordered_json;

// A long text in pieces, so that it is never moved as it grows, and its memory is released piece by piece.
class TextPieces {
 public:
  static constexpr std::size_t piece = 256 * 1024;

  void add(std::string_view text);
  // Appends another one without a copy of its pieces.
  void add(TextPieces&& other);
  std::vector<std::string> take() { return std::exchange(pieces_, {}); }

 private:
  std::vector<std::string> pieces_;
};

// Writes JSON directly, without a tree in memory: large members are opened, filled and closed, small ones are passed as
// values.
class JsonText {
 public:
  JsonText& open(char brace);  // '{' or '['
  JsonText& close();
  JsonText& key(std::string_view name);
  JsonText& value(const Json& value);
  JsonText& member(std::string_view name, const Json& what) { return key(name).value(what); }
  // A member with a value that was written separately.
  JsonText& member(std::string_view name, JsonText&& what);
  TextPieces take() { return std::move(text_); }

 private:
  void separate();

  TextPieces text_;
  std::string closing_;  // closing braces of the open members, the innermost last
  bool first_ = true;    // no element was written to the innermost member yet
};

}  // namespace knm
