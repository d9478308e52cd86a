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

// One property, one reference, one subnet, one rule or one annotation key of an object.
// The key's top byte is the Field; the rest says which entry of it (a reference: name_hash of its target). The digest
// is its content.
struct FieldDigest {
  std::uint64_t key = 0;
  std::uint64_t digest = 0;

  contrail::Field field() const { return static_cast<contrail::Field>(key >> 56); }
  std::uint64_t entry() const { return key & ((std::uint64_t{1} << 56) - 1); }
  friend auto operator<=>(const FieldDigest&, const FieldDigest&) = default;
};

// FieldDigests sorted by key, each key once; a value. Copies share their memory until one is changed, and what is
// wanted and what is there are nearly always the same: there are hundreds of thousands of these. Not for several
// threads.
//
// Nearly all are a few atoms in one block. A large set is a row of such blocks, its leaves, and a changed copy goes on
// sharing the leaves that the change does not touch: one atom of very many costs what a leaf does, to put as well as to
// find in a comparison.
class FieldDigests {
  struct Block {
    std::uint32_t users, size;  // the atoms follow
    FieldDigest* atoms() { return reinterpret_cast<FieldDigest*>(this + 1); }
    FieldDigest* end() { return atoms() + size; }
  };
  struct Row : Block {
    std::uint64_t count;  // the leaves follow, and a null
    Block** leaves() { return reinterpret_cast<Block**>(this + 1); }
  };

 public:
  static constexpr std::size_t most = 256, least = most / 4;  // atoms of a leaf; of what is no row at most as many

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
    // So many of this leaf; behind its last atom the next leaf begins.
    void skip(std::size_t count) {
      at_ += count;
      if (at_ != end_ || !leaf_ || !leaf_[1]) return;
      ++leaf_;
      at_ = (*leaf_)->atoms(), end_ = (*leaf_)->end();
    }

    const FieldDigest *at_ = nullptr, *end_ = nullptr;
    Block* const* leaf_ = nullptr;  // null: there are no others
  };

  // Some of them, one behind the other; as long as what they are of stays as it is.
  class Range {
   public:
    Range() = default;
    Range(const_iterator from, const_iterator to) : from_(from), to_(to) {}
    explicit Range(std::span<const FieldDigest> atoms)
        : from_(atoms.data(), atoms.data() + atoms.size(), nullptr), to_(from_.end_, from_.end_, nullptr) {}

    const_iterator begin() const { return from_; }
    const_iterator end() const { return to_; }
    bool empty() const { return from_ == to_; }
    std::size_t size() const;
    const FieldDigest& front() const { return *from_; }

    // What it begins with, as far as that is in one leaf.
    std::span<const FieldDigest> run() const { return {from_.at_, from_.leaf_ == to_.leaf_ ? to_.at_ : from_.end_}; }
    // Goes on behind so many of its run.
    void skip(std::size_t count) { from_.skip(count); }

    // Of the same content.
    friend bool operator==(Range a, const Range& b) { return a.size() == b.size() && takes(a, b); }

   private:
    friend FieldDigests;
    friend void skip_equal(Range& a, Range& b);
    // Goes on in both behind the leaves that both begin with.
    static void skip_shared(Range& a, Range& b);
    // Whether `whole`, which is no shorter, begins with `part`; then it goes on behind.
    static bool takes(Range& whole, Range part);

    const_iterator from_, to_;
  };

  FieldDigests() = default;
  FieldDigests(std::initializer_list<FieldDigest> atoms) : FieldDigests(std::vector<FieldDigest>(atoms)) {}
  // In any order; of equal keys the smallest digest counts.
  explicit FieldDigests(std::vector<FieldDigest> atoms);
  FieldDigests(const FieldDigests& other) noexcept : block_(other.block_) { keep(); }
  FieldDigests(FieldDigests&& other) noexcept : block_(other.block_) { other.block_ = nullptr; }
  FieldDigests& operator=(FieldDigests other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~FieldDigests() { let_go(block_); }

  const_iterator begin() const {
    if (!block_) return {};
    if (!is_row()) return {block_->atoms(), block_->end(), nullptr};
    auto* const* leaf = row()->leaves();
    return {(*leaf)->atoms(), (*leaf)->end(), leaf};
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

  // The first of no smaller key.
  const_iterator lower_bound(std::uint64_t key) const;
  // What is of a field, or of several that are one behind the other.
  Range of(contrail::Field field) const { return of(field, field); }
  Range of(contrail::Field first, contrail::Field last) const;
  // Null where there is none of this key.
  const FieldDigest* find(std::uint64_t key) const;
  bool contains(const FieldDigest& atom) const;

  // Puts it in the place of the one of its key, if there is one. Here and below: where that comes to `likely`, its
  // memory is used, and nothing is copied.
  void set(const FieldDigest& atom, const FieldDigests* likely = nullptr);
  void set(const FieldDigests& others, const FieldDigests* likely = nullptr);
  // The same of several in one pass: `out` go, `in` come. Of a key that is in both, what comes counts.
  void change(const FieldDigests& in, std::vector<std::uint64_t> out, const FieldDigests* likely = nullptr);
  // In these fields, what `others` has instead of what is here.
  void replace(std::vector<contrail::Field> fields, const FieldDigests& others, const FieldDigests* likely = nullptr);
  // Those of these fields.
  FieldDigests only(std::vector<contrail::Field> fields) const;
  void erase(std::uint64_t key, const FieldDigests* likely = nullptr);
  void clear() { *this = FieldDigests(); }

  bool shares_with(const FieldDigests& other) const { return block_ == other.block_; }
  // Uses the memory of `other` from now on, where both are equal.
  void share(const FieldDigests& other) {
    if (block_ != other.block_ && *this == other) *this = other;
  }

  friend bool operator==(const FieldDigests& a, const FieldDigests& b) {
    if (a.block_ == b.block_) return true;
    if (a.size() != b.size()) return false;
    if (a.is_row()) return a.all() == b.all();
    return std::memcmp(a.block_->atoms(), b.block_->atoms(), a.size() * sizeof(FieldDigest)) == 0;
  }

 private:
  class Leaves;

  bool is_row() const { return size() > most; }
  Row* row() const { return static_cast<Row*>(block_); }
  static Block* make(std::size_t size);
  // Becomes what the pieces are, one behind the other; they may be pieces of this.
  void assemble(std::span<const Range> pieces, const FieldDigests* likely);
  void keep() {
    if (block_) ++block_->users;
  }
  static void let_go(Block* block);

  Block* block_ = nullptr;  // null: empty; a Row where there are more than `most`
};

// Goes on behind the atoms that both begin with, or behind all but a few of them: sixteen are compared at once, and a
// leaf that both share is not looked at.
void skip_equal(FieldDigests::Range& a, FieldDigests::Range& b);

// The atoms that only one of both has; of the ranges, where they are given.
std::vector<FieldDigest> differing(FieldDigests::Range a, FieldDigests::Range b);
std::vector<FieldDigest> differing(const FieldDigests& a, const FieldDigests& b);

}  // namespace knm
