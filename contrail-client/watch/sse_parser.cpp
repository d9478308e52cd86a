#include "contrail-client/watch/sse_parser.hpp"

#include <algorithm>

#include "contrail-client/error.hpp"

namespace contrail::watch {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::size_t longest_field = 5;  // "event"

bool is_line_end(char byte) { return byte == '\n' || byte == '\r'; }

// Up to the end of the line, or all. Two searches for one byte each are faster than one for both.
std::string_view rest_of_line(std::string_view bytes) {
  const auto line = bytes.substr(0, std::min(bytes.find('\n'), bytes.size()));
  return line.substr(0, std::min(line.find('\r'), line.size()));
}

}  // namespace

base::Result<void> SseParser::feed(std::string_view bytes) {
  while (!failed_ && !bytes.empty())
    if (const auto taken = take(bytes); !taken) failed_ = taken.error();
  if (failed_) return *failed_;
  return {};
}

// Takes at least one byte, except at the end of the mark or of a field's name.
base::Result<void> SseParser::take(std::string_view& bytes) {
  if (part_ == Part::mark) return take_mark(bytes);
  if (is_line_end(bytes.front())) {
    const bool second = after_cr_ && bytes.front() == '\n';
    after_cr_ = bytes.front() == '\r';
    bytes.remove_prefix(1);
    if (second) return {};
    return line_ends();
  }
  after_cr_ = false;
  if (part_ == Part::field) return take_field(bytes);
  if (part_ == Part::space) {
    if (bytes.front() == ' ') bytes.remove_prefix(1);
    return value_begins();
  }
  return take_value(bytes);
}

base::Result<void> SseParser::take_mark(std::string_view& bytes) {
  if (bytes.front() == byte_order_mark[mark_]) {
    bytes.remove_prefix(1);
    if (++mark_ == byte_order_mark.size()) part_ = Part::field;
    return {};
  }
  // The beginning of a mark is the beginning of an unknown field.
  field_.assign(byte_order_mark.substr(0, mark_));
  part_ = Part::field;
  return {};
}

base::Result<void> SseParser::take_field(std::string_view& bytes) {
  const auto line = rest_of_line(bytes);
  const auto name = line.substr(0, line.find(':'));
  bytes.remove_prefix(name.size());
  // One byte more shows that it is none of the known fields.
  field_ += name.substr(0, longest_field + 1 - std::min(field_.size(), longest_field + 1));
  if (name.size() == line.size()) return {};
  bytes.remove_prefix(1);
  if (field_.empty()) ++comments_;
  part_ = Part::space;
  return {};
}

// The name of the field is complete.
base::Result<void> SseParser::value_begins() {
  part_ = Part::skipped;
  if (field_ == "event") {
    if (has_data_) return base::Error{errc::wrong_shape, "the name of an event comes after its data"};
    part_ = Part::event;
    event_.clear();
  } else if (field_ == "data") {
    part_ = Part::data;
    if (has_data_) return handler_.data("\n");
    has_data_ = true;
    return handler_.begin(event_.empty() ? std::string_view("message") : event_);
  }
  return {};
}

base::Result<void> SseParser::take_value(std::string_view& bytes) {
  const auto value = rest_of_line(bytes);
  bytes.remove_prefix(value.size());
  if (part_ == Part::data) return handler_.data(value);
  if (part_ != Part::event) return {};
  if (value.size() > max_name - event_.size())
    return base::Error{errc::too_large, "the name of an event is longer than " + std::to_string(max_name) + " bytes"};
  event_ += value;
  return {};
}

base::Result<void> SseParser::line_ends() {
  const bool is_blank = part_ == Part::field && field_.empty();
  // A field without a value; without a colon it has none, either.
  if (!is_blank && (part_ == Part::field || part_ == Part::space))
    if (const auto begun = value_begins(); !begun) return begun;
  part_ = Part::field;
  field_.clear();
  if (!is_blank) return {};
  event_.clear();
  if (!has_data_) return {};
  has_data_ = false;
  return handler_.end();
}

}  // namespace contrail::watch
