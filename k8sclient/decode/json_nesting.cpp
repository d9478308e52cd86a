#include "k8sclient/decode/json_nesting.hpp"

namespace k8s::js {

std::size_t Nesting::take(std::string_view bytes) {
  if (ended_) return 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (text_) {
      if (escaped_)
        escaped_ = false;
      else if (c == '\\')
        escaped_ = true;
      else if (c == '"')
        text_ = false;
      if (text_) continue;
    } else if (c == '"') {
      text_ = true;
      continue;
    } else if (c == '{' || c == '[') {
      ++depth_;
      continue;
    } else if (c == '}' || c == ']') {
      --depth_;
    } else {
      continue;
    }
    if (depth_ > 0) continue;
    ended_ = true;
    return i + 1;
  }
  return bytes.size();
}

void OneObject::feed(std::string_view bytes) {
  while (!bytes.empty() && state_ != State::broken) {
    if (state_ == State::inside) {
      bytes.remove_prefix(nesting_.take(bytes));
      if (nesting_.ended()) state_ = State::blank;
      continue;
    }
    const auto next = bytes.find_first_not_of(" \t\r");
    if (next == bytes.npos) return;
    bytes.remove_prefix(next);
    state_ = state_ == State::begin && bytes.front() == '{' ? State::inside : State::broken;
  }
}

}  // namespace k8s::js
