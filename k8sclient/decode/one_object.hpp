#pragma once

#include <cstdint>
#include <string_view>

#include "k8sclient/decode/json_nesting.hpp"

namespace k8s::js {

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
