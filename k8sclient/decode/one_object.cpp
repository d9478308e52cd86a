#include "k8sclient/decode/one_object.hpp"

namespace k8s::js {

void OneObject::feed(std::string_view bytes) {
  while (!bytes.empty() && state_ != State::broken) {
    if (state_ == State::inside) {
      const auto end = nesting_.find_end(bytes);
      if (end == std::string_view::npos) return;
      bytes.remove_prefix(end);
      state_ = State::blank;
      continue;
    }
    const auto next = bytes.find_first_not_of(" \t\r");
    if (next == std::string_view::npos) return;
    bytes.remove_prefix(next);
    state_ = state_ == State::begin && bytes.front() == '{' ? State::inside : State::broken;
  }
}

}  // namespace k8s::js
