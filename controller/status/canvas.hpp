#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace knm {

enum class Style : std::uint8_t { plain, title, dim, good, warn, bad };

// A piece of text in one style.
struct Span {
  std::string text;
  Style style = Style::plain;
};
using Spans = std::vector<Span>;

std::size_t columns(const Spans& spans);

// Characters that differ between terminals with and without UTF-8.
struct Glyphs {
  std::string_view arrow, reaches, closed, rule, ellipsis, dot, good, warn;
};

// Lines of text for a terminal, none of them wider than the given width.
class Canvas {
 public:
  struct Options {
    std::size_t width = 100;
    bool colour = false;
    bool utf8 = true;
    bool full = false;  // long lists are not cut
  };
  explicit Canvas(const Options& options) : options_(options) {}

  const Glyphs& glyphs() const;
  std::size_t width() const { return options_.width; }
  // How many elements of a list of `count` are shown if `limit` is enough for most readers.
  std::size_t shown(std::size_t count, std::size_t limit) const {
    return options_.full ? count : std::min(count, limit);
  }

  void blank();
  // One line; too long a text is cut, with an ellipsis.
  void line(std::size_t indent, const Spans& spans);
  // `left`, and `right` at the end of the line; on a separate line if it does not fit.
  void ends(const Spans& left, const Spans& right);
  // A line with the title, a rule to the end of the line, and `right` there.
  void section(const std::string& title, const Spans& right);
  // `lead`, then the items, separated by `separator`; further lines begin below the first item. If the lead leaves no
  // room beside it, all items are below it.
  void flow(std::size_t indent, const Spans& lead, const std::vector<Spans>& items, std::string_view separator);
  // Like flow(), with the words of a text as items.
  void prose(std::size_t indent, const Spans& lead, const Span& text);
  // Items of nearly the same width, in columns.
  void grid(std::size_t indent, const Spans& lead, const std::vector<Spans>& items);

  std::string take() { return std::move(out_); }

 private:
  std::string text_of(const Span& span) const;
  void put(const Spans& spans);
  bool goes_below(std::size_t indent, const Spans& lead);
  Spans cut(const Spans& spans, std::size_t width) const;

  Options options_;
  std::string out_;
};

// `text` padded to `width` columns; a longer text is cut in its middle, so that both ends remain.
std::string fit(std::string_view text, std::size_t width, const Glyphs& glyphs);

}  // namespace knm
