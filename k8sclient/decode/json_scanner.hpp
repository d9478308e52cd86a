#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "k8sclient/decode/json_document.hpp"

namespace k8s::js {

// Checks a JSON text (RFC 8259) and writes a node for each value and name, in the order of the text. Nested to any
// depth: while an object or array is open, its node holds the one around it in the place of the extent.
class Scanner {
 public:
  // Of less than Node::longest bytes.
  explicit Scanner(std::string_view text);

  // The nodes of the root value; null: the text is not JSON. Once.
  std::unique_ptr<Node[]> run();

 private:
  // The nodes that are added at most before take_value() makes room again: a value and the next name.
  static constexpr std::size_t most_between = 2;

  // Each reads what is at `at` and returns the place after it, or null if that is not JSON.
  const char* take_value(const char* at);
  const char* take_next(const char* at);
  const char* take_name(const char* at);
  const char* take_text(const char* at);
  const char* take_scalar(const char* at);
  const char* take_unusual(const char* at, const char* text);

  void close();
  void add(const char* at, std::size_t extent, bool escaped = false) {
    nodes_[used_++] = {static_cast<std::uint32_t>(at - begin_), static_cast<std::uint32_t>(extent) & Node::longest,
                       escaped};
  }
  void grow();
  const char* after_blanks(const char* at) const {
    while (at != end_ && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r')) ++at;
    return at;
  }

  const char* begin_;
  const char* end_;
  std::size_t room_;
  std::unique_ptr<Node[]> nodes_;
  std::uint32_t used_ = 0;
  std::uint32_t open_ = Node::longest;  // the node of the innermost open object or array; `longest`: none is open
  char closer_ = '\0';                  // what ends it
};

}  // namespace k8s::js
