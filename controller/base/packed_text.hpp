#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace knm {

// A text in one pointer and one block of its own length: it can be replaced, not changed. Copies share the block. Not
// thread-safe.
class PackedText {
 public:
  PackedText() = default;
  PackedText(const PackedText& other) noexcept : block_(other.block_) {
    if (block_) ++block_->users;
  }
  PackedText(PackedText&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  PackedText& operator=(const PackedText& other) noexcept { return *this = PackedText(other); }
  // Insertions into long rows of texts move all later ones.
  PackedText& operator=(PackedText&& other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~PackedText() {
    if (block_ && --block_->users == 0) ::operator delete(block_);
  }
  PackedText(const std::string& text) : PackedText(std::string_view(text)) {}  // implicit, like a std::string
  PackedText(const char* text) : PackedText(std::string_view(text)) {}         // implicit too
  explicit PackedText(std::string_view text) {
    if (text.empty()) return;
    block_ = new (::operator new(sizeof(Block) + text.size())) Block{1, static_cast<std::uint32_t>(text.size())};
    std::memcpy(block_->text(), text.data(), text.size());
  }

  std::string_view view() const { return block_ ? std::string_view(block_->text(), block_->size) : std::string_view(); }
  // Shares the memory of `other` from now on, if both are equal.
  void share(const PackedText& other) {
    if (block_ != other.block_ && *this == other) *this = other;
  }
  bool empty() const { return !block_; }
  void clear() { *this = PackedText(); }
  operator std::string_view() const { return view(); }
  operator std::string() const { return text(); }
  std::string text() const { return std::string(view()); }

  friend bool operator==(const PackedText& a, const PackedText& b) {
    return a.block_ == b.block_ || a.view() == b.view();
  }
  friend auto operator<=>(const PackedText& a, const PackedText& b) { return a.view() <=> b.view(); }
  template <class Text>
    requires(!std::same_as<Text, PackedText> && std::convertible_to<const Text&, std::string_view>)
  friend bool operator==(const PackedText& a, const Text& b) {
    return a.view() == std::string_view(b);
  }
  template <class Text>
    requires(!std::same_as<Text, PackedText> && std::convertible_to<const Text&, std::string_view>)
  friend auto operator<=>(const PackedText& a, const Text& b) {
    return a.view() <=> std::string_view(b);
  }
  friend std::string operator+(std::string before, const PackedText& text) { return before.append(text.view()); }

 private:
  struct Block {
    std::uint32_t users, size;
    char* text() { return reinterpret_cast<char*>(this + 1); }
  };

  Block* block_ = nullptr;  // null: empty
};

}  // namespace knm
