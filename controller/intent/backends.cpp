#include "controller/intent/state.hpp"
#include "controller/rule.hpp"

namespace knm {

Endpoints::Member Intent::State::judged(const ServiceRecord& record, Endpoints::Member member,
                                        const PodFacts* pod) const {
  // A slice written by hand may name a Pod of another Namespace: whoever may write slices here has no say there.
  const bool own = pod && (pod->ns == ns_of(record.object->key()) || !holds(Rule::own_backends));
  member.mapped = member.named > 0 && own && pod->networked;
  // A Pod that has just gone is named for a moment longer, as one that terminates; whoever else nobody knows is no Pod.
  member.stray = member.mapped ? 0 : pod ? member.named : member.ready + member.unready;
  const bool publishes = record.publishes_not_ready && holds(Rule::publish_not_ready);
  const bool may_serve =
      member.ready > 0 || (publishes && member.unready > 0) || !(holds(Rule::readiness) || publishes);
  member.serves = member.mapped && may_serve && !(pod->terminating && holds(Rule::terminating));
  return member;
}

void Intent::State::judge(ServiceRecord& record, Endpoints::Member& member, const PodFacts* pod) const {
  const auto now = judged(record, member, pod);
  record.mapped += static_cast<std::size_t>(now.mapped) - static_cast<std::size_t>(member.mapped);
  record.stray += static_cast<std::size_t>(now.stray) - static_cast<std::size_t>(member.stray);
  member = now;
}

Intent::State::Behind Intent::State::judge_all(ServiceRecord& record, const ObjectKey& key) {
  Behind behind;
  record.mapped = record.stray = 0;
  endpoints.tidy(key);
  auto* of_service = endpoints.of(key);
  if (!of_service) return behind;
  for (auto& [id, member] : of_service->members) {
    member.mapped = false;
    member.stray = 0;
    const auto* pod = pod_by_uid(endpoints.uid_of(id));
    judge(record, member, pod);
    if (member.mapped) (member.serves ? behind.serving : behind.waiting).push_back(pod);
  }
  record.stray += of_service->anonymous;
  return behind;
}

std::optional<std::vector<ObjectKey>> Intent::State::move_backends(ServiceRecord& record, const ObjectKey& key,
                                                                   const DirtyService& dirty) {
  if (dirty.whole || !record.facts || !record.facts->counts || record.facts->headless || record.has_named_target)
    return std::nullopt;
  const auto stray = record.stray;
  std::set<ObjectKey> out, in;
  auto* of_service = endpoints.of(key);
  for (const auto& [id, former_key] : dirty.members) {
    if (!of_service) break;
    const auto found = of_service->members.find(id);
    if (found == of_service->members.end()) continue;
    const auto pod = pods_by_uid.find(endpoints.uid_of(id));
    const bool known = pod != pods_by_uid.end();
    const bool served = found->second.serves;
    judge(record, found->second, known ? &(*pod)->second.facts : nullptr);
    const bool serves = found->second.serves;
    if (served != serves) (serves ? in : out).insert(known ? (*pod)->first.text() : former_key);
  }
  for (const auto& [id, former_key] : dirty.members) endpoints.forget(key, id);
  if (record.stray != stray || (!record.has_selector && record.mapped == 0)) return std::nullopt;
  return exchange(record.facts->backends, out, in);
}

std::vector<ObjectKey> Intent::State::exchange(std::vector<ObjectName>& list, const std::set<ObjectKey>& out,
                                               const std::set<ObjectKey>& in) const {
  std::vector<ObjectKey> moved;
  for (const auto& key : out) {
    const auto at = std::lower_bound(list.begin(), list.end(), key);
    if (in.contains(key) || at == list.end() || *at != key) continue;
    list.erase(at);
    moved.push_back(key);
  }
  for (const auto& key : in) {
    const auto at = std::lower_bound(list.begin(), list.end(), key);
    if (at != list.end() && *at == key) continue;
    list.insert(at, pods.find(key)->first);
    moved.push_back(key);
  }
  return moved;
}

}  // namespace knm
