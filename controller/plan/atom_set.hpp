#pragma once

#include <algorithm>
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
struct Atom {
  std::uint64_t key = 0;
  std::uint64_t digest = 0;

  contrail::Field field() const { return static_cast<contrail::Field>(key >> 56); }
  std::uint64_t entry() const { return key & ((std::uint64_t{1} << 56) - 1); }
  friend auto operator<=>(const Atom&, const Atom&) = default;
};

// Atoms sorted by key, each key once; a value. Copies share their memory until one is changed, and what is wanted and
// what is there are nearly always the same: there are hundreds of thousands of these. Not for several threads.
class Atoms {
 public:
  using const_iterator = const Atom*;

  Atoms() = default;
  Atoms(std::initializer_list<Atom> atoms) : Atoms(std::vector<Atom>(atoms)) {}
  // In any order; of equal keys the smallest digest counts.
  explicit Atoms(std::vector<Atom> atoms);
  Atoms(const Atoms& other) noexcept : block_(other.block_) { keep(); }
  Atoms(Atoms&& other) noexcept : block_(other.block_) { other.block_ = nullptr; }
  Atoms& operator=(Atoms other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~Atoms() { let_go(); }

  const_iterator begin() const { return block_ ? block_->atoms() : nullptr; }
  const_iterator end() const { return block_ ? block_->atoms() + block_->size : nullptr; }
  std::size_t size() const { return block_ ? block_->size : 0; }
  bool empty() const { return !block_; }

  const Atom& front() const { return *begin(); }

  // Null where there is none of this key.
  const Atom* find(std::uint64_t key) const;
  bool contains(const Atom& atom) const;

  // Puts it in the place of the one of its key, if there is one. Here and below: where that comes to `likely`, its
  // memory is used, and nothing is copied.
  void set(const Atom& atom, const Atoms* likely = nullptr);
  void set(const Atoms& others, const Atoms* likely = nullptr);
  // The same of several in one pass: `out` go, `in` come. Of a key that is in both, what comes counts.
  void change(Atoms in, std::vector<std::uint64_t> out);
  // In these fields, what `others` has instead of what is here.
  void replace(std::vector<contrail::Field> fields, const Atoms& others, const Atoms* likely = nullptr);
  // Those of these fields.
  Atoms only(std::vector<contrail::Field> fields) const;
  void erase(std::uint64_t key, const Atoms* likely = nullptr);
  template <class Predicate>
  void erase_if(Predicate predicate) {
    if (std::none_of(begin(), end(), predicate)) return;
    std::vector<Atom> rest;
    std::remove_copy_if(begin(), end(), std::back_inserter(rest), predicate);
    *this = Atoms(std::move(rest));
  }
  void clear() { *this = Atoms(); }

  bool shares_with(const Atoms& other) const { return block_ == other.block_; }
  // Uses the memory of `other` from now on, where both are equal.
  void share(const Atoms& other) {
    if (block_ != other.block_ && *this == other) *this = other;
  }

  friend bool operator==(const Atoms& a, const Atoms& b) {
    return a.block_ == b.block_ ||
           (a.size() == b.size() && std::memcmp(a.begin(), b.begin(), a.size() * sizeof(Atom)) == 0);
  }

 private:
  struct Block {
    std::uint32_t users, size;
    Atom* atoms() { return reinterpret_cast<Atom*>(this + 1); }
  };
  struct Piece {
    const Atom *from, *to;
  };
  static Block* make(std::size_t size);
  // Becomes what the pieces are, one behind the other; they may be pieces of this.
  void assemble(std::span<const Piece> pieces, const Atoms* likely);
  void keep() {
    if (block_) ++block_->users;
  }
  void let_go();

  Block* block_ = nullptr;  // null: empty
};

// How many atoms two ranges begin with in common, or a few less: sixteen are compared at once.
std::ptrdiff_t equal_prefix(const Atom* a, const Atom* a_end, const Atom* b, const Atom* b_end);

// The atoms that only one of both has; of the ranges, where they are given.
std::vector<Atom> differing(std::span<const Atom> a, std::span<const Atom> b);
std::vector<Atom> differing(const Atoms& a, const Atoms& b);

}  // namespace knm
