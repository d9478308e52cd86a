#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace k8s::js {

// Finds the end of a text, object or array that arrives in pieces of any size, by its quotes and brackets. The content
// is not checked otherwise.
class Nesting {
 public:
  // Returns how many of the bytes belong to the value; after its end, none.
  std::size_t take(std::string_view bytes);
  bool ended() const { return ended_; }

 private:
  std::size_t depth_ = 0;
  bool text_ = false;     // inside a text
  bool escaped_ = false;  // after a backslash in a text
  bool ended_ = false;
};

// Whether a line that arrives in pieces is one object, however damaged its content is. A line of more or less than that
// hides the boundaries of others.
class OneObject {
 public:
  void feed(std::string_view bytes);
  bool complete() const { return state_ == State::blank; }
  bool broken() const { return state_ == State::broken; }

 private:
  enum class State : std::uint8_t { begin, inside, blank, broken };

  State state_ = State::begin;
  Nesting nesting_;
};

}  // namespace k8s::js
