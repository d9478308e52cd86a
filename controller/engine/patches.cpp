#include <algorithm>
#include <array>

#include "controller/engine/engine.hpp"
#include "controller/engine/things.hpp"
#include "controller/engine/waiting.hpp"

// What is written to Kubernetes: the annotation of a Pod, and the status of a Service.
namespace knm {
namespace {

constexpr std::array<std::string_view, patch_result_count> results{"done",    "gone",      "failed",
                                                                   "dropped", "no_rights", "no_answer"};

std::string_view what_of(Home home) {
  return home == Home::pod_state ? "annotation opencontrail.org/pod-state" : "status.loadBalancer";
}

}  // namespace

std::string_view name(PatchResult result) { return results.at(static_cast<std::size_t>(result)); }

// Others may have written to the annotation of the Pod, or the status of the Service.
void Engine::bind_text(const Unit& unit, Time now, bool same_objects) {
  const auto* pod = unit.kind == UnitKind::pod ? intent_.pod(unit.key) : nullptr;
  const auto* service = unit.kind == UnitKind::service ? intent_.service(unit.key) : nullptr;
  const bool is_written = pod ? pod->networked : service && service->wants_load_balancer;
  const auto home = pod ? Home::pod_state : Home::service_status;
  const auto id = is_written ? table_.slot(home, contrail::Type::project, unit.key) : no_slot;
  const bool settled = id != no_slot && table_[id].is_desired() && !table_[id].is_in_flight() &&
                       table_[id].desired() == table_[id].observed();
  const auto wanted = settled ? table_[id].desired() : Atoms{};
  ask(same_objects ? binder_.reread_text(unit, now) : binder_.bind(unit, now), now);
  if (!settled || table_[id].desired() != wanted || table_[id].observed() == wanted) return;
  tell_drift(id, table_[id].observed().empty() ? Drift::deleted : Drift::changed, std::string(what_of(home)), now);
}

// From when on a Pod waits for its network, and that it has it: told once, be it the answer to our patch that says so
// or, if that comes late or never, the watch. What others take away later makes no news.
void Engine::await_network(const ObjectKey& key, Time now) {
  const auto* pod = intent_.pod(key);
  const auto seen = first_seen_.find(key);
  const bool waits = seen != first_seen_.end();
  if (!pod || !pod->networked) {
    if (waits) first_seen_.erase(seen);
    return;
  }
  const auto id = table_.slot(Home::pod_state, contrail::Type::project, key);
  const auto& entry = table_[id];
  if (pod->state) {
    if (entry.desired() == entry.observed() && !entry.observed().empty()) tell_network(id, now);
    return;
  }
  const bool is_told = entry.identity() == identity_of(pod->uid);
  if (!waits && entry.observed().empty() && !is_told) first_seen_.try_emplace(pod->key, now);
}

void Engine::tell_network(SlotId id, Time now) {
  auto& entry = table_[id];
  if (const auto* pod = intent_.pod(entry.name())) {
    entry.identify_text(identity_of(pod->uid));
  }
  const auto seen = first_seen_.find(entry.name());
  if (seen == first_seen_.end()) return;
  tell(Report::Kind::pod_ready, id, Step::patch, 0, {}, now - seen->second);
  first_seen_.erase(seen);
}

// What an answer says of the API server itself.
void Engine::count_patch(Home home, SlotId id, const PatchAnswer& answer, Time now) {
  auto& side = this->side(home);
  const bool is_servers = answer.result == PatchResult::no_rights || answer.result == PatchResult::no_answer;
  const bool is_news = count_answer(side, id, is_servers, now);
  const auto say = [&](Report::Kind kind, std::string text) {
    side.told_at = now;
    tell(kind, id, Step::patch, 0, std::move(text));
  };
  if (is_servers) {
    constexpr auto said_again = std::chrono::minutes(5);
    if (!side.breaker.open()) return;
    if (!is_news && now - side.told_at < said_again) return;
    side.trouble = "the API server refuses all patches of " +
                   std::string(home == Home::pod_state ? "Pods (" : "Services (") + std::string(what_of(home)) +
                   "): " + answer.error;
    note_of_cluster(what_of(home), {{"WritesRefused", side.trouble}});
    return say(Report::Kind::writes_refused, side.trouble);
  }
  if (!is_news) return;
  side.trouble.clear();
  note_of_cluster(what_of(home), {});
  say(Report::Kind::writes_taken, {});
}

void Engine::answer(std::uint64_t job, const PatchAnswer& answer, Time now) {
  const auto landed = land(job, now);
  if (!landed) return;
  const auto& flight = *landed;
  const auto id = flight.slot;
  auto& entry = table_[id];
  count_patch(entry.home(), id, answer, now);
  if (report_)
    report_({Report::Kind::patched, id, flight.action.step, 0, now - flight.since, answer.error, {}, answer.result});
  note_overwritten(id, answer.writer, now);
  const auto is_same = [&] {
    if (entry.home() == Home::service_status) {
      const auto* service = intent_.service(entry.name());
      return service && service->uid == flight.object_uid;
    }
    const auto* pod = intent_.pod(entry.name());
    return pod && pod->uid == flight.object_uid;
  };
  if (answer.result == PatchResult::done) {
    entry.observe_text(flight.sent);
    entry.confirm(answer.resource_version);
    entry.succeeded();
    end_refusal(id);
    if (entry.observed() == entry.desired()) binder_.told(id);
    // The watch may have shown a newer change of it before this answer came.
    if (version_shown(entry) >= answer.resource_version) rebind_owner_of(id, now);
    if (entry.home() == Home::pod_state && is_same() && flight.action.step == Step::patch && !flight.sent.empty())
      tell_network(id, now);
  } else if (answer.result != PatchResult::gone) {
    fail(id, answer.error, now);
    note_patch_refusal(id, answer.result, answer.error);
  } else if (is_same()) {
    // The object is gone or another one: the watch brings what is true; until then nothing is to be written.
    entry.observe_text(entry.desired());
  }
  enqueue(id);
}

// A refusal of one object, in the words of the API server. What it refuses to everybody is no fault of the object.
void Engine::note_patch_refusal(SlotId id, PatchResult result, const std::string& said) {
  const bool dropped = result == PatchResult::dropped;
  if (!dropped && result != PatchResult::failed) return;
  if (!is_refused(table_[id])) return;
  const auto subject = subject_of(binder_.unit_of(id));
  if (refusals_.has(id, subject, uid_of(subject))) return;
  const std::string what(what_of(table_[id].home()));
  auto problem =
      dropped ? Problem{"DroppedByAPIServer", "the API server accepts the patch of the " + what +
                                                  ", but drops the change: an admission policy or webhook removes it; "
                                                  "exempt the ServiceAccount of kube-network-manager"}
              : Problem{"RefusedByAPIServer", "the API server refuses the patch of the " + what + " repeatedly (" +
                                                  said + "); the controller retries until the request is accepted"};
  begin_trouble(refusals_, id, subject, std::move(problem));
}

std::uint64_t Engine::version_shown(const Entry& entry) const {
  if (entry.home() == Home::pod_state) {
    const auto* pod = intent_.pod(entry.name());
    return pod ? pod->resource_version : 0;
  }
  const auto* service = intent_.service(entry.name());
  return service ? service->resource_version : 0;
}

// An audit of what we write to Kubernetes: the watches show it, and what they have not shown between two audits did not
// happen, though the answer said so.
void Engine::repeat_unseen(Time now) {
  std::map<SlotId, std::uint64_t> unseen;
  for (SlotId id = 0; id < table_.size(); ++id) {
    auto& entry = table_[id];
    if (entry.home() == Home::config || !entry.is_desired() || entry.is_in_flight() ||
        version_shown(entry) >= entry.confirmed_at())
      continue;
    const auto before = unseen_.find(id);
    if (before == unseen_.end() || before->second != entry.confirmed_at()) {
      unseen.emplace(id, entry.confirmed_at());
      continue;
    }
    entry.confirm(0);
    rebind_owner_of(id, now);
  }
  unseen_ = std::move(unseen);
}

// --- Others that write there
// ------------------------------------------------------------------------------------------------------------------

// Once or twice may be chance.
void Engine::note_overwritten(SlotId id, const std::string& writer, Time now) {
  const auto& entry = table_[id];
  const auto thing = thing_of(entry);
  if (!fights_.is_often(thing, now)) return;
  const auto subject = subject_of(binder_.unit_of(id));
  if (uid_of(subject).empty()) return;
  const bool is_new = !overwritten_.has(id, subject, uid_of(subject));
  if (!is_new && writer.empty()) return;
  const auto what = entry.home() == Home::config
                        ? std::string(contrail::name(entry.type())) + " " + entry.name() + " in the config API"
                        : std::string(what_of(entry.home()));
  const auto who = writer.empty() ? std::string("another client") : writer;
  begin_trouble(overwritten_, id, subject,
                {"OverwrittenByOthers", who + " overwrites the " + what +
                                            " repeatedly, and the controller repairs it at growing intervals; stop " +
                                            (writer.empty() ? "that client" : who) + " from writing there"});
  if (is_new) timers_.emplace(fights_.forgotten_at(thing), id);
  if (report_) report_({Report::Kind::overwritten, id, Step::nothing, 0, Time{0}, writer});
}

void Engine::review_overwritten(SlotId id, Time now) {
  if (!overwritten_.has(id)) return;
  const auto thing = thing_of(table_[id]);
  if (fights_.is_often(thing, now)) return void(timers_.emplace(fights_.forgotten_at(thing), id));
  end_trouble(overwritten_, id);
}

}  // namespace knm
