#include "controller/plan/atom_set.hpp"

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

void Atoms::set(const Atom& atom) {
  const auto* at = std::lower_bound(begin(), end(), atom, by_key);
  const bool known = at != end() && at->key == atom.key;
  if (known && at->digest == atom.digest) return;
  auto* block = make(size() + (known ? 0 : 1));
  auto* out = copy(begin(), at, block->atoms());
  *out++ = atom;
  copy(known ? at + 1 : at, end(), out);
  let_go();
  block_ = block;
}

void Atoms::set(const Atoms& others) { change(others, {}); }

Atoms Atoms::sorted(const std::vector<Atom>& atoms) {
  Atoms out;
  out.block_ = make(atoms.size());
  if (out.block_) copy(atoms.data(), atoms.data() + atoms.size(), out.block_->atoms());
  return out;
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
    const bool replaced = come != in.end() && come->key == atom.key;
    if (replaced)
      all.push_back(*come++);
    else if (!goes)
      all.push_back(atom);
  }
  all.insert(all.end(), come, in.end());
  *this = sorted(all);
}

void Atoms::replace(std::vector<Field> fields, const Atoms& others) {
  std::sort(fields.begin(), fields.end());
  fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
  auto total = size();
  for (const auto field : fields) {
    const auto here = range_of(begin(), end(), field), there = range_of(others.begin(), others.end(), field);
    total -= static_cast<std::size_t>(here.second - here.first);
    total += static_cast<std::size_t>(there.second - there.first);
  }
  auto* block = make(total);
  if (block) {
    auto* out = block->atoms();
    const auto* at = begin();
    for (const auto field : fields) {
      const auto here = range_of(begin(), end(), field), there = range_of(others.begin(), others.end(), field);
      out = copy(there.first, there.second, copy(at, here.first, out));
      at = here.second;
    }
    copy(at, end(), out);
  }
  let_go();
  block_ = block;
}

Atoms Atoms::only(std::vector<Field> fields) const {
  Atoms out;
  out.replace(std::move(fields), *this);
  return out;
}

void Atoms::erase(std::uint64_t key) {
  const auto* at = find(key);
  if (!at) return;
  auto* block = make(size() - 1);
  if (block) copy(at + 1, end(), copy(begin(), at, block->atoms()));
  let_go();
  block_ = block;
}

std::ptrdiff_t equal_prefix(const Atom* a, const Atom* a_end, const Atom* b, const Atom* b_end) {
  constexpr std::ptrdiff_t stride = 16;
  const auto* from = a;
  for (auto left = std::min(a_end - a, b_end - b); left >= stride; left -= stride, a += stride, b += stride)
    if (std::memcmp(a, b, stride * sizeof(Atom)) != 0) break;
  return a - from;
}

std::vector<Atom> differing(const Atoms& a, const Atoms& b) {
  std::vector<Atom> out;
  const auto *x = a.begin(), *y = b.begin();
  while (x != a.end() || y != b.end()) {
    const auto equal = equal_prefix(x, a.end(), y, b.end());
    x += equal, y += equal;
    if (y == b.end() || (x != a.end() && *x < *y)) {
      if (x != a.end()) out.push_back(*x++);
    } else if (x == a.end() || *y < *x) {
      out.push_back(*y++);
    } else {
      ++x, ++y;
    }
  }
  return out;
}

}  // namespace knm
