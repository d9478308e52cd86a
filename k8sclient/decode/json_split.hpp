#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "k8sclient/decode/json_nesting.hpp"

namespace k8s::js {

// Splits a JSON object that arrives in pieces of any size into its members, and the member `items` into its elements.
// Only their boundaries are parsed: the content of a member or element is left to its parser, so damage in it stays
// there, but for brackets, quotes and backslashes at a wrong place. Holds at most one value.
class Splitter {
 public:
  struct Limits {
    std::size_t value = 0;   // of a member other than `items`; a larger one is an error
    std::size_t item = 0;    // of an element of `items`; of a larger one only the beginning is kept
    std::size_t prefix = 0;  // the length of that beginning
  };
  struct Takers {
    std::function<void(std::string_view key, std::string_view value)> member;
    // `size`: of the whole element; `text`: all of it, or its beginning.
    std::function<void(std::string_view text, std::uint64_t size)> item;
  };
  Splitter(Limits limits, Takers takers);

  // Throws DecodeFailure if it is not a JSON object (or what a taker throws); must not be called again after that.
  void feed(std::string_view bytes);
  bool done() const { return state_ == State::done; }
  bool has_items() const { return items_; }

 private:
  enum class State : std::uint8_t { begin, first_key, key, key_text, colon, value, scalar, nested, comma, item, done };
  enum class Expects : std::uint8_t { item_or_end, item, comma_or_end };  // among the elements

  std::size_t at_structure(char c);
  std::size_t take_key(std::string_view bytes);
  std::size_t take_scalar(std::string_view bytes);
  std::size_t take_nested(std::string_view bytes);
  void begin_value(char c);
  void keep(std::string_view bytes);
  void end_value();

  Limits limits_;
  Takers takers_;
  State state_ = State::begin;
  std::string key_, value_;
  std::uint64_t size_ = 0;  // of the value so far
  Nesting nesting_;
  bool in_items_ = false;  // the values are elements
  bool items_ = false;     // `items` was found
  Expects expects_ = Expects::item_or_end;
};

}  // namespace k8s::js
