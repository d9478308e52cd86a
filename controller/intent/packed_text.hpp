#pragma once

#include <concepts>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace knm {

// A text in one pointer and one block of its own length: to be replaced, not to be changed.
class PackedText {
 public:
  PackedText() = default;
  PackedText(const PackedText& other) : PackedText(other.view()) {}
  PackedText(PackedText&&) noexcept = default;
  PackedText& operator=(PackedText other) noexcept {
    block_ = std::move(other.block_);
    return *this;
  }
  ~PackedText() = default;
  PackedText(const std::string& text) : PackedText(std::string_view(text)) {}  // implicit, as of any text
  explicit PackedText(std::string_view text) {
    if (text.empty()) return;
    const auto size = static_cast<std::uint32_t>(text.size());
    block_ = std::make_unique_for_overwrite<char[]>(sizeof(size) + size);
    std::memcpy(block_.get(), &size, sizeof(size));
    std::memcpy(block_.get() + sizeof(size), text.data(), size);
  }

  std::string_view view() const {
    if (!block_) return {};
    std::uint32_t size = 0;
    std::memcpy(&size, block_.get(), sizeof(size));
    return {block_.get() + sizeof(size), size};
  }
  bool empty() const { return !block_; }
  void clear() { block_.reset(); }
  operator std::string_view() const { return view(); }
  operator std::string() const { return text(); }
  std::string text() const { return std::string(view()); }

  friend bool operator==(const PackedText& a, const PackedText& b) { return a.view() == b.view(); }
  template <class Text>
    requires(!std::same_as<Text, PackedText> && std::convertible_to<const Text&, std::string_view>)
  friend bool operator==(const PackedText& a, const Text& b) {
    return a.view() == std::string_view(b);
  }
  friend auto operator<=>(const PackedText& a, const PackedText& b) { return a.view() <=> b.view(); }
  friend std::string operator+(std::string before, const PackedText& text) { return before.append(text.view()); }

 private:
  std::unique_ptr<char[]> block_;  // the length, then the characters; null: empty
};

}  // namespace knm
