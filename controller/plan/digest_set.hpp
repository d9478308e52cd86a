#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

#include "contrail-client/types.hpp"

namespace knm {

// The digest of one item of an object: a property, a reference, a subnet, a rule or an annotation key. The top byte of
// the key is the Field; the other bytes identify the item within the field (for a reference: name_hash of its target).
// The digest is that of the item's content.
struct FieldDigest {
  std::uint64_t key = 0;
  std::uint64_t digest = 0;

  contrail::Field field() const { return static_cast<contrail::Field>(key >> 56); }
  std::uint64_t entry() const { return key & ((std::uint64_t{1} << 56) - 1); }
  friend auto operator<=>(const FieldDigest&, const FieldDigest&) = default;
};

// FieldDigests sorted by key, each key once; a value type. Copies share memory until one is changed: there are hundreds
// of thousands of sets, and the desired and the observed set of an entry are nearly always equal. Not thread-safe.
//
// Nearly all sets are a few digests in one block. A large set is a row of such blocks, its leaves; a changed copy goes
// on sharing the leaves that the change does not touch. So changing one digest of a large set, or finding it in a
// comparison, costs only as much as one leaf.
class FieldDigests {
  struct Block {
    std::uint32_t users, size;  // the digests follow
    FieldDigest* items() { return reinterpret_cast<FieldDigest*>(this + 1); }
    FieldDigest* end() { return items() + size; }
  };
  struct Row : Block {
    std::uint64_t count;  // the leaves follow, then a null
    Block** leaves() { return reinterpret_cast<Block**>(this + 1); }
  };

 public:
  static constexpr std::size_t most = 256, least = most / 4;  // of a leaf; a set without a row has at most `most`

  class const_iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = FieldDigest;
    using difference_type = std::ptrdiff_t;
    using pointer = const FieldDigest*;
    using reference = const FieldDigest&;

    const_iterator() = default;
    const FieldDigest& operator*() const { return *at_; }
    const FieldDigest* operator->() const { return at_; }
    const_iterator& operator++() {
      skip(1);
      return *this;
    }
    const_iterator operator++(int) {
      auto out = *this;
      skip(1);
      return out;
    }
    friend bool operator==(const const_iterator& a, const const_iterator& b) { return a.at_ == b.at_; }

   private:
    friend FieldDigests;
    const_iterator(const FieldDigest* at, const FieldDigest* end, Block* const* leaf)
        : at_(at), end_(end), leaf_(leaf) {
      if (at_ == end_) skip(0);
    }
    // Skips `count` digests of this leaf; after the last digest of a leaf, the next leaf begins.
    void skip(std::size_t count) {
      at_ += count;
      if (at_ != end_ || !leaf_ || !leaf_[1]) return;
      ++leaf_;
      at_ = (*leaf_)->items(), end_ = (*leaf_)->end();
    }

    const FieldDigest *at_ = nullptr, *end_ = nullptr;
    Block* const* leaf_ = nullptr;  // null: no other leaves
  };

  // A contiguous part of a set; valid until the set changes.
  class Range {
   public:
    Range() = default;
    Range(const_iterator from, const_iterator to) : from_(from), to_(to) {}
    explicit Range(std::span<const FieldDigest> items)
        : from_(items.data(), items.data() + items.size(), nullptr), to_(from_.end_, from_.end_, nullptr) {}

    const_iterator begin() const { return from_; }
    const_iterator end() const { return to_; }
    bool empty() const { return from_ == to_; }
    std::size_t size() const;
    const FieldDigest& front() const { return *from_; }

    // The first digests of the range, as far as they lie in one leaf.
    std::span<const FieldDigest> run() const { return {from_.at_, from_.leaf_ == to_.leaf_ ? to_.at_ : from_.end_}; }
    // Skips `count` digests of the run.
    void skip(std::size_t count) { from_.skip(count); }

    friend bool operator==(Range a, const Range& b) { return a.size() == b.size() && takes(a, b); }

   private:
    friend FieldDigests;
    friend void skip_equal(Range& a, Range& b);
    // Skips, in both ranges, the leaves that both share at their beginning.
    static void skip_shared(Range& a, Range& b);
    // Returns whether `whole`, which must not be shorter, begins with `part`; if so, skips that part.
    static bool takes(Range& whole, Range part);

    const_iterator from_, to_;
  };

  FieldDigests() = default;
  FieldDigests(std::initializer_list<FieldDigest> items) : FieldDigests(std::vector<FieldDigest>(items)) {}
  // In any order; of digests with equal keys the smallest counts.
  explicit FieldDigests(std::vector<FieldDigest> items);
  FieldDigests(const FieldDigests& other) noexcept : block_(other.block_) { keep(); }
  FieldDigests(FieldDigests&& other) noexcept : block_(other.block_) { other.block_ = nullptr; }
  FieldDigests& operator=(FieldDigests other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~FieldDigests() { let_go(block_); }

  const_iterator begin() const {
    if (!block_) return {};
    if (!is_row()) return {block_->items(), block_->end(), nullptr};
    auto* const* leaf = row()->leaves();
    return {(*leaf)->items(), (*leaf)->end(), leaf};
  }
  const_iterator end() const {
    if (!block_) return {};
    if (!is_row()) return {block_->end(), block_->end(), nullptr};
    auto* const* leaf = row()->leaves() + row()->count - 1;
    return {(*leaf)->end(), (*leaf)->end(), leaf};
  }
  Range all() const { return {begin(), end()}; }
  std::size_t size() const { return block_ ? block_->size : 0; }
  bool empty() const { return !block_; }
  const FieldDigest& front() const { return *begin(); }

  // The first digest whose key is not less than `key`.
  const_iterator lower_bound(std::uint64_t key) const;
  // The digests of a field, or of all fields from `first` to `last`.
  Range of(contrail::Field field) const { return of(field, field); }
  Range of(contrail::Field first, contrail::Field last) const;
  // Null if no digest has this key.
  const FieldDigest* find(std::uint64_t key) const;
  bool contains(const FieldDigest& item) const;

  // Adds the digest, or replaces the one with the same key. Here and below: if the result equals `likely`, the memory
  // of `likely` is shared instead of a copy made.
  void set(const FieldDigest& item, const FieldDigests* likely = nullptr);
  void set(const FieldDigests& others, const FieldDigests* likely = nullptr);
  // The same for several digests in one pass: `out` are removed, `in` are added. A key in both is added.
  void change(const FieldDigests& in, std::vector<std::uint64_t> out, const FieldDigests* likely = nullptr);
  // Replaces the digests of these fields by those of `others`.
  void replace(std::vector<contrail::Field> fields, const FieldDigests& others, const FieldDigests* likely = nullptr);
  // The digests of these fields.
  FieldDigests only(std::vector<contrail::Field> fields) const;
  void erase(std::uint64_t key, const FieldDigests* likely = nullptr);
  void clear() { *this = FieldDigests(); }

  bool shares_with(const FieldDigests& other) const { return block_ == other.block_; }
  // Shares the memory of `other` from now on, if both are equal.
  void share(const FieldDigests& other) {
    if (block_ != other.block_ && *this == other) *this = other;
  }

  friend bool operator==(const FieldDigests& a, const FieldDigests& b) {
    if (a.block_ == b.block_) return true;
    if (a.size() != b.size()) return false;
    if (a.is_row()) return a.all() == b.all();
    return std::memcmp(a.block_->items(), b.block_->items(), a.size() * sizeof(FieldDigest)) == 0;
  }

 private:
  class Leaves;

  bool is_row() const { return size() > most; }
  Row* row() const { return static_cast<Row*>(block_); }
  static Block* make(std::size_t size);
  // Becomes the concatenation of the pieces, which may be pieces of this set.
  void assemble(std::span<const Range> pieces, const FieldDigests* likely);
  void keep() {
    if (block_) ++block_->users;
  }
  static void let_go(Block* block);

  Block* block_ = nullptr;  // null: empty; a Row if the set has more than `most` digests
};

// Skips the digests that both ranges have in common at their beginning, or all but a few of them: digests are compared
// sixteen at a time, and a shared leaf is not compared.
void skip_equal(FieldDigests::Range& a, FieldDigests::Range& b);

// The digests that only one of the two sets or ranges has.
std::vector<FieldDigest> differing(FieldDigests::Range a, FieldDigests::Range b);
std::vector<FieldDigest> differing(const FieldDigests& a, const FieldDigests& b);

}  // namespace knm
