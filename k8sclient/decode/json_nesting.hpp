#pragma once

#include <cstddef>
#include <string_view>

namespace k8s::js {

// Finds the end of an object, an array or a text that arrives in pieces: where all of its brackets outside of texts are
// closed. Checks nothing else; a backslash hides the next byte everywhere.
class Nesting {
 public:
  // The number of bytes up to the end of the value, the first of which is that of the value in the first call; npos: it
  // ends later. After its end the next value may follow.
  std::size_t find_end(std::string_view bytes);

 private:
  std::size_t end_in_block(const char* block);
  bool is_end(char c);

  std::size_t depth_ = 0;
  bool text_ = false;     // inside a text
  bool escaped_ = false;  // the next byte is hidden
};

}  // namespace k8s::js
