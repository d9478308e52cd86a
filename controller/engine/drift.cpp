#include "controller/engine/drift.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "controller/engine/engine.hpp"
#include "controller/engine/things.hpp"

namespace knm {

std::string_view name(Watched kind) {
  constexpr std::string_view names[] = {"Namespaces", "Pods", "Services", "EndpointSlices"};
  return names[static_cast<std::size_t>(kind)];
}
namespace {

using contrail::Field;

constexpr std::array<std::string_view, drift_count> names{"changed", "deleted", "replaced"};

bool is_shared(Field field) {
  return field == Field::annotations || field == Field::policies || field == Field::ipams || field == Field::rules;
}

// Others may write to some fields as well: there, what we want is our business, and what carries an id of ours.
bool concerns_us(const Entry& entry, const Atom& atom) {
  const auto field = atom.field();
  if (entry.is_external()) return field == Field::policies && (atom.digest & our_entry) != 0;
  if (!is_shared(field) || entry.desired().find(atom.key)) return true;
  return field == Field::annotations ? atom.entry() == 0 : (atom.digest & our_entry) != 0;
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

std::string_view name(Drift drift) { return names.at(static_cast<std::size_t>(drift)); }

std::string drift_between(const Atoms& before, const Entry& entry) {
  std::map<Field, Counts> fields;
  for (const auto& atom : differing(before, entry.observed())) {
    if (!concerns_us(entry, atom)) continue;
    const bool was = before.find(atom.key), is = entry.observed().find(atom.key);
    auto& counts = fields[atom.field()];
    // One that changed is told twice: as it was, and as it is.
    if (was && is)
      counts.changed += before.contains(atom);
    else
      ++(is ? counts.came : counts.went);
  }
  std::string out;
  for (const auto& [field, counts] : fields)
    out += (out.empty() ? "" : "; ") + std::string(contrail::member(entry.type(), field)) + ": " + text_of(counts);
  return out;
}

void Engine::tell_drift(SlotId id, Drift drift, std::string text, Time now) {
  fights_.note(thing_of(table_[id]), now);
  // Who writes to a Pod or Service is asked with the next patch; the config API knows no names.
  if (table_[id].home() == Home::config) note_overwritten(id, "", now);
  if (report_) report_({Report::Kind::drift, id, Step::nothing, 0, Time{0}, std::move(text), drift});
}

}  // namespace knm
