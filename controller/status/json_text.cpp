#include "controller/status/json_text.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace knm {

void TextPieces::add(std::string_view text) {
  while (!text.empty()) {
    if (pieces_.empty() || pieces_.back().size() == piece) {
      // The first piece grows as needed; all further pieces of a long text have one size.
      const bool is_long = !pieces_.empty();
      pieces_.emplace_back();
      if (is_long) pieces_.back().reserve(piece);
    }
    auto& last = pieces_.back();
    const auto part = std::min(text.size(), piece - std::min(piece, last.size()));
    last += text.substr(0, part);
    text.remove_prefix(part);
  }
}

void TextPieces::add(TextPieces&& other) {
  // Small texts are copied, so that a list of small texts does not become many small pieces.
  for (auto& text : other.pieces_) {
    if (!pieces_.empty() && pieces_.back().size() + text.size() <= piece)
      pieces_.back() += text;
    else
      pieces_.push_back(std::move(text));
  }
  other.pieces_.clear();
}

void JsonText::separate() {
  if (!std::exchange(first_, false)) text_.add(",");
}

JsonText& JsonText::open(char brace) {
  separate();
  text_.add({&brace, 1});
  closing_ += brace == '{' ? '}' : ']';
  first_ = true;
  return *this;
}

JsonText& JsonText::close() {
  text_.add({&closing_.back(), 1});
  closing_.pop_back();
  first_ = false;
  return *this;
}

JsonText& JsonText::key(std::string_view name) {
  separate();
  text_.add("\"");
  text_.add(name);
  text_.add("\":");
  first_ = true;  // the value follows, without a comma
  return *this;
}

JsonText& JsonText::value(const Json& value) {
  separate();
  // Foreign text may be invalid UTF-8.
  text_.add(value.dump(-1, ' ', false, Json::error_handler_t::replace));
  return *this;
}

JsonText& JsonText::member(std::string_view name, JsonText&& what) {
  key(name);
  first_ = false;
  text_.add(what.take());
  return *this;
}

}  // namespace knm
