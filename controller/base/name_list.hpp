#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string_view>
#include <vector>

#include "controller/base/packed_text.hpp"

namespace knm {

// Names, sorted and unique; in blocks, so that an insertion or removal costs the same for any number of them.
class NameList {
 public:
  class const_iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = PackedText;
    using difference_type = std::ptrdiff_t;
    using pointer = const PackedText*;
    using reference = const PackedText&;

    const_iterator() = default;
    reference operator*() const { return (*blocks_)[block_][at_]; }
    pointer operator->() const { return &**this; }
    const_iterator& operator++() {
      if (++at_ == (*blocks_)[block_].size()) ++block_, at_ = 0;
      return *this;
    }
    const_iterator operator++(int) {
      auto before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const const_iterator& a, const const_iterator& b) {
      return a.block_ == b.block_ && a.at_ == b.at_;
    }

   private:
    friend class NameList;
    using Blocks = std::vector<std::vector<PackedText>>;
    const_iterator(const Blocks* blocks, std::size_t block) : blocks_(blocks), block_(block) {}
    const Blocks* blocks_ = nullptr;
    std::size_t block_ = 0, at_ = 0;
  };

  NameList() = default;
  NameList(std::vector<PackedText> names) {  // implicit, in any order
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    for (std::size_t from = 0; from < names.size(); from += fill) {
      const auto to = std::min(from + fill, names.size());
      blocks_.emplace_back(names.begin() + static_cast<std::ptrdiff_t>(from),
                           names.begin() + static_cast<std::ptrdiff_t>(to));
    }
    size_ = names.size();
  }

  const_iterator begin() const { return {&blocks_, 0}; }
  const_iterator end() const { return {&blocks_, blocks_.size()}; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const PackedText& front() const { return blocks_.front().front(); }
  const PackedText& back() const { return blocks_.back().back(); }
  void clear() { *this = NameList(); }

  bool contains(std::string_view name) const {
    if (empty()) return false;
    const auto& block = blocks_[block_of(name)];
    return std::binary_search(block.begin(), block.end(), name, std::less<>());
  }

  // Returns whether it was inserted.
  bool insert(const PackedText& name) {
    if (empty()) {
      blocks_.push_back({name});
      size_ = 1;
      return true;
    }
    const auto index = block_of(name);
    auto& block = blocks_[index];
    const auto at = std::lower_bound(block.begin(), block.end(), name);
    if (at != block.end() && *at == name) return false;
    block.insert(at, name);
    ++size_;
    if (block.size() > most) split(index);
    return true;
  }

  // Returns whether it was removed.
  bool erase(std::string_view name) {
    if (empty()) return false;
    const auto index = block_of(name);
    auto& block = blocks_[index];
    const auto at = std::lower_bound(block.begin(), block.end(), name, std::less<>());
    if (at == block.end() || at->view() != name) return false;
    block.erase(at);
    --size_;
    if (block.empty()) blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(index));
    return true;
  }

  friend bool operator==(const NameList& a, const NameList& b) {
    return a.size_ == b.size_ && std::equal(a.begin(), a.end(), b.begin());
  }

 private:
  static constexpr std::size_t most = 128, fill = 64;  // names in a block, at most and at first

  // The last block that does not begin after the name; the first block if all do.
  std::size_t block_of(std::string_view name) const {
    const auto behind =
        std::upper_bound(blocks_.begin(), blocks_.end(), name,
                         [](std::string_view a, const auto& block) { return a < block.front().view(); });
    return behind == blocks_.begin() ? 0 : static_cast<std::size_t>(behind - blocks_.begin()) - 1;
  }

  void split(std::size_t index) {
    auto& block = blocks_[index];
    const auto middle = block.begin() + static_cast<std::ptrdiff_t>(block.size() / 2);
    std::vector<PackedText> rest(middle, block.end());
    block.erase(middle, block.end());
    blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(index) + 1, std::move(rest));
  }

  std::vector<std::vector<PackedText>> blocks_;  // none of them empty
  std::size_t size_ = 0;
};

}  // namespace knm
