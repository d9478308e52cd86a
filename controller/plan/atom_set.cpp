#include "controller/plan/atom_set.hpp"

#include <cstdlib>
#include <new>
#include <utility>

namespace knm {
namespace {

bool by_key(const Atom& a, const Atom& b) { return a.key < b.key; }

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
  if (block_) std::uninitialized_copy(atoms.begin(), atoms.end(), block_->atoms());
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
  auto* out = std::uninitialized_copy(begin(), at, block->atoms());
  *out++ = atom;
  std::uninitialized_copy(known ? at + 1 : at, end(), out);
  let_go();
  block_ = block;
}

void Atoms::set(const Atoms& others) {
  if (others.size() == 1) return set(*others.begin());
  std::vector<Atom> all(others.begin(), others.end());
  std::remove_copy_if(begin(), end(), std::back_inserter(all),
                      [&](const Atom& atom) { return others.find(atom.key) != nullptr; });
  *this = Atoms(std::move(all));
}

void Atoms::erase(std::uint64_t key) {
  const auto* at = find(key);
  if (!at) return;
  auto* block = make(size() - 1);
  if (block) std::uninitialized_copy(at + 1, end(), std::uninitialized_copy(begin(), at, block->atoms()));
  let_go();
  block_ = block;
}

}  // namespace knm
