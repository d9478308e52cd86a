#include "controller/engine/fights.hpp"

#include "controller/engine/things.hpp"

namespace knm {

Fights::Fights(const Table& table, const Binder& binder, Pacing& pacing, Schedule& schedule, ProblemNotes& notes,
               const Reports& reports)
    : table_(table), binder_(binder), pacing_(pacing), schedule_(schedule), notes_(notes), reports_(reports) {}

void Fights::report_drift(SlotId id, Drift drift, std::string text, Time now) {
  pacing_.fights().note(thing_of(table_[id]), now);
  // The writer of a Pod or Service is read with the next patch; the config API does not record writers.
  if (table_[id].target_api() == TargetApi::config) note_writer(id, "", now);
  reports_.send({Report::Kind::drift, id, Step::nothing, 0, Time{0}, std::move(text), drift});
}

// One or two overwrites may be chance.
void Fights::note_writer(SlotId id, const std::string& writer, Time now) {
  const auto& entry = table_[id];
  const auto thing = thing_of(entry);
  if (!pacing_.fights().is_often(thing, now)) return;
  const auto subject = subject_of(binder_.unit_of(id));
  if (notes_.uid_of(subject).empty()) return;
  const bool is_new = !notes_.has(Trouble::overwritten, id, subject);
  if (!is_new && writer.empty()) return;
  const auto what = entry.target_api() == TargetApi::config
                        ? std::string(contrail::name(entry.type())) + " " + entry.name() + " in the config API"
                        : std::string(text_named(entry.target_api()));
  const auto who = writer.empty() ? std::string("another client") : writer;
  notes_.begin(Trouble::overwritten, id, subject,
               {"OverwrittenByOthers", who + " overwrites the " + what +
                                           " repeatedly, and the controller repairs it at growing intervals; stop " +
                                           (writer.empty() ? "that client" : who) + " from writing there"});
  if (is_new) schedule_.at(pacing_.fights().forgotten_at(thing), id);
  reports_.send({Report::Kind::overwritten, id, Step::nothing, 0, Time{0}, writer});
}

void Fights::review(SlotId id, Time now) {
  if (!notes_.has(Trouble::overwritten, id)) return;
  const auto thing = thing_of(table_[id]);
  if (pacing_.fights().is_often(thing, now)) return void(schedule_.at(pacing_.fights().forgotten_at(thing), id));
  notes_.end(Trouble::overwritten, id);
}

bool Fights::is_often(SlotId id, Time now) const { return pacing_.fights().is_often(thing_of(table_[id]), now); }

}  // namespace knm
