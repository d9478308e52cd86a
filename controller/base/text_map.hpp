#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "controller/base/packed_text.hpp"

namespace knm {

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};

struct SameText {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const noexcept { return a == b; }
};

// A hash map by text with lookups that allocate no string. References to keys and values stay valid until they are
// erased; copies of a key should be made from here, so that they share memory.
template <class T>
using TextMap = std::unordered_map<PackedText, T, TextHash, SameText>;

// A key in the memory of the map; in new memory if the map does not contain it.
template <class T>
PackedText key_in(const TextMap<T>& map, std::string_view key) {
  const auto found = map.find(key);
  return found == map.end() ? PackedText(key) : found->first;
}

template <class T>
const T* find_or_null(const TextMap<T>& map, std::string_view key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace knm
