#include "k8sclient/decode/json_scanner.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <utility>

#include "base/bytes.hpp"
#include "base/utf8.hpp"
#include "k8sclient/decode/json_escapes.hpp"

namespace k8s::js {
namespace {

bool is_plain(char c) { return static_cast<signed char>(c) >= 0x20 && c != '"' && c != '\\'; }

// The first byte that is not a plain ASCII character of a text.
const char* end_of_plain(const char* at, const char* end) {
  for (; static_cast<std::size_t>(end - at) >= base::Bytes16::size; at += base::Bytes16::size)
    if (const auto other = base::Bytes16(at).unusual_or('"', '\\'); other != 0) return at + base::first_of(other);
  while (at != end && is_plain(*at)) ++at;
  return at;
}

// Behind the digits, of which there must be one; null otherwise.
const char* after_digits(const char* at, const char* end) {
  const char* const begin = at;
  while (at != end && *at >= '0' && *at <= '9') ++at;
  return at == begin ? nullptr : at;
}

// Whether a number is finite as a double.
bool is_finite(std::string_view number, bool has_exponent) {
  constexpr std::size_t certain = 300;  // characters, without an exponent
  if (number.size() <= certain && !has_exponent) return true;
  return std::isfinite(std::strtod(std::string(number).c_str(), nullptr));
}

const char* after_number(const char* at, const char* end) {
  const char* const begin = at;
  const auto is_at = [&](char c) { return at != end && *at == c; };
  if (is_at('-')) ++at;
  at = is_at('0') ? at + 1 : after_digits(at, end);
  if (at && is_at('.')) at = after_digits(at + 1, end);
  const bool has_exponent = at && (is_at('e') || is_at('E'));
  if (has_exponent) {
    ++at;
    if (is_at('+') || is_at('-')) ++at;
    at = after_digits(at, end);
  }
  return at && is_finite({begin, static_cast<std::size_t>(at - begin)}, has_exponent) ? at : nullptr;
}

}  // namespace

// With room for the nodes of usual objects of Kubernetes, which have more bytes for each.
Scanner::Scanner(std::string_view text)
    : begin_(text.data()),
      end_(begin_ + text.size()),
      room_(most_between + text.size() / 6),
      nodes_(std::make_unique_for_overwrite<Node[]>(room_)) {}

std::unique_ptr<Node[]> Scanner::run() {
  const char* at = take_value(after_blanks(begin_));
  while (at && open_ != Node::longest) at = take_next(after_blanks(at));
  return at && after_blanks(at) == end_ ? std::move(nodes_) : nullptr;
}

void Scanner::grow() {
  auto more = std::make_unique_for_overwrite<Node[]>(2 * room_);
  std::copy_n(nodes_.get(), used_, more.get());
  nodes_ = std::move(more);
  room_ *= 2;
}

// A value; of one that has others, up to the first of these.
const char* Scanner::take_value(const char* at) {
  while (at && at != end_) {
    if (used_ + most_between > room_) grow();
    const char c = *at;
    if (c == '"') return take_text(at);
    if (c != '{' && c != '[') return take_scalar(at);
    const char closer = c == '{' ? '}' : ']';
    const char* const first = after_blanks(at + 1);
    if (first != end_ && *first == closer) {
      add(at, 1);
      return first + 1;
    }
    const auto around = open_;
    open_ = used_;
    closer_ = closer;
    add(at, around);
    at = c == '{' ? take_name(first) : first;
  }
  return nullptr;
}

// What follows a value in an object or array: a comma and the next value, or the end.
const char* Scanner::take_next(const char* at) {
  if (at == end_) return nullptr;
  if (*at == ',') {
    at = after_blanks(at + 1);
    return take_value(closer_ == '}' ? take_name(at) : at);
  }
  if (*at != closer_) return nullptr;
  close();
  return at + 1;
}

void Scanner::close() {
  auto& node = nodes_[open_];
  const auto around = node.extent;
  node.extent = (used_ - open_) & Node::longest;
  open_ = around;
  if (around != Node::longest) closer_ = begin_[nodes_[around].begin] == '{' ? '}' : ']';
}

// A name, its colon, and the blanks after it.
const char* Scanner::take_name(const char* at) {
  if (at == end_ || *at != '"') return nullptr;
  at = take_text(at);
  if (!at) return nullptr;
  at = after_blanks(at);
  return at != end_ && *at == ':' ? after_blanks(at + 1) : nullptr;
}

const char* Scanner::take_text(const char* at) {
  const char* const content = at + 1;
  const char* const end = end_of_plain(content, end_);
  if (end == end_ || *end != '"') return take_unusual(end, at);
  add(at, static_cast<std::size_t>(end - content));
  return end + 1;
}

// The text that begins at `text` and has other characters than plain ones, the first of which is at `at`.
const char* Scanner::take_unusual(const char* at, const char* text) {
  bool ascii = true, escaped = false;
  for (; at != end_ && *at != '"'; at = end_of_plain(at, end_)) {
    if (*at == '\\') {
      const auto size = escape_size({at, static_cast<std::size_t>(end_ - at)});
      if (size == 0) return nullptr;
      escaped = true;
      at += size;
    } else if (static_cast<unsigned char>(*at) < 0x20) {
      return nullptr;
    } else {
      ascii = false;
      ++at;
    }
  }
  if (at == end_) return nullptr;
  const std::string_view written(text + 1, static_cast<std::size_t>(at - text - 1));
  if (!ascii && !base::is_utf8(written)) return nullptr;
  add(text, written.size(), escaped);
  return at + 1;
}

const char* Scanner::take_scalar(const char* at) {
  const std::string_view rest(at, static_cast<std::size_t>(end_ - at));
  const char* end = nullptr;
  for (const std::string_view word : {"true", "false", "null"})
    if (rest.front() == word.front() && rest.starts_with(word)) end = at + word.size();
  if (!end) end = after_number(at, end_);
  if (end) add(at, static_cast<std::size_t>(end - at));
  return end;
}

}  // namespace k8s::js
