#include "controller/status/canvas.hpp"

#include <algorithm>

#include "controller/status/printable.hpp"

namespace knm {
namespace {

constexpr std::size_t below = 4;  // the indentation of items that did not fit beside their lead

constexpr Glyphs with_utf8{"→", "●", "·", "─", "…", "·", "✓", "▲"};
constexpr Glyphs with_ascii{"->", "x", ".", "-", "...", "|", "ok:", "!"};

// Source: ECMA-48, SGR. Only the eight colours and the attributes that every theme defines.
std::string_view code(Style style) {
  switch (style) {
    case Style::title:
      return "\x1b[1m";
    case Style::dim:
      return "\x1b[2m";
    case Style::good:
      return "\x1b[32m";
    case Style::warn:
      return "\x1b[33m";
    case Style::bad:
      return "\x1b[31m";
    case Style::plain:
      break;
  }
  return {};
}

// The first `count` code points.
std::string_view head(std::string_view text, std::size_t count) {
  std::size_t end = 0;
  while (end < text.size() && count > 0) {
    ++end;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) ++end;
    --count;
  }
  return text.substr(0, end);
}

std::string_view tail(std::string_view text, std::size_t count) {
  return text.substr(head(text, columns(text) - count).size());
}

}  // namespace

std::size_t columns(const Spans& spans) {
  std::size_t out = 0;
  for (const auto& span : spans) out += columns(std::string_view(span.text));
  return out;
}

std::string fit(std::string_view text, std::size_t width, const Glyphs& glyphs) {
  const auto length = columns(text);
  if (length <= width) return std::string(text) + std::string(width - length, ' ');
  const auto ellipsis = columns(glyphs.ellipsis);
  if (width <= ellipsis) return std::string(head(text, width));
  const auto kept = width - ellipsis;
  const auto at_end = kept / 3;
  return std::string(head(text, kept - at_end)) + std::string(glyphs.ellipsis) + std::string(tail(text, at_end));
}

const Glyphs& Canvas::glyphs() const { return options_.utf8 ? with_utf8 : with_ascii; }

std::string Canvas::text_of(const Span& span) const {
  auto text = options_.utf8 ? span.text : ascii_only(span.text);
  const auto sgr = code(span.style);
  if (!options_.colour || sgr.empty() || text.empty()) return text;
  return std::string(sgr) + text + "\x1b[0m";
}

void Canvas::put(const Spans& spans) {
  auto end = spans.size();
  while (end > 0 && spans[end - 1].text.find_first_not_of(' ') == std::string::npos) --end;
  for (std::size_t i = 0; i < end; ++i) {
    auto span = spans[i];
    if (i + 1 == end) span.text.erase(span.text.find_last_not_of(' ') + 1);
    out_ += text_of(span);
  }
  out_ += '\n';
}

Spans Canvas::cut(const Spans& spans, std::size_t width) const {
  if (columns(spans) <= width) return spans;
  Spans out;
  auto left = width;
  for (const auto& span : spans) {
    const auto length = columns(std::string_view(span.text));
    if (length > left) {
      if (left > 0) out.push_back({fit(span.text, left, glyphs()), span.style});
      break;
    }
    out.push_back(span);
    left -= length;
  }
  return out;
}

void Canvas::blank() { out_ += '\n'; }

void Canvas::line(std::size_t indent, const Spans& spans) {
  Spans whole{{std::string(indent, ' ')}};
  whole.insert(whole.end(), spans.begin(), spans.end());
  put(cut(whole, width()));
}

void Canvas::ends(const Spans& left, const Spans& right) {
  const auto used = columns(left) + columns(right);
  if (used + 2 > width()) {
    line(0, left);
    return line(0, right);
  }
  auto whole = left;
  whole.push_back({std::string(width() - used, ' ')});
  whole.insert(whole.end(), right.begin(), right.end());
  put(whole);
}

void Canvas::section(const std::string& title, const Spans& right) {
  Spans left{{fit(title, std::min(columns(title), width() / 2), glyphs()), Style::title}, {" "}};
  auto end = cut(right, width() / 2 - 4);
  if (!end.empty()) end.insert(end.begin(), {" "});
  std::string rule;
  for (auto i = columns(left) + columns(end); i < width(); ++i) rule += glyphs().rule;
  left.push_back({rule, Style::dim});
  left.insert(left.end(), end.begin(), end.end());
  put(left);
}

// Whether the lead leaves too little room beside it, so that the items go below it.
bool Canvas::goes_below(std::size_t indent, const Spans& lead) {
  constexpr std::size_t least_room = 24;
  if (lead.empty() || indent + columns(lead) + least_room <= width()) return false;
  line(indent, lead);
  return true;
}

void Canvas::flow(std::size_t indent, const Spans& lead, const std::vector<Spans>& items, std::string_view separator) {
  if (goes_below(indent, lead)) return flow(indent + below, {}, items, separator);
  const auto start = indent + columns(lead);
  const auto room = width() - std::min(width() - 1, start);
  const auto mark = separator.find_last_not_of(' ') + 1;  // the part of the separator at the end of a line
  Spans current{{std::string(indent, ' ')}};
  current.insert(current.end(), lead.begin(), lead.end());
  std::size_t used = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const bool last = i + 1 == items.size();
    const auto item = cut(items[i], room - std::min(room - 1, last ? 0 : mark));
    if (used > 0 && used + columns(item) + (last ? 0 : mark) > room) {
      put(current);
      current = {{std::string(start, ' ')}};
      used = 0;
    }
    current.insert(current.end(), item.begin(), item.end());
    used += columns(item);
    if (last) break;
    current.push_back({std::string(separator)});
    used += columns(separator);
  }
  put(current);
}

void Canvas::prose(std::size_t indent, const Spans& lead, const Span& text) {
  std::vector<Spans> words;
  std::string_view rest = text.text;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(' '), rest.size());
    if (end > 0) words.push_back({{std::string(rest.substr(0, end)), text.style}});
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  flow(indent, lead, words, " ");
}

void Canvas::grid(std::size_t indent, const Spans& lead, const std::vector<Spans>& items) {
  constexpr std::size_t gap = 3;
  if (goes_below(indent, lead)) return grid(indent + below, {}, items);
  std::size_t widest = 0;
  for (const auto& item : items) widest = std::max(widest, columns(item));
  const auto start = indent + columns(lead);
  const auto room = width() - std::min(width() - 1, start);
  widest = std::min(widest, room);
  const auto per_line = std::max<std::size_t>(1, (room + gap) / (widest + gap));
  Spans current{{std::string(indent, ' ')}};
  current.insert(current.end(), lead.begin(), lead.end());
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0 && i % per_line == 0) {
      put(current);
      current = {{std::string(start, ' ')}};
    }
    const auto item = cut(items[i], widest);
    current.insert(current.end(), item.begin(), item.end());
    if ((i + 1) % per_line != 0) current.push_back({std::string(widest - columns(item) + gap, ' ')});
  }
  put(current);
}

}  // namespace knm
