#include "controller/engine/drift.hpp"

#include <algorithm>
#include <map>

namespace knm {
namespace {

using contrail::Field;

bool is_shared(Field field) {
  return field == Field::annotations || field == Field::policies || field == Field::ipams || field == Field::rules;
}

// Other clients may write some fields too: there, only desired items and items with an owned id count.
bool concerns_us(const Entry& entry, const FieldDigest& item) {
  const auto field = item.field();
  if (entry.is_external()) return field == Field::policies && (item.digest & owned_item) != 0;
  if (!is_shared(field) || entry.desired().find(item.key)) return true;
  return field == Field::annotations ? item.entry() == 0 : (item.digest & owned_item) != 0;
}

struct Counts {
  std::size_t came = 0, went = 0, changed = 0;
};

std::string text_of(const Counts& counts) {
  std::string out;
  const auto add = [&](std::size_t count, const char* what) {
    if (count > 0) out += (out.empty() ? "" : ", ") + std::to_string(count) + " " + what;
  };
  add(counts.came, "came");
  add(counts.went, "went");
  add(counts.changed, "changed");
  return out;
}

}  // namespace

std::string drift_between(const FieldDigests& before, const Entry& entry) {
  std::map<Field, Counts> fields;
  for (const auto& item : differing(before, entry.observed())) {
    if (!concerns_us(entry, item)) continue;
    const bool was = before.find(item.key), is = entry.observed().find(item.key);
    auto& counts = fields[item.field()];
    // A changed item is in both lists: as it was, and as it is.
    if (was && is)
      counts.changed += before.contains(item);
    else
      ++(is ? counts.came : counts.went);
  }
  std::string out;
  for (const auto& [field, counts] : fields)
    out += (out.empty() ? "" : "; ") + std::string(contrail::member(entry.type(), field)) + ": " + text_of(counts);
  return out;
}

}  // namespace knm
