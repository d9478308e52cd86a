#include "controller/engine/problem_notes.hpp"

#include <algorithm>

#include "controller/engine/waiting.hpp"
#include "controller/intent/labels.hpp"

namespace knm {
namespace {

bool is_named(const Settings& settings, std::string_view network) {
  const auto& global = settings.global_network;
  const auto& external = settings.external_service;
  return std::find(global.begin(), global.end(), network) != global.end() ||
         std::any_of(external.begin(), external.end(),
                     [&](const auto& service) { return service.second.network == network; });
}

// Whether an external network has policies, and only such that connect Pods.
bool is_closed_by_us(const Entry& entry) {
  const bool is_others = entry.is_external() || (entry.is_shared() && entry.ownership() == Ownership::unowned);
  if (!is_others || !entry.is_desired() || !entry.exists()) return false;
  const auto policies = entry.observed().of(contrail::Field::policies);
  const auto is_anothers = [](const FieldDigest& item) { return (item.digest & owned_item) == 0; };
  return !policies.empty() && std::none_of(policies.begin(), policies.end(), is_anothers);
}

}  // namespace

std::string_view text_named(TargetApi api) {
  return api == TargetApi::pod_state ? "annotation opencontrail.org/pod-state" : "status.loadBalancer";
}

ProblemNotes::ProblemNotes(const Settings& settings, const Intent& intent, Table& table, const Binder& binder,
                           const Holds& holds, const Reports& reports)
    : settings_(settings), intent_(intent), table_(table), binder_(binder), holds_(holds), reports_(reports) {}

std::string_view ProblemNotes::uid_of(const Subject& subject) const {
  const auto uid = [](const auto* facts) { return facts ? std::string_view(facts->uid) : std::string_view(); };
  switch (subject.kind) {
    case SubjectKind::ns:
      return uid(intent_.ns(subject.key));
    case SubjectKind::pod:
      return uid(intent_.pod(subject.key));
    case SubjectKind::service:
      return uid(intent_.service(subject.key));
    case SubjectKind::slice:
      break;
  }
  return {};
}

void ProblemNotes::note_problems(const Unit& unit) {
  const auto note = [&](SubjectKind kind, const auto* facts) {
    if (facts)
      book_.set({kind, unit.key}, facts->uid, "intent", facts->problems);
    else
      book_.forget({kind, unit.key});
  };
  if (unit.kind == UnitKind::ns) note(SubjectKind::ns, intent_.ns(unit.key));
  if (unit.kind == UnitKind::pod) note(SubjectKind::pod, intent_.pod(unit.key));
  if (unit.kind != UnitKind::service) return;
  const auto* service = intent_.service(unit.key);
  note(SubjectKind::service, service);
  if (service)
    book_.set({SubjectKind::service, unit.key}, service->uid, "public-network", binder_.address_problems(*service));
}

void ProblemNotes::note_address(const ObjectKey& key) {
  const auto* pod = intent_.pod(key);
  if (!pod) return;
  std::vector<Problem> problems;
  if (binder_.addresses().without_address().contains(key)) {
    const auto has = [&](contrail::Family family) { return binder_.addresses().of(pod->uid, family).has_value(); };
    std::string ranges;
    for (const auto& range : settings_.private_ip_range)
      if (!has(range.base.family)) ranges += (ranges.empty() ? "" : ", ") + range.text();
    const bool has_network = has(settings_.private_ip_range.front().base.family);
    problems.push_back({"NoFreeAddress", "private-ip-range (" + ranges + ") has no free address, so the Pod " +
                                             (has_network ? "has no address of that family" : "waits for an address") +
                                             "; delete Pods that are not needed, or add a range to the configuration"});
  }
  const bool lacks = !problems.empty();
  if (book_.set({SubjectKind::pod, key}, pod->uid, "addresses", std::move(problems)) && lacks)
    reports_.tell(Report::Kind::out_of_addresses, table_.slot(TargetApi::pod_state, contrail::Type::project, key),
                  Step::nothing, 0, key);
}

void ProblemNotes::note_left_out(const Unit& unit) {
  const auto count = binder_.policies().left_out(unit);
  std::vector<Problem> problems;
  if (count > 0)
    problems.push_back(
        {"PolicyTooBig", "the policy of " + unit.key + " leaves out " + std::to_string(count) +
                             " connections, because the size of its rules is limited by policy-size-limit (" +
                             std::to_string(settings_.policy_size_limit) +
                             " bytes); put the Pods that use it into fewer tiers"});
  if (unit.kind == UnitKind::external_network) return void(note_cluster("policy " + unit.key, std::move(problems)));
  if (unit.kind != UnitKind::service_tier) return;
  if (const auto* ns = intent_.ns(ns_of(unit.key)))
    book_.set({SubjectKind::ns, ns->name}, ns->uid, "policy " + unit.key, std::move(problems));
}

bool ProblemNotes::note_cluster(std::string_view source, std::vector<Problem> problems) {
  const auto* ns = intent_.ns("kube-system");
  return ns && book_.set({SubjectKind::ns, ns->name}, ns->uid, source, std::move(problems));
}

void ProblemNotes::note_closed(SlotId id) {
  const auto& entry = table_[id];
  if (entry.target_api() != TargetApi::config || entry.type() != contrail::Type::virtual_network) return;
  std::vector<Problem> problems;
  // External networks have known names; only for the few others are all names searched.
  if (is_closed_by_us(entry) && (entry.is_external() || is_named(settings_, entry.name())))
    problems.push_back({"NetworkClosed",
                        "the network " + entry.name() +
                            " is external and has only the policies that connect Pods, so all other traffic is "
                            "blocked; attach a policy of your own that allows the other traffic, or an empty policy"});
  const bool closed = !problems.empty();
  if (note_cluster("closed " + entry.name(), std::move(problems)) && closed)
    reports_.tell(Report::Kind::network_closed, id);
}

void ProblemNotes::begin(Trouble trouble, SlotId id, const Subject& subject, Problem problem) {
  const auto uid = uid_of(subject);
  if (uid.empty()) return;
  auto& troubles = of(trouble);
  if (const auto before = troubles.begin(id, subject, uid, std::move(problem))) review(troubles, *before);
  review(troubles, subject);
}

std::optional<Subject> ProblemNotes::end(Trouble trouble, SlotId id) {
  auto& troubles = of(trouble);
  auto subject = troubles.end(id);
  if (subject) review(troubles, *subject);
  return subject;
}

void ProblemNotes::review(const Conflicts& troubles, const Subject& subject) {
  if (const auto uid = uid_of(subject); !uid.empty())
    book_.set(subject, uid, troubles.source(), troubles.of(subject, uid));
}

std::optional<std::string> ProblemNotes::note_conflict(SlotId id) {
  const auto unit = binder_.unit_of(id);
  const auto subject = subject_of(unit);
  if (uid_of(subject).empty()) return std::nullopt;
  begin(Trouble::conflict, id, subject, conflict_problem(table_, id));
  return unit && unit->kind == UnitKind::ns ? std::optional<std::string>(unit->key) : std::nullopt;
}

std::optional<std::string> ProblemNotes::end_conflict(SlotId id) {
  table_[id].conflict_ended();
  if (of(Trouble::conflict).empty()) return std::nullopt;
  const auto subject = end(Trouble::conflict, id);
  const bool is_project = table_[id].type() == contrail::Type::project;
  return subject && is_project ? std::optional<std::string>(subject->key) : std::nullopt;
}

void ProblemNotes::note_refusal(SlotId id, const std::string& said, bool address_is_taken) {
  if (!is_refused(table_[id])) return;
  const auto subject = subject_of(binder_.unit_of(id));
  // The user of the address may be known by now.
  if (!has(Trouble::refusal, id, subject) || address_is_taken) {
    const auto possession = address_is_taken ? binder_.bindings().possession_of(id) : std::nullopt;
    begin(Trouble::refusal, id, subject,
          possession ? taken_problem(table_[id], possession->second.text(),
                                     binder_.load_balancers().holder_of(id, possession->second))
                     : refusal_problem(table_[id], said));
  }
  // Of several entries that wait for the same one, the first is reported.
  auto kept = kept_waiting(table_, id);
  std::erase_if(kept, [&](const auto& pair) {
    const auto waits = subject_of(binder_.unit_of(pair.first));
    return pair.first == id || has(Trouble::held, pair.first, waits);
  });
  report_kept(kept);
}

// A refusal of one object, in the words of the API server. A refusal of all patches is not a problem of the object.
void ProblemNotes::note_patch_refusal(SlotId id, PatchResult result, const std::string& said) {
  const bool dropped = result == PatchResult::dropped;
  if (!dropped && result != PatchResult::failed) return;
  if (!is_refused(table_[id])) return;
  const auto subject = subject_of(binder_.unit_of(id));
  if (has(Trouble::refusal, id, subject)) return;
  const std::string what(text_named(table_[id].target_api()));
  auto problem =
      dropped ? Problem{"DroppedByAPIServer", "the API server accepts the patch of the " + what +
                                                  ", but drops the change: an admission policy or webhook removes it; "
                                                  "exempt the ServiceAccount of kube-network-manager"}
              : Problem{"RefusedByAPIServer", "the API server refuses the patch of the " + what + " repeatedly (" +
                                                  said + "); the controller retries until the request is accepted"};
  begin(Trouble::refusal, id, subject, std::move(problem));
}

// A Pod that moves leaves its network with all its addresses, and some of them are foreign.
void ProblemNotes::note_stuck(SlotId interface, const std::string& foreign) {
  begin(Trouble::refusal, interface, subject_of(binder_.unit_of(interface)),
        {"ObjectOccupied", "the Pod moves to another network, but its interface " + table_[interface].name() +
                               " has foreign addresses: " + foreign + "; remove these addresses"});
}

// An entry that waits for a predecessor (kept_waiting()) gets a problem with the cause, unless it has another one.
void ProblemNotes::report_kept(const std::map<SlotId, SlotId>& kept) {
  const auto named = [&](SlotId id) {
    return std::string(contrail::name(table_[id].type())) + " " + table_[id].name();
  };
  for (const auto& [id, culprit] : kept) {
    const auto subject = subject_of(binder_.unit_of(id));
    if (holds_.find(id) && has(Trouble::held, id, subject)) continue;
    if (has(Trouble::refusal, id, subject) || has(Trouble::refusal, culprit, subject)) {
      if (!holds_.find(id)) end(Trouble::held, id);
      continue;
    }
    const std::string why(why_held(table_[culprit], holds_, culprit));
    const bool refused = why.empty() && is_refused(table_[culprit]);
    const auto what = "the " + named(id) + " of a previous object must be deleted first" +
                      (id == culprit ? "" : ", but the " + named(culprit) + " blocks its deletion");
    begin(Trouble::held, id, subject,
          refused ? Problem{"RefusedByConfigAPI", what + ": the config API refuses that change repeatedly (" +
                                                      table_[culprit].cold().error.text() +
                                                      "); the controller retries until the request is accepted"}
                  : Problem{"ObjectOccupied",
                            what + (why.empty() ? "; remove that object from the config API" : ": " + why)});
  }
}

}  // namespace knm
