#include "controller/engine/deletion_guard.hpp"

#include <algorithm>
#include <set>

namespace knm {
namespace {

using contrail::Type;
using Level = k8s::DeletionGuard::Level;

std::string_view name_of_references(Type type) {
  return type == Type::floating_ip      ? "members of floating-ips"
         : type == Type::network_policy ? "rules of network-policys"
                                        : "policy references of virtual-networks";
}

// How many objects or items of a kind exist, and how many would be lost.
struct Tally {
  std::size_t there = 0;
  std::size_t gone = 0;       // without a replacement
  std::size_t replaced = 0;   // by a successor
  std::size_t holders = 0;    // entries that have any
  std::size_t concerned = 0;  // entries of these that would lose some

  Level level(const k8s::DeletionGuard& guard) const {
    // A successor shows that its predecessor is gone: that can be confirmed without a person. The same holds if only
    // one of several entries loses anything: that is no accident, however much it is.
    const auto of_all = std::min(guard.level(gone + replaced, there), Level::confirm);
    return concerned == 1 && holders > 1 ? of_all : std::max(of_all, guard.level(gone, there));
  }
};
using Tallies = std::map<std::string_view, Tally>;

// The keys of the owned items in the entry's field of references.
std::vector<std::uint64_t> own_references(const Entry& entry) {
  std::vector<std::uint64_t> out;
  const auto field = field_of_references(entry.type());
  if (!field) return out;
  for (const auto& item : entry.observed().of(*field))
    if (entry.type() == Type::floating_ip || (item.digest & owned_item) != 0) out.push_back(item.key);
  return out;
}

// Counts the entries of a type; the addresses of a Pod as one, since each Pod has several.
class Counter {
 public:
  Tally& operator[](const Entry& entry) { return tallies_[contrail::plural(entry.type())]; }
  Tally& references_of(Type type) { return tallies_[name_of_references(type)]; }
  void add(const Entry& entry) {
    if (entry.target_api() != TargetApi::config || !entry.exists()) return;
    if (entry.ownership() == Ownership::owned && is_first(entry, false)) {
      auto& tally = (*this)[entry];
      ++tally.there, ++tally.holders;
    }
    const auto references = own_references(entry).size();
    if (references == 0) return;
    auto& tally = references_of(entry.type());
    tally.there += references;
    ++tally.holders;
  }
  // Whether it is the first entry of this kind that counts for its owner.
  bool is_first(const Entry& entry, bool lost) {
    return entry.type() != Type::instance_ip || (lost ? lost_ : there_).insert(entry.identity()).second;
  }
  const Tallies& all() const { return tallies_; }

 private:
  Tallies tallies_;
  std::unordered_set<std::uint64_t> there_, lost_;
};

}  // namespace

k8s::DeletionGuard guard_of(const Settings& settings) {
  k8s::DeletionGuard out;
  out.confirm = static_cast<std::size_t>(settings.mass_delete_confirm);
  if (!settings.allow_mass_delete) out.limit = static_cast<std::size_t>(settings.mass_delete_limit);
  out.fraction = settings.mass_delete_fraction;
  return out;
}

std::string in_words(const std::vector<Guarded>& rows) {
  std::string out;
  for (std::size_t i = 0; i < rows.size(); ++i)
    out += (i == 0                 ? ""
            : i + 1 == rows.size() ? " and "
                                   : ", ") +
           std::to_string(rows[i].held) + " of " + std::to_string(rows[i].of) + " " + rows[i].what;
  return out;
}

DeletionGuard::DeletionGuard(const Settings& settings, const Intent& intent, Table& table, Binder& binder,
                             Schedule& schedule, ProblemNotes& notes, const Reports& reports)
    : settings_(settings),
      intent_(intent),
      table_(table),
      binder_(binder),
      schedule_(schedule),
      notes_(notes),
      reports_(reports) {}

// --- Lists of the running controller

void DeletionGuard::withheld(Watched kind, const k8s::Withheld& now) {
  const auto at = static_cast<std::size_t>(kind);
  const auto before = std::exchange(withheld_[at], now);
  auto& reported = reported_[at];
  // A release of single objects is not reported.
  if (now.objects > 0 && (now.objects > before.objects || now.confirmed != before.confirmed))
    reported = {std::string(name(kind)), now.objects, now.there, now.confirmed, false};
  else if (now.objects == 0)
    reported = {};
  tell();
}

// All requested lists are complete and bound: what is still to be deleted is confirmed.
void DeletionGuard::confirm() {
  auto finding = std::exchange(unconfirmed_, {});
  std::erase_if(finding.doomed, [&](SlotId id) { return !table_[id].is_held() || !is_to_go(table_, table_[id]); });
  for (auto& [id, keys] : finding.references)
    std::erase_if(keys, [&](auto key) { return table_[id].desired().find(key) || !table_[id].observed().find(key); });
  std::erase_if(finding.references, [](const auto& each) { return each.second.empty(); });
  std::erase_if(found_, [](const auto& row) { return !row.confirmed; });
  if (!finding.empty()) judge(std::move(finding), true);
  for (SlotId id = 0; id < table_.size(); ++id)
    if (table_[id].deletion_hold() == DeletionHold::unconfirmed) table_[id].end_hold(), schedule_.push(id);
  tell();
}

// --- A start, and an audit

// All observed objects that are to be deleted.
void DeletionGuard::judge_start() {
  Finding finding;
  for (SlotId id = 0; id < table_.size(); ++id) {
    const auto& entry = table_[id];
    const bool waits = !entry.is_held() || entry.deletion_hold() == DeletionHold::unexplained;
    if (is_to_go(table_, entry) && waits) finding.doomed.push_back(id);
    if (auto keys = references_to_go(entry); !keys.empty()) finding.references.emplace(id, std::move(keys));
  }
  if (!finding.empty()) judge(std::move(finding), false);
}

void DeletionGuard::arrived(SlotId id) {
  auto& entry = table_[id];
  if (!entry.is_held()) entry.hold(DeletionHold::undecided);
  arrived_.doomed.push_back(id);
}

// Items that an audit would remove from desired entries are kept until its end: only then is their number known.
void DeletionGuard::note_brought(SlotId id, const FieldDigests& before, const contrail::Object& object) {
  auto keys = references_to_go(table_[id]);
  std::erase_if(keys, [&](auto key) { return before.find(key) != nullptr; });
  if (keys.empty()) return;
  keep_references(id, keys);
  binder_.loader().keep_rules(id, object);
  arrived_.references[id] = std::move(keys);
}

// The end of an audit: its deletions are released, or held if there are too many.
void DeletionGuard::decide_arrivals() {
  auto arrived = std::exchange(arrived_, {});
  // An event and an audit may have shown the same object.
  std::sort(arrived.doomed.begin(), arrived.doomed.end());
  arrived.doomed.erase(std::unique(arrived.doomed.begin(), arrived.doomed.end()), arrived.doomed.end());
  std::erase_if(arrived.doomed, [&](SlotId id) {
    return !table_[id].exists() || (table_[id].deletion_hold() != DeletionHold::undecided &&
                                    table_[id].deletion_hold() != DeletionHold::unexplained);
  });
  std::erase_if(arrived.references, [&](const auto& each) { return !table_[each.first].exists(); });
  if (!arrived.empty()) judge(std::move(arrived), false);
}

// A completed Pod no longer needs its network: it does not count as lost.
std::unordered_set<std::uint64_t> DeletionGuard::completed_pods() const {
  std::unordered_set<std::uint64_t> out;
  for (const auto& key : intent_.unsorted_keys(UnitKind::pod))
    if (const auto* pod = intent_.pod(key); pod && !pod->has_network) out.insert(identity_of(pod->uid));
  return out;
}

// The loss of each kind, and the level of confirmation that it needs.
std::vector<Guarded> DeletionGuard::weigh(const Finding& finding, Level& level) const {
  const auto done = completed_pods();
  Counter count;
  for (SlotId id = 0; id < table_.size(); ++id) count.add(table_[id]);
  const std::set<SlotId> doomed(finding.doomed.begin(), finding.doomed.end());
  const auto lose = [&](SlotId id, const auto& keys) {
    auto& tally = count.references_of(table_[id].type());
    const auto before = tally.gone;
    for (const auto key : keys) {
      const auto target = table_[id].type() == Type::floating_ip ? table_.target({key, 0}) : no_slot;
      // An interface that is deleted itself counts as one.
      if (target == no_slot || (!doomed.contains(target) && !done.contains(table_[target].identity()))) ++tally.gone;
    }
    if (tally.gone > before) ++tally.concerned;
  };
  for (const auto id : finding.doomed) {
    const auto& entry = table_[id];
    if (done.contains(entry.identity()) || !count.is_first(entry, true)) continue;
    ++(entry.is_desired() ? count[entry].replaced : count[entry].gone);
    ++count[entry].concerned;
    if (entry.type() == Type::floating_ip && !entry.is_desired()) lose(id, own_references(entry));
  }
  for (const auto& [id, keys] : finding.references) lose(id, keys);
  std::vector<Guarded> out;
  const auto guard = guard_of(settings_);
  level = Level::none;
  for (const auto& [what, tally] : count.all()) {
    auto of_kind = tally.level(guard);
    // Rules follow from networks and policies, which are counted.
    if (what == name_of_references(Type::network_policy)) of_kind = std::min(of_kind, Level::confirm);
    level = std::max(level, of_kind);
    if (of_kind == Level::none) continue;
    const auto held = of_kind == Level::hold ? tally.gone : tally.gone + tally.replaced;
    out.push_back({std::string(what), held, tally.there, false, true});
  }
  return out;
}

// Releases the finding, requests a second list of everything, or holds it for a person.
void DeletionGuard::judge(Finding finding, bool confirmed) {
  auto level = Level::none;
  auto rows = weigh(finding, level);
  if (!confirmed) level = std::min(level, Level::confirm);
  if (level == Level::none || (confirmed && level == Level::confirm)) return release(finding);
  const auto why = level == Level::hold ? DeletionHold::guard : DeletionHold::unconfirmed;
  for (auto& row : rows) row.confirmed = level == Level::hold;
  for (const auto id : finding.doomed) {
    auto& entry = table_[id];
    if (why == DeletionHold::guard && entry.is_desired())
      entry.end_hold(), schedule_.push(id);  // its successor exists, and that is confirmed
    else if (why == DeletionHold::guard || entry.deletion_hold() != DeletionHold::unexplained)
      entry.hold(why), schedule_.push(id);
  }
  for (const auto& [id, keys] : finding.references) {
    keep_references(id, keys);
    // Its rules are written as a whole: the ones that stay must be known.
    if (table_[id].type() == Type::network_policy && !table_[id].must_verify() && !table_[id].is_in_flight())
      table_[id].verify(Verify::by_uuid);
    schedule_.push(id);
  }
  std::erase_if(found_, [](const auto& row) { return !row.confirmed; });
  found_.insert(found_.end(), rows.begin(), rows.end());
  if (why == DeletionHold::unconfirmed) {
    awaited_.set();
    unconfirmed_.doomed.insert(unconfirmed_.doomed.end(), finding.doomed.begin(), finding.doomed.end());
    for (const auto& [id, keys] : finding.references) {
      auto& all = unconfirmed_.references[id];
      all.insert(all.end(), keys.begin(), keys.end());
      std::sort(all.begin(), all.end());
    }
  }
  tell();
}

void DeletionGuard::release(const Finding& finding) {
  for (const auto id : finding.doomed) {
    auto& entry = table_[id];
    if (entry.deletion_hold() == DeletionHold::undecided || entry.deletion_hold() == DeletionHold::unconfirmed)
      entry.end_hold();
    schedule_.push(id);
  }
  for (const auto& [id, keys] : finding.references) release_references(id, keys);
}

// --- Single entries

// The owned items that are observed and not desired, of entries that are desired or stay.
std::vector<std::uint64_t> DeletionGuard::references_to_go(const Entry& entry) const {
  if (entry.target_api() != TargetApi::config || !(is_in_place(entry) || (entry.exists() && entry.is_retained())))
    return {};
  auto out = own_references(entry);
  std::erase_if(out, [&](auto key) { return entry.desired().find(key) != nullptr; });
  return out;
}

// Keeps these items.
void DeletionGuard::keep_references(SlotId id, const std::vector<std::uint64_t>& keys) {
  std::vector<std::uint64_t> kept = table_[id].cold().kept;
  kept.insert(kept.end(), keys.begin(), keys.end());
  std::sort(kept.begin(), kept.end());
  kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
  table_[id].keep_items(std::move(kept));
}

// `keys` sorted as in the entry.
void DeletionGuard::release_references(SlotId id, const std::vector<std::uint64_t>& keys) {
  std::vector<std::uint64_t> kept = table_[id].cold().kept;
  std::erase_if(kept, [&](auto key) { return std::binary_search(keys.begin(), keys.end(), key); });
  table_[id].keep_items(std::move(kept));
  schedule_.push(id);
}

// Releases what is observed or desired again.
void DeletionGuard::review_kept(SlotId id) {
  const auto& entry = table_[id];
  if (entry.cold().kept.empty()) return;
  std::vector<std::uint64_t> over;
  const bool all = !entry.exists() || (!entry.is_desired() && !entry.is_retained());
  for (const auto key : entry.cold().kept)
    if (all || entry.desired().find(key) || !entry.observed().find(key)) over.push_back(key);
  if (!over.empty()) release_references(id, over);
}

// Whether anything is still held because of a start or an audit.
void DeletionGuard::review() {
  if (found_.empty()) return;
  for (SlotId id = 0; id < table_.size(); ++id) {
    review_kept(id);
    const auto& entry = table_[id];
    if (entry.deletion_hold() == DeletionHold::guard || entry.deletion_hold() == DeletionHold::unconfirmed ||
        !entry.cold().kept.empty())
      return;
  }
  found_.clear();
  tell();
}

// A Namespace that was created again waits for objects held in the project of the former one.
void DeletionGuard::blame(SlotId project) {
  const auto unit = binder_.unit_of(project);
  if (!unit) return;
  notes_.begin(
      Trouble::held, project, subject_of(unit),
      {"ObjectOccupied",
       "the project " + table_[project].name() +
           " of the previous Namespace must be deleted first, but the mass-deletion guard holds the deletion of its "
           "content; check that Kubernetes shows the correct objects, then start once with --allow-mass-delete"});
}

// --- Reports

std::vector<Guarded> DeletionGuard::guarded() const {
  std::vector<Guarded> out;
  for (std::size_t kind = 0; kind < watched_count; ++kind)
    if (const auto& now = withheld_[kind]; now.objects > 0)
      out.push_back({std::string(name(static_cast<Watched>(kind))), now.objects, now.there, now.confirmed, false});
  out.insert(out.end(), found_.begin(), found_.end());
  return out;
}

std::string DeletionGuard::in_words() const {
  std::vector<Guarded> waits, asked;
  const auto add = [&](const Guarded& row) {
    if (row.held > 0) (row.confirmed ? waits : asked).push_back(row);
  };
  for (const auto& row : reported_) add(row);
  for (const auto& row : found_) add(row);
  if (!waits.empty())
    return knm::in_words(waits) +
           " would be deleted at once (mass-delete-limit, mass-delete-fraction), so these objects and their dependents "
           "stay; check that Kubernetes shows the correct objects, then start once with --allow-mass-delete";
  if (!asked.empty())
    return knm::in_words(asked) +
           " would be deleted at once (mass-delete-confirm, mass-delete-fraction), so these objects and their "
           "dependents stay until a second list of Kubernetes confirms the deletion";
  return {};
}

void DeletionGuard::tell() {
  const auto text = in_words();
  std::vector<Problem> problems;
  if (!text.empty()) problems.push_back({"MassDeletionHeld", text});
  if (notes_.note_cluster("guard", std::move(problems)))
    reports_.tell(text.empty() ? Report::Kind::guard_over : Report::Kind::guard, no_slot, Step::nothing, 0, text);
}

void DeletionGuard::mark_needed(std::vector<bool>& slots) const {
  for (const auto* finding : {&unconfirmed_, &arrived_}) {
    for (const auto id : finding->doomed) slots[id] = true;
    for (const auto& [id, keys] : finding->references) slots[id] = true;
  }
}

}  // namespace knm
