#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace standin {

/// Appends text as a JSON string. The text is valid UTF-8: it came out of a JSON parser.
void append_quoted(std::string& out, std::string_view text);

/// Appends a list of texts.
void append_quoted(std::string& out, const std::vector<std::string>& texts);

/// Writes the members of one JSON object, whose values are JSON text already. Answers are put together from the text
/// that is stored: a list of ten thousand objects costs its length and no more.
class ObjectText {
 public:
  explicit ObjectText(std::string& out) : out_(out) { out_ += '{'; }
  ~ObjectText() { out_ += '}'; }
  ObjectText(const ObjectText&) = delete;
  ObjectText& operator=(const ObjectText&) = delete;

  /// Begins a member; the caller appends its value to the same string.
  std::string& member(std::string_view name);
  void text(std::string_view name, std::string_view value) { append_quoted(member(name), value); }
  void raw(std::string_view name, std::string_view json) { member(name) += json; }

 private:
  std::string& out_;
  bool first_ = true;
};

/// Writes the elements of one JSON list.
class ListText {
 public:
  explicit ListText(std::string& out) : out_(out) { out_ += '['; }
  ~ListText() { out_ += ']'; }
  ListText(const ListText&) = delete;
  ListText& operator=(const ListText&) = delete;

  std::string& element();

 private:
  std::string& out_;
  bool first_ = true;
};

}  // namespace standin
