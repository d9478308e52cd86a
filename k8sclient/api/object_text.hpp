#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/json_text.hpp"

namespace k8s {

// A JSON object as text, for a body of a fixed form: written member by member, without a document in memory. The caller
// chooses the order of the members, and closes each member that it opens.
class ObjectText {
 public:
  explicit ObjectText(std::size_t usual_size) {
    text_.reserve(usual_size);
    text_ += '{';
  }

  ObjectText& member(std::string_view key, std::string_view value) {
    begin(key);
    base::append_json_string(text_, value);
    return *this;
  }
  ObjectText& member(std::string_view key, std::uint32_t value) {
    begin(key) += std::to_string(value);
    return *this;
  }
  ObjectText& null(std::string_view key) {
    begin(key) += "null";
    return *this;
  }
  ObjectText& open(std::string_view key) {
    begin(key) += '{';
    return *this;
  }
  ObjectText& close() {
    text_ += '}';
    return *this;
  }
  // Closes the object itself; the writer is empty afterwards.
  std::string take() {
    text_ += '}';
    return std::exchange(text_, {});
  }

 private:
  std::string& begin(std::string_view key) {
    if (text_.back() != '{') text_ += ',';
    base::append_json_string(text_, key);
    return text_ += ':';
  }

  std::string text_;
};

}  // namespace k8s
