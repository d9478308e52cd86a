#include "controller/plan/atom_set.hpp"

#include <array>
#include <cstring>
#include <new>
#include <utility>

namespace knm {
namespace {

using contrail::Field;

bool by_key(const Atom& a, const Atom& b) { return a.key < b.key; }

std::pair<const Atom*, const Atom*> range_of(const Atom* from, const Atom* to, Field field) {
  const auto number = static_cast<std::uint64_t>(field);
  const auto* begin = std::lower_bound(from, to, Atom{number << 56, 0}, by_key);
  return {begin, std::lower_bound(begin, to, Atom{(number + 1) << 56, 0}, by_key)};
}

// Appends a range; the end of what was written.
Atom* copy(const Atom* from, const Atom* to, Atom* out) {
  if (from != to) std::memcpy(static_cast<void*>(out), from, static_cast<std::size_t>(to - from) * sizeof(Atom));
  return out + (to - from);
}

}  // namespace

static_assert(std::is_trivially_copyable_v<Atom>);

Atoms::Block* Atoms::make(std::size_t size) {
  if (size == 0) return nullptr;
  auto* memory = ::operator new(sizeof(Block) + size * sizeof(Atom));
  return new (memory) Block{1, static_cast<std::uint32_t>(size)};
}

void Atoms::let_go() {
  if (block_ && --block_->users == 0) ::operator delete(block_);
}

Atoms::Atoms(std::vector<Atom> atoms) {
  std::sort(atoms.begin(), atoms.end());
  atoms.erase(std::unique(atoms.begin(), atoms.end(), [](const Atom& a, const Atom& b) { return a.key == b.key; }),
              atoms.end());
  block_ = make(atoms.size());
  if (block_) copy(atoms.data(), atoms.data() + atoms.size(), block_->atoms());
}

const Atom* Atoms::find(std::uint64_t key) const {
  const auto* at = std::lower_bound(begin(), end(), Atom{key, 0}, by_key);
  return at != end() && at->key == key ? at : nullptr;
}

bool Atoms::contains(const Atom& atom) const {
  const auto* found = find(atom.key);
  return found && *found == atom;
}

void Atoms::assemble(std::span<const Piece> pieces, const Atoms* likely) {
  std::size_t total = 0;
  for (const auto& piece : pieces) total += static_cast<std::size_t>(piece.to - piece.from);
  const auto is_next = [at = likely ? likely->begin() : nullptr](const Piece& piece) mutable {
    const auto* from = std::exchange(at, at + (piece.to - piece.from));
    return piece.from == piece.to ||
           std::memcmp(from, piece.from, static_cast<std::size_t>(at - from) * sizeof(Atom)) == 0;
  };
  if (likely && total == likely->size() && std::all_of(pieces.begin(), pieces.end(), is_next))
    return void(*this = *likely);
  auto* block = make(total);
  if (block) {
    auto* out = block->atoms();
    for (const auto& piece : pieces) out = copy(piece.from, piece.to, out);
  }
  let_go();
  block_ = block;
}

void Atoms::set(const Atom& atom, const Atoms* likely) {
  const auto* at = std::lower_bound(begin(), end(), atom, by_key);
  const bool known = at != end() && at->key == atom.key;
  if (known && at->digest == atom.digest) return;
  const Atom one = atom;  // it may be one of these
  const std::array<Piece, 3> pieces{{{begin(), at}, {&one, &one + 1}, {known ? at + 1 : at, end()}}};
  assemble(pieces, likely);
}

void Atoms::set(const Atoms& others, const Atoms* likely) {
  if (others.size() == 1) return set(others.front(), likely);
  change(others, {});
}

void Atoms::erase(std::uint64_t key, const Atoms* likely) {
  const auto* at = find(key);
  if (!at) return;
  const std::array<Piece, 2> pieces{{{begin(), at}, {at + 1, end()}}};
  assemble(pieces, likely);
}

void Atoms::change(Atoms in, std::vector<std::uint64_t> out) {
  if (in.empty() && out.size() == 1) return erase(out.front());
  if (in.size() == 1 && out.empty()) return set(in.front());
  std::sort(out.begin(), out.end());
  std::vector<Atom> all;
  all.reserve(size() + in.size());
  auto gone = out.begin();
  const auto* come = in.begin();
  for (const auto& atom : *this) {
    while (come != in.end() && come->key < atom.key) all.push_back(*come++);
    while (gone != out.end() && *gone < atom.key) ++gone;
    const bool goes = gone != out.end() && *gone == atom.key;
    if (come != in.end() && come->key == atom.key)
      all.push_back(*come++);
    else if (!goes)
      all.push_back(atom);
  }
  all.insert(all.end(), come, in.end());
  const std::array<Piece, 1> pieces{{{all.data(), all.data() + all.size()}}};
  assemble(pieces, nullptr);
}

void Atoms::replace(std::vector<Field> fields, const Atoms& others, const Atoms* likely) {
  std::sort(fields.begin(), fields.end());
  fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
  std::vector<Piece> pieces;
  const auto* at = begin();
  for (const auto field : fields) {
    const auto here = range_of(begin(), end(), field), there = range_of(others.begin(), others.end(), field);
    pieces.push_back({at, here.first});
    pieces.push_back({there.first, there.second});
    at = here.second;
  }
  pieces.push_back({at, end()});
  assemble(pieces, likely);
}

Atoms Atoms::only(std::vector<Field> fields) const {
  Atoms out;
  out.replace(std::move(fields), *this);
  return out;
}

std::ptrdiff_t equal_prefix(const Atom* a, const Atom* a_end, const Atom* b, const Atom* b_end) {
  constexpr std::ptrdiff_t stride = 16, many = 256;
  const auto* from = a;
  auto left = std::min(a_end - a, b_end - b);
  // The more at once the cheaper; where many differ somewhere, it is looked for in fewer.
  for (auto step = left >= many ? many : stride; step >= stride; step = step == many ? stride : 0)
    for (; left >= step; left -= step, a += step, b += step)
      if (std::memcmp(a, b, static_cast<std::size_t>(step) * sizeof(Atom)) != 0) break;
  return a - from;
}

std::vector<Atom> differing(std::span<const Atom> a, std::span<const Atom> b) {
  std::vector<Atom> out;
  const auto *x = a.data(), *x_end = x + a.size();
  const auto *y = b.data(), *y_end = y + b.size();
  while (x != x_end || y != y_end) {
    const auto equal = equal_prefix(x, x_end, y, y_end);
    x += equal, y += equal;
    if (y == y_end || (x != x_end && *x < *y)) {
      if (x != x_end) out.push_back(*x++);
    } else if (x == x_end || *y < *x) {
      out.push_back(*y++);
    } else {
      ++x, ++y;
    }
  }
  return out;
}

std::vector<Atom> differing(const Atoms& a, const Atoms& b) {
  return differing(std::span(a.begin(), a.end()), std::span(b.begin(), b.end()));
}

}  // namespace knm
