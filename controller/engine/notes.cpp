#include <algorithm>

#include "controller/engine/engine.hpp"
#include "controller/engine/waiting.hpp"
#include "controller/intent/labels.hpp"

// What cannot be honoured, into the book.
namespace knm {
namespace {

bool is_named(const Settings& settings, std::string_view network) {
  const auto& global = settings.global_network;
  const auto& external = settings.external_service;
  return std::find(global.begin(), global.end(), network) != global.end() ||
         std::any_of(external.begin(), external.end(),
                     [&](const auto& service) { return service.second.network == network; });
}

// Whether this network of somebody else has policies, and none but those that connect Pods.
bool is_closed_by_us(const Entry& entry) {
  const bool is_others = entry.is_external() || (entry.is_shared() && entry.ownership() == Ownership::unmarked);
  if (!is_others || !entry.is_desired() || !entry.exists()) return false;
  const auto policies = entry.observed().of(contrail::Field::policies);
  const auto is_anothers = [](const Atom& atom) { return (atom.digest & our_entry) == 0; };
  return !policies.empty() && std::none_of(policies.begin(), policies.end(), is_anothers);
}

}  // namespace

std::string_view Engine::uid_of(const Subject& subject) const {
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

// What the facts of a Namespace, Pod or Service say.
void Engine::note_problems(const Unit& unit) {
  const auto note = [&](SubjectKind kind, const auto* facts) {
    if (facts)
      problems_.set({kind, unit.key}, facts->uid, "intent", facts->problems);
    else
      problems_.forget({kind, unit.key});
    tell_unreadable({kind, unit.key});
  };
  if (unit.kind == UnitKind::ns) note(SubjectKind::ns, intent_.ns(unit.key));
  if (unit.kind == UnitKind::pod) note(SubjectKind::pod, intent_.pod(unit.key));
  if (unit.kind != UnitKind::service) return;
  const auto* service = intent_.service(unit.key);
  note(SubjectKind::service, service);
  if (service)
    problems_.set({SubjectKind::service, unit.key}, service->uid, "public-network", binder_.address_problems(*service));
}

// Whether a Pod goes without an address.
void Engine::note_address(const ObjectKey& key) {
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
  if (problems_.set({SubjectKind::pod, key}, pod->uid, "addresses", std::move(problems)) && lacks)
    tell(Report::Kind::out_of_addresses, table_.slot(Home::pod_state, contrail::Type::project, key), Step::nothing, 0,
         key);
}

// Who suffered from the entry before does not any longer.
void Engine::begin_trouble(Conflicts& conflicts, SlotId id, const Subject& subject, Problem problem) {
  const auto uid = uid_of(subject);
  if (uid.empty()) return;
  if (const auto before = conflicts.begin(id, subject, uid, std::move(problem))) review_trouble(conflicts, *before);
  review_trouble(conflicts, subject);
}

std::optional<Subject> Engine::end_trouble(Conflicts& conflicts, SlotId id) {
  auto subject = conflicts.end(id);
  if (subject) review_trouble(conflicts, *subject);
  return subject;
}

void Engine::review_trouble(const Conflicts& conflicts, const Subject& subject) {
  if (const auto uid = uid_of(subject); !uid.empty())
    problems_.set(subject, uid, conflicts.source(), conflicts.of(subject, uid));
}

// Somebody else's object is in the way of an entry: the object that wants it suffers.
void Engine::note_conflict(SlotId id, Time now) {
  const auto unit = binder_.unit_of(id);
  const auto subject = subject_of(unit);
  if (uid_of(subject).empty()) return;
  begin_trouble(conflicts_, id, subject, conflict_problem(table_, id));
  if (unit && unit->kind == UnitKind::ns) serve_namespace(unit->key, false, now);
}

// It is not in the way, or not any longer.
void Engine::end_conflict(SlotId id, Time now) {
  table_[id].conflict_ended();
  const auto subject = end_trouble(conflicts_, id);
  if (subject && table_[id].type() == contrail::Type::project) serve_namespace(subject->key, true, now);
}

void Engine::note_refusal(SlotId id, std::string said, bool address_is_taken) {
  if (!is_refused(table_[id])) return;
  const auto subject = subject_of(binder_.unit_of(id));
  // Who has an address may be known by now.
  if (!refusals_.has(id, subject, uid_of(subject)) || address_is_taken) {
    const auto possession = address_is_taken ? binder_.bindings().possession_of(id) : std::nullopt;
    begin_trouble(refusals_, id, subject,
                  possession ? taken_problem(table_[id], possession->second.text(),
                                             binder_.load_balancers().holder_of(id, possession->second))
                             : refusal_problem(table_[id], said));
  }
  // Of several that keep the same one, the first is told.
  auto kept = kept_waiting(table_, id);
  std::erase_if(kept, [&](const auto& pair) {
    const auto waits = subject_of(binder_.unit_of(pair.first));
    return pair.first == id || held_.has(pair.first, waits, uid_of(waits));
  });
  tell_kept(kept);
}

// A Pod that is to move leaves its network with all its addresses, and some are somebody else's.
void Engine::note_stuck(SlotId interface, const std::string& strangers) {
  begin_trouble(refusals_, interface, subject_of(binder_.unit_of(interface)),
                {"ObjectOccupied", "the Pod moves to another network, but its interface " + table_[interface].name() +
                                       " has foreign addresses: " + strangers + "; remove these addresses"});
}

void Engine::end_refusal(SlotId id) { end_trouble(refusals_, id); }

// Of a Namespace whose project is somebody else's nothing is made, and nothing in it counts.
void Engine::serve_namespace(const std::string& name, bool serve, Time now) {
  intent_.refuse_namespace(name, !serve);
  settle(now);
}

// Whether a network that the configuration names is closed for those who have it: by what is there, so that it is said
// again after a restart, and not any longer once they have attached a policy of their own.
void Engine::note_closed(SlotId id) {
  const auto& entry = table_[id];
  if (entry.home() != Home::config || entry.type() != contrail::Type::virtual_network) return;
  std::vector<Problem> problems;
  // Borrowed networks are named; only for the few others all names are looked through.
  if (is_closed_by_us(entry) && (entry.is_external() || is_named(settings_, entry.name())))
    problems.push_back({"NetworkClosed",
                        "the network " + entry.name() +
                            " is external and has no policies except those that connect Pods, so all other traffic is "
                            "blocked; attach a policy of your own that allows the other traffic, or an empty policy"});
  const bool closed = !problems.empty();
  if (note_of_cluster("closed " + entry.name(), std::move(problems)) && closed) tell(Report::Kind::network_closed, id);
}

}  // namespace knm
