#include "k8sclient/decode/json_split.hpp"

#include <algorithm>
#include <utility>

#include "k8sclient/decode/failure.hpp"

namespace k8s::js {
namespace {

constexpr std::size_t longest_key = 256;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

[[noreturn]] void no_json(char c) {
  malformed(std::string("it is not JSON: ") + (c > 0x20 && c < 0x7f ? std::string("'") + c + "'" : "a byte") +
            " is at a wrong place");
}

}  // namespace

Splitter::Splitter(Limits limits, Takers takers) : limits_(limits), takers_(std::move(takers)) {}

void Splitter::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    std::size_t used = 0;
    if (state_ == State::key_text)
      used = take_key(bytes);
    else if (state_ == State::scalar)
      used = take_scalar(bytes);
    else if (state_ == State::nested)
      used = take_nested(bytes);
    else
      used = is_blank(bytes.front()) ? 1 : at_structure(bytes.front());
    bytes.remove_prefix(used);
  }
}

// One byte between values. Does not consume the first byte of a value.
std::size_t Splitter::at_structure(char c) {
  switch (state_) {
    case State::begin:
      if (c != '{') no_json(c);
      state_ = State::first_key;
      return 1;
    case State::first_key:
    case State::key:
      if (c == '}' && state_ == State::first_key) {
        state_ = State::done;
        return 1;
      }
      if (c != '"') no_json(c);
      key_.clear();
      state_ = State::key_text;
      return 1;
    case State::colon:
      if (c != ':') no_json(c);
      state_ = State::value;
      return 1;
    case State::value:
      if (c == '[' && key_ == "items") {
        if (std::exchange(items_, true)) malformed("it has two lists of items");
        in_items_ = true;
        expects_ = Expects::item_or_end;
        state_ = State::item;
        return 1;
      }
      begin_value(c);
      return 0;
    case State::item:
      if (c == ']' && expects_ != Expects::item) {
        in_items_ = false;
        state_ = State::comma;
        return 1;
      }
      if ((c == ',') != (expects_ == Expects::comma_or_end)) no_json(c);
      if (c == ',') {
        expects_ = Expects::item;
        return 1;
      }
      begin_value(c);
      return 0;
    case State::comma:
      if (c != ',' && c != '}') no_json(c);
      state_ = c == ',' ? State::key : State::done;
      return 1;
    default:
      no_json(c);
  }
}

std::size_t Splitter::take_key(std::string_view bytes) {
  const auto end = bytes.find_first_of("\"\\");
  const auto part = bytes.substr(0, end);
  if (key_.size() + part.size() > longest_key) malformed("a key is too long");
  key_ += part;
  if (end == bytes.npos) return bytes.size();
  if (bytes[end] == '\\') malformed("a key has an escaped character");  // no key of a list has
  state_ = State::colon;
  return end + 1;
}

void Splitter::begin_value(char c) {
  value_.clear();
  size_ = 0;
  if (c == ',' || c == ':' || c == ']' || c == '}') no_json(c);
  state_ = c == '{' || c == '[' || c == '"' ? State::nested : State::scalar;
}

// A number, true, false or null: up to the first byte that cannot belong to it.
std::size_t Splitter::take_scalar(std::string_view bytes) {
  const auto end = std::min(bytes.find_first_of(",]} \t\r\n"), bytes.size());
  keep(bytes.substr(0, end));
  if (end < bytes.size()) end_value();
  return end;
}

// A text, an object or an array.
std::size_t Splitter::take_nested(std::string_view bytes) {
  const auto end = nesting_.find_end(bytes);
  keep(bytes.substr(0, end));
  if (end == std::string_view::npos) return bytes.size();
  end_value();
  return end;
}

void Splitter::keep(std::string_view bytes) {
  size_ += bytes.size();
  const bool fits = size_ <= (in_items_ ? limits_.item : limits_.value);
  if (!fits && !in_items_)
    throw DecodeFailure(errc::too_large,
                        "its member '" + key_ + "' exceeds the limit of " + std::to_string(limits_.value) + " bytes");
  if (fits) {
    value_ += bytes;
    return;
  }
  if (value_.size() < limits_.prefix) value_ += bytes.substr(0, limits_.prefix - value_.size());
  if (value_.size() > limits_.prefix) {
    value_.resize(limits_.prefix);
    value_.shrink_to_fit();
  }
}

void Splitter::end_value() {
  if (in_items_) {
    expects_ = Expects::comma_or_end;
    state_ = State::item;
    takers_.item(value_, size_);
  } else {
    state_ = State::comma;
    takers_.member(key_, value_);
  }
}

}  // namespace k8s::js
