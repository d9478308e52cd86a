#include "controller/engine/patch_answers.hpp"

#include <utility>

namespace knm {
namespace {

std::uint64_t version_shown(const Intent& intent, const Entry& entry) {
  if (entry.target_api() == TargetApi::pod_state) {
    const auto* pod = intent.pod(entry.name());
    return pod ? pod->resource_version : 0;
  }
  const auto* service = intent.service(entry.name());
  return service ? service->resource_version : 0;
}

// Its version may be unknown then: after a restore of etcd.
bool is_there(const Intent& intent, const Entry& entry) {
  return entry.target_api() == TargetApi::pod_state ? intent.pod(entry.name()) != nullptr
                                                    : intent.service(entry.name()) != nullptr;
}

}  // namespace

PatchAnswers::PatchAnswers(const Intent& intent, Table& table, Binder& binder, Schedule& schedule, ProblemNotes& notes,
                           Fights& fights, NetworkWaits& waits, Rebinder& rebinder, const Reports& reports)
    : intent_(intent),
      table_(table),
      binder_(binder),
      schedule_(schedule),
      notes_(notes),
      fights_(fights),
      waits_(waits),
      rebinder_(rebinder),
      reports_(reports) {}

bool PatchAnswers::is_same_object(const Entry& entry, const std::string& uid) const {
  if (entry.target_api() == TargetApi::service_status) {
    const auto* service = intent_.service(entry.name());
    return service && service->uid == uid;
  }
  const auto* pod = intent_.pod(entry.name());
  return pod && pod->uid == uid;
}

// Applies an answer to what is known of the API server itself.
void PatchAnswers::count(TargetApi api, SlotId id, const PatchAnswer& answer, Time now) {
  auto& outage = outages_[static_cast<std::size_t>(api)];
  const bool is_servers = answer.result == PatchResult::no_rights || answer.result == PatchResult::no_answer;
  const bool is_news = schedule_.count_answer(api, id, is_servers, now);
  const auto say = [&](Report::Kind kind, std::string text) {
    outage.reported_at = now;
    reports_.tell(kind, id, Step::patch, 0, std::move(text));
  };
  if (is_servers) {
    constexpr auto said_again = std::chrono::minutes(5);
    if (!schedule_.is_down(api)) return;
    if (!is_news && now - outage.reported_at < said_again) return;
    outage.why = "the API server refuses all patches of " +
                 std::string(api == TargetApi::pod_state ? "Pods (" : "Services (") + std::string(text_named(api)) +
                 "): " + answer.error;
    notes_.note_cluster(text_named(api), {{"WritesRefused", outage.why}});
    return say(Report::Kind::writes_refused, outage.why);
  }
  if (!is_news) return;
  outage.why.clear();
  notes_.note_cluster(text_named(api), {});
  say(Report::Kind::writes_taken, {});
}

void PatchAnswers::handle(const InFlight& request, const PatchAnswer& answer, Time now) {
  const auto id = request.slot;
  auto& entry = table_[id];
  count(entry.target_api(), id, answer, now);
  reports_.send(
      {Report::Kind::patched, id, request.action.step, 0, now - request.since, answer.error, {}, answer.result});
  fights_.note_writer(id, answer.writer, now);
  const bool is_same = is_same_object(entry, request.object_uid);
  if (answer.result == PatchResult::done) {
    entry.observe_text(request.sent);
    entry.confirm(answer.resource_version);
    entry.succeeded();
    notes_.end_refusal(id);
    if (entry.observed() == entry.desired()) binder_.status_written(id);
    // The watch may have shown a newer change before this answer arrived. A version that it had shown before the
    // request was sent is not newer, even if it is higher: after a restore of etcd the versions begin again.
    const auto shown = version_shown(intent_, entry);
    if (shown != request.shown && shown >= answer.resource_version) rebinder_.rebind_owner_of(id, now);
    if (entry.target_api() == TargetApi::pod_state && is_same && request.action.step == Step::patch &&
        !request.sent.empty())
      waits_.over(id, now);
  } else if (answer.result != PatchResult::gone) {
    schedule_.fail(id, answer.error, now);
    notes_.note_patch_refusal(id, answer.result, answer.error);
  } else if (is_same) {
    // The object is deleted or replaced: the watch will show it; until then nothing is to be written.
    entry.observe_text(entry.desired());
  }
  schedule_.push(id);
}

void PatchAudit::restored(TargetApi api) {
  for (SlotId id = 0; id < table_.size(); ++id) {
    if (table_[id].target_api() != api || table_[id].confirmed_at() == 0) continue;
    table_[id].confirm(0);
    undone_.push_back(id);
  }
}

void PatchAudit::listed(TargetApi api, std::uint64_t resource_version) {
  for (SlotId id = 0; id < table_.size(); ++id) {
    auto& entry = table_[id];
    if (entry.target_api() != api || entry.confirmed_at() == 0 || entry.confirmed_at() > resource_version) continue;
    // The list is newer than the patch, and no watch has shown the patch: it was undone.
    if (is_there(intent_, entry) && version_shown(intent_, entry) < entry.confirmed_at()) undone_.push_back(id);
    entry.confirm(0);
  }
}

void PatchAudit::repeat_undone(Time now) {
  for (const auto id : std::exchange(undone_, {})) rebinder_.rebind_owner_of(id, now);
}

// The watches show what was written. A patch that they have not shown between two audits was lost, although it was
// answered with success.
void PatchAudit::repeat_unseen(Time now) {
  std::map<SlotId, std::uint64_t> unseen;
  for (SlotId id = 0; id < table_.size(); ++id) {
    auto& entry = table_[id];
    if (entry.target_api() == TargetApi::config || !entry.is_desired() || entry.is_in_flight() ||
        version_shown(intent_, entry) >= entry.confirmed_at())
      continue;
    const auto before = unseen_.find(id);
    if (before == unseen_.end() || before->second != entry.confirmed_at()) {
      unseen.emplace(id, entry.confirmed_at());
      continue;
    }
    entry.confirm(0);
    rebinder_.rebind_owner_of(id, now);
  }
  unseen_ = std::move(unseen);
}

void PatchAudit::mark_needed(std::vector<bool>& slots) const {
  for (const auto id : undone_) slots[id] = true;
}

}  // namespace knm
