#include "controller/plan/digest_set.hpp"

#include <array>
#include <cstring>
#include <new>
#include <utility>

namespace knm {
namespace {

using contrail::Field;
using Run = std::span<const FieldDigest>;  // of one leaf

bool is_before(const FieldDigest& item, std::uint64_t key) { return item.key < key; }

bool is_equal(const FieldDigest* a, const FieldDigest* b, std::size_t count) {
  return a == b || std::memcmp(a, b, count * sizeof(FieldDigest)) == 0;
}

// Appends a run. Returns the end of the output.
FieldDigest* copy(Run run, FieldDigest* out) {
  if (!run.empty()) std::memcpy(static_cast<void*>(out), run.data(), run.size() * sizeof(FieldDigest));
  return out + run.size();
}

// The length of the common beginning of two arrays of `count` digests, or a few less.
std::size_t equal_prefix(const FieldDigest* a, const FieldDigest* b, std::size_t count) {
  constexpr std::size_t stride = 16;
  // Large blocks are cheaper to compare; only a block with a difference is searched in smaller ones.
  if (is_equal(a, b, count)) return count;
  std::size_t out = 0;
  while (out + stride <= count && is_equal(a + out, b + out, stride)) out += stride;
  return out;
}

}  // namespace

static_assert(std::is_trivially_copyable_v<FieldDigest>);

// --- Memory

FieldDigests::Block* FieldDigests::make(std::size_t size) {
  if (size == 0) return nullptr;
  auto* memory = ::operator new(sizeof(Block) + size * sizeof(FieldDigest));
  return new (memory) Block{1, static_cast<std::uint32_t>(size)};
}

void FieldDigests::let_go(Block* block) {
  if (!block || --block->users > 0) return;
  if (block->size > most) {
    auto* row = static_cast<Row*>(block);
    std::for_each(row->leaves(), row->leaves() + row->count, let_go);
  }
  ::operator delete(block);
}

// Builds a row: shares the leaves that lie in it as a whole, and makes new ones of the digests between them. A leaf has
// at least `least` digests: it takes in those of the next leaf rather than stay small.
class FieldDigests::Leaves {
 public:
  explicit Leaves(std::size_t size) { leaves_.reserve(size / least), runs_.reserve(4); }

  void add(Range range) {
    while (!range.empty()) {
      const auto run = range.run();
      auto* leaf = range.from_.leaf_ ? *range.from_.leaf_ : nullptr;
      if (leaf && run.size() == leaf->size && (open_ == 0 || open_ >= least)) {
        if (open_ > 0) close();
        ++leaf->users;
        leaves_.push_back(leaf);
      } else {
        runs_.push_back(run);
        open_ += run.size();
      }
      range.skip(run.size());
    }
  }

  Block* take(std::size_t size) {
    Block* last = nullptr;
    if (open_ > 0 && open_ < least) {
      last = leaves_.back();
      leaves_.pop_back();
      runs_.insert(runs_.begin(), Run(last->items(), last->size));
      open_ += last->size;
    }
    close();
    let_go(last);
    auto* memory = ::operator new(sizeof(Row) + (leaves_.size() + 1) * sizeof(Block*));
    auto* row = new (memory) Row{{1, static_cast<std::uint32_t>(size)}, leaves_.size()};
    *std::copy(leaves_.begin(), leaves_.end(), row->leaves()) = nullptr;
    return row;
  }

 private:
  // Makes leaves of the open runs, with room for more digests if there are several leaves.
  void close() {
    constexpr auto usual = most * 3 / 4;
    const auto count = open_ <= most ? 1 : (open_ + usual - 1) / usual;
    auto run = runs_.begin();
    for (std::size_t i = 0; i < count && open_ > 0; ++i) {
      auto* leaf = make(open_ * (i + 1) / count - open_ * i / count);
      for (auto* out = leaf->items(); out != leaf->end();) {
        const auto part = run->first(std::min(run->size(), static_cast<std::size_t>(leaf->end() - out)));
        out = copy(part, out);
        *run = run->subspan(part.size());
        if (run->empty()) ++run;
      }
      leaves_.push_back(leaf);
    }
    runs_.clear();
    open_ = 0;
  }

  std::vector<Block*> leaves_;
  std::vector<Run> runs_;
  std::size_t open_ = 0;  // digests in the open runs
};

void FieldDigests::assemble(std::span<const Range> pieces, const FieldDigests* likely) {
  std::size_t total = 0;
  for (const auto& piece : pieces) total += piece.size();
  if (likely && total == likely->size()) {
    auto rest = likely->all();
    if (std::all_of(pieces.begin(), pieces.end(), [&](const Range& piece) { return Range::takes(rest, piece); }))
      return void(*this = *likely);
  }
  Block* block = nullptr;
  if (total > most) {
    Leaves leaves(total);
    for (const auto& piece : pieces) leaves.add(piece);
    block = leaves.take(total);
  } else if (total > 0) {
    block = make(total);
    auto* out = block->items();
    for (auto piece : pieces)
      for (; !piece.empty(); piece.skip(piece.run().size())) out = copy(piece.run(), out);
  }
  let_go(block_);
  block_ = block;
}

// --- One digest

FieldDigests::FieldDigests(std::vector<FieldDigest> items) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end(),
                          [](const FieldDigest& a, const FieldDigest& b) { return a.key == b.key; }),
              items.end());
  const Range all{Run(items)};
  assemble({&all, 1}, nullptr);
}

FieldDigests::const_iterator FieldDigests::lower_bound(std::uint64_t key) const {
  if (!block_) return {};
  auto* block = block_;
  Block* const* leaf = nullptr;
  if (is_row()) {
    const auto begins_behind = [](std::uint64_t at, Block* other) { return at < other->items()->key; };
    auto *const *first = row()->leaves() + 1, *const *end = first + row()->count - 1;
    // Nearly all fields except the largest are in the last leaf.
    leaf = begins_behind(key, end[-1]) ? std::upper_bound(first, end, key, begins_behind) - 1 : end - 1;
    block = *leaf;
  }
  return {std::lower_bound(block->items(), block->end(), key, is_before), block->end(), leaf};
}

FieldDigests::Range FieldDigests::of(Field first, Field last) const {
  const auto from = static_cast<std::uint64_t>(first) << 56, to = (static_cast<std::uint64_t>(last) + 1) << 56;
  if (!block_ || is_row()) return {lower_bound(from), lower_bound(to)};
  const FieldDigest *at = block_->items(), *const end = block_->end();
  // Nearly all sets are so short that a search by halves costs more.
  constexpr std::ptrdiff_t few = 16;
  if (end - at > few) at = std::lower_bound(at, end, from, is_before);
  while (at != end && at->key < from) ++at;
  const auto* behind = at;
  if (end - at > few) behind = std::lower_bound(at, end, to, is_before);
  while (behind != end && behind->key < to) ++behind;
  return {{at, end, nullptr}, {behind, end, nullptr}};
}

const FieldDigest* FieldDigests::find(std::uint64_t key) const {
  const auto at = lower_bound(key);
  return at != end() && at->key == key ? &*at : nullptr;
}

bool FieldDigests::contains(const FieldDigest& item) const {
  const auto* found = find(item.key);
  return found && *found == item;
}

void FieldDigests::set(const FieldDigest& item, const FieldDigests* likely) {
  const auto at = lower_bound(item.key);
  const bool known = at != end() && at->key == item.key;
  if (known && at->digest == item.digest) return;
  const FieldDigest one = item;  // `item` may be an element of this set
  const std::array<Range, 3> pieces{{{begin(), at}, Range({&one, 1}), {known ? std::next(at) : at, end()}}};
  assemble(pieces, likely);
}

void FieldDigests::erase(std::uint64_t key, const FieldDigests* likely) {
  const auto at = lower_bound(key);
  if (at == end() || at->key != key) return;
  const std::array<Range, 2> pieces{{{begin(), at}, {std::next(at), end()}}};
  assemble(pieces, likely);
}

// --- Several digests

void FieldDigests::set(const FieldDigests& others, const FieldDigests* likely) {
  if (others.size() == 1) return set(others.front(), likely);
  change(others, {}, likely);
}

void FieldDigests::change(const FieldDigests& in, std::vector<std::uint64_t> out, const FieldDigests* likely) {
  std::sort(out.begin(), out.end());
  std::vector<Range> pieces;
  auto at = begin();
  auto come = in.begin();
  auto gone = out.begin();
  while (come != in.end() || gone != out.end()) {
    const bool comes = come != in.end() && (gone == out.end() || come->key <= *gone);
    const auto key = comes ? come->key : *gone;
    const auto next = lower_bound(key);
    pieces.emplace_back(at, next);
    at = next != end() && next->key == key ? std::next(next) : next;
    while (gone != out.end() && *gone == key) ++gone;
    if (comes) pieces.emplace_back(Run(&*come++, 1));
  }
  pieces.emplace_back(at, end());
  assemble(pieces, likely);
}

void FieldDigests::replace(std::vector<Field> fields, const FieldDigests& others, const FieldDigests* likely) {
  std::sort(fields.begin(), fields.end());
  fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
  std::vector<Range> pieces;
  auto at = begin();
  for (const auto field : fields) {
    const auto here = of(field);
    pieces.emplace_back(at, here.begin());
    pieces.push_back(others.of(field));
    at = here.end();
  }
  pieces.emplace_back(at, end());
  assemble(pieces, likely);
}

FieldDigests FieldDigests::only(std::vector<Field> fields) const {
  FieldDigests out;
  out.replace(std::move(fields), *this);
  return out;
}

// --- Two sets

std::size_t FieldDigests::Range::size() const {
  auto out = run().size();
  if (from_.leaf_ == to_.leaf_) return out;
  for (auto* const* leaf = from_.leaf_ + 1; leaf != to_.leaf_; ++leaf) out += (*leaf)->size;
  return out + static_cast<std::size_t>(to_.at_ - (*to_.leaf_)->items());
}

void FieldDigests::Range::skip_shared(Range& a, Range& b) {
  if (a.from_.at_ != b.from_.at_) return;
  auto *const *x = a.from_.leaf_, *const *y = b.from_.leaf_;
  while (x != a.to_.leaf_ && y != b.to_.leaf_ && *x == *y) ++x, ++y;
  if (x == a.from_.leaf_) return;
  a.from_ = {(*x)->items(), (*x)->end(), x};
  b.from_ = {(*y)->items(), (*y)->end(), y};
}

bool FieldDigests::Range::takes(Range& whole, Range part) {
  for (skip_shared(whole, part); !part.empty(); skip_shared(whole, part)) {
    const auto a = whole.run(), b = part.run();
    const auto count = std::min(a.size(), b.size());
    if (!is_equal(a.data(), b.data(), count)) return false;
    whole.skip(count), part.skip(count);
  }
  return true;
}

void skip_equal(FieldDigests::Range& a, FieldDigests::Range& b) {
  for (;;) {
    FieldDigests::Range::skip_shared(a, b);
    if (a.empty() || b.empty()) return;
    const auto x = a.run(), y = b.run();
    const auto count = std::min(x.size(), y.size()), equal = equal_prefix(x.data(), y.data(), count);
    a.skip(equal), b.skip(equal);
    if (equal < count) return;
  }
}

std::vector<FieldDigest> differing(FieldDigests::Range a, FieldDigests::Range b) {
  std::vector<FieldDigest> out;
  const auto take = [&](FieldDigests::Range& range) {
    out.push_back(range.front());
    range.skip(1);
  };
  for (;;) {
    skip_equal(a, b);
    if (a.empty() && b.empty()) return out;
    if (b.empty() || (!a.empty() && a.front() < b.front()))
      take(a);
    else if (a.empty() || b.front() < a.front())
      take(b);
    else
      a.skip(1), b.skip(1);
  }
}

std::vector<FieldDigest> differing(const FieldDigests& a, const FieldDigests& b) {
  return a.shares_with(b) ? std::vector<FieldDigest>() : differing(a.all(), b.all());
}

}  // namespace knm
