#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace knm {

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};

// A hash map by text that looks up without making a string. References to values stay valid until they are erased.
template <class T>
using TextMap = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

template <class T>
const T* find_or_null(const TextMap<T>& map, std::string_view key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace knm
