#include "base/utf8.hpp"

#include <utf8.h>

namespace base {

bool is_utf8(std::string_view text) { return utf8::is_valid(text.begin(), text.end()); }

CodePoint first_code_point(std::string_view text) {
  constexpr std::size_t longest = 4;
  const auto some = text.substr(0, longest);
  if (utf8::find_invalid(some.begin(), some.end()) == some.begin()) return {};
  auto at = some.begin();
  const auto code = utf8::unchecked::next(at);
  return {static_cast<char32_t>(code), static_cast<std::size_t>(at - some.begin())};
}

}  // namespace base
