#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace knm {

// A long text in pieces, so that it never has to be moved as it grows, and its memory goes back to the system piece by
// piece.
class TextPieces {
 public:
  static constexpr std::size_t piece = 256 * 1024;

  void add(std::string_view text);
  // Appends another one, whose pieces stay where they are.
  void add(TextPieces&& other);
  std::vector<std::string> take() { return std::exchange(pieces_, {}); }

 private:
  std::vector<std::string> pieces_;
};

// JSON that is written as it comes, without a tree of it in memory: the big members are opened, filled and closed, the
// small ones given as values.
class JsonText {
 public:
  using Json = nlohmann::ordered_json;

  JsonText& open(char brace);  // '{' or '['
  JsonText& close();
  JsonText& key(std::string_view name);
  JsonText& value(const Json& value);
  JsonText& member(std::string_view name, const Json& what) { return key(name).value(what); }
  // The name of a member, and `text` as its value: a whole value that was written by itself.
  JsonText& member(std::string_view name, JsonText&& what);
  TextPieces take() { return std::move(text_); }

 private:
  void separate();

  TextPieces text_;
  std::string closing_;  // the braces that are open, the innermost last
  bool first_ = true;    // of the innermost
};

}  // namespace knm
