#include <algorithm>
#include <map>

#include "controller/intent/state.hpp"

// Who is behind a Service, and whom of these its addresses reach.
namespace knm {

using Family = contrail::Family;
using MemberId = Endpoints::MemberId;
using Member = Endpoints::Member;
using Standing = Endpoints::Standing;
using Place = Endpoints::Place;

std::vector<ObjectKey> Intent::State::Moves::names() const {
  std::vector<ObjectKey> out;
  for (const auto& [name, by] : pods)
    if (by[0] != 0 || by[1] != 0) out.push_back(name);
  return out;
}

void Intent::State::touch(const ObjectKey& service, std::optional<MemberId> id) {
  auto& dirty = dirty_services[service];
  auto* of_service = id ? endpoints.of(service) : nullptr;
  if (!of_service) return;
  const auto found = of_service->members.find(*id);
  if (found == of_service->members.end() || found->second.dirty) return;
  found->second.dirty = true;
  const auto pod = pods_by_uid.find(endpoints.uid_of(id->pod).view());
  const bool known = pod != pods_by_uid.end();
  dirty.members.emplace_back(*id, known ? (*pod)->first : ObjectName());
  const auto record = services.find(service);
  if (record == services.end() || record->second.anew) return;  // then all of them are counted again
  const auto* facts = known && record->second.headless ? &(*pod)->second.facts : nullptr;
  record->second.roster.withdraw(*id, found->second, facts ? tier_key(facts->ns, facts->tier) : std::string());
}

Member Intent::State::judged(const ServiceRecord& record, Member member, const PodFacts* pod) const {
  // A slice written by hand may name a Pod of another Namespace: whoever may write slices here has no say there.
  const bool own = pod && pod->ns == ns_of(record.object->key());
  member.mapped = member.named > 0 && own && pod->networked;
  // A Pod that has just gone is named for a moment longer, as one that terminates; whoever else nobody knows is no Pod.
  member.stray = member.mapped ? 0 : pod ? member.named : member.ready + member.unready;
  member.why = member.stray == 0     ? Stray::none
               : pod && !own         ? Stray::foreign
               : pod && pod->on_node ? Stray::on_node
                                     : Stray::missing;
  const bool publishes = record.publishes_not_ready;
  const bool may_serve = member.ready > 0 || (publishes && member.unready > 0);
  const bool serves = may_serve && !(pod && pod->terminating);
  member.standing = !member.mapped ? Standing::none : serves ? Standing::serving : Standing::waiting;
  return member;
}

// One muster of them.
struct Intent::State::Behind {
  const State& state;
  ServiceRecord& record;
  Endpoints::OfService* of_service;  // null: there are no slices
  std::array<Reach, 2>& reach;
  Moves& moves;
  std::optional<k8s::Service> object;
  std::optional<ServicePorts> ports;

  const ServicePorts& service_ports() {
    if (!ports) {
      object = record.object->unpack();
      ports.emplace(*object);
    }
    return *ports;
  }

  const Pods::value_type* pod_of(MemberId id) const {
    const auto found = state.pods_by_uid.find(state.endpoints.uid_of(id.pod).view());
    return found == state.pods_by_uid.end() ? nullptr : *found;
  }

  void judge(MemberId id, Member& member) {
    const auto* pod = pod_of(id);
    const auto* facts = pod ? &pod->second.facts : nullptr;
    member = state.judged(record, member, facts);
    member.dirty = false;
    const bool counted = member.standing != Standing::none;
    const auto tier = counted && record.headless ? tier_key(facts->ns, facts->tier) : std::string();
    record.roster.enter(id, member, tier, counted ? meaning_of(id, member) : ServicePorts::Meaning());
  }

  ServicePorts::Meaning meaning_of(MemberId id, const Member& member) {
    // Without an address there is nothing to map: a headless Service's users speak to the Pods themselves.
    if (record.headless) return {};
    const auto& counts = record.roster.side(id.family()).counts;
    const auto known = counts.find(member.ports);
    if (known != counts.end()) return known->second.meaning;
    return service_ports().meaning(Endpoints::text_of(*of_service, member.ports));
  }

  // Of those with a standing the meaning that most have; of several with as many that of the oldest Pod.
  std::optional<std::uint64_t> majority(Family family, Standing standing) const {
    std::map<std::uint64_t, std::uint32_t> totals;
    for (const auto& [list, count] : record.roster.side(family).counts)
      if (const auto some = standing == Standing::serving ? count.serving : count.waiting;
          some > 0 && !count.meaning.none)
        totals[count.meaning.id] += some;
    std::uint32_t most = 0;
    for (const auto& [meaning, total] : totals) most = std::max(most, total);
    std::erase_if(totals, [&](const auto& pair) { return pair.second < most; });
    if (totals.empty()) return std::nullopt;
    return totals.size() == 1 ? totals.begin()->first : oldest(family, standing, totals);
  }

  std::uint64_t oldest(Family family, Standing standing, const std::map<std::uint64_t, std::uint32_t>& among) const {
    const PodFacts* found = nullptr;
    auto out = among.begin()->first;
    for (const auto& [id, member] : of_service->members) {
      if (id.family() != family || member.standing != standing) continue;
      const auto& meaning = record.roster.side(family).counts.find(member.ports)->second.meaning;
      if (meaning.none || !among.contains(meaning.id)) continue;
      const auto* pod = &pod_of(id)->second.facts;
      if (found && std::tie(found->created, found->uid) < std::tie(pod->created, pod->uid)) continue;
      found = pod;
      out = meaning.id;
    }
    return out;
  }

  Place place_of(MemberId id, const Member& member) const {
    if (member.standing != Standing::serving) return Place::none;
    const auto& side = record.roster.side(id.family());
    const auto& meaning = side.counts.find(member.ports)->second.meaning;
    if (meaning.none) return Place::portless;
    return meaning.id == side.served ? Place::served : Place::detached;
  }

  void came(Family family, const ObjectName& name, int step) {
    moves.pods[name][static_cast<std::size_t>(family)] += step;
  }

  void take_out(Family family, Place place, const ObjectName& name) {
    auto& side = record.roster.side(family);
    auto& reached = reach[static_cast<std::size_t>(family)].pods;
    if (place == Place::none) return;
    if (place == Place::served && reached.erase(name)) {
      came(family, name, -1);
      if (side.others.empty() || side.others->surplus.empty()) return;
      const auto next = side.others->surplus.front();
      side.others.make().surplus.erase(next);
      reached.insert(next);
      came(family, next, 1);
    } else {
      list_of(side.others.make(), place).erase(name);
    }
    if (side.others.get() == Roster::Others()) side.others.clear();
  }

  void put_in(Family family, Place place, const ObjectName& name) {
    auto& side = record.roster.side(family);
    auto& reached = reach[static_cast<std::size_t>(family)].pods;
    if (place == Place::none) return;
    if (place != Place::served || (reached.size() >= max_backends && reached.back() < name))
      return void(list_of(side.others.make(), place).insert(name));
    if (reached.insert(name)) came(family, name, 1);
    if (reached.size() <= max_backends) return;
    const auto last = reached.back();
    reached.erase(last);
    came(family, last, -1);
    side.others.make().surplus.insert(last);
  }

  static NameList& list_of(Roster::Others& others, Place place) {
    return place == Place::portless ? others.portless : place == Place::detached ? others.detached : others.surplus;
  }

  void place_one(MemberId id, Member& member, const ObjectName& former_name) {
    const auto place = place_of(id, member);
    const auto* pod = pod_of(id);
    const auto name = pod ? pod->first : former_name;
    if (place == member.place && name == former_name) return;
    take_out(id.family(), member.place, former_name);
    put_in(id.family(), place, name);
    member.place = place;
  }

  // All of a family anew, as where the majority changed.
  void place_all(Family family) {
    std::vector<ObjectName> served;
    std::array<std::vector<ObjectName>, 2> others;
    if (of_service)
      for (auto& [id, member] : of_service->members) {
        if (id.family() != family) continue;
        member.place = place_of(id, member);
        if (member.place == Place::none) continue;
        (member.place == Place::served ? served : others[member.place == Place::portless]).push_back(pod_of(id)->first);
      }
    Roster::Others now{{}, std::move(others[0]), std::move(others[1])};
    if (served.size() > max_backends) {
      const auto first = served.begin() + static_cast<std::ptrdiff_t>(max_backends);
      std::nth_element(served.begin(), first, served.end());
      now.surplus = std::vector<ObjectName>(first, served.end());
      served.erase(first, served.end());
    }
    auto& reached = reach[static_cast<std::size_t>(family)].pods;
    for (const auto& name : reached) came(family, name, -1);
    reached = std::move(served);
    for (const auto& name : reached) came(family, name, 1);
    record.roster.side(family).others = std::move(now);
  }

  // Who is served, and by which mappings; `all`: nothing that was known of it holds any longer.
  void settle(Family family, const DirtyService& dirty, bool all) {
    auto& side = record.roster.side(family);
    const auto served = majority(family, Standing::serving);
    const bool flipped = side.served && served && *side.served != *served;
    side.served = served;
    if (all || flipped)
      place_all(family);
    else if (of_service)
      for (const auto& [id, name] : dirty.members)
        if (const auto member = of_service->members.find(id);
            id.family() == family && member != of_service->members.end())
          place_one(id, member->second, name);
    // While nobody is ready, what will be mapped is what those that wait have: readiness alone changes no mapping.
    const auto mapped = served ? served : majority(family, Standing::waiting);
    if (!side.resolved || side.mapped != mapped) resolve(family, mapped);
  }

  void resolve(Family family, const std::optional<std::uint64_t>& mapped) {
    auto& side = record.roster.side(family);
    std::optional<std::string_view> text;
    for (const auto& [list, count] : side.counts)
      if (mapped && count.meaning.id == *mapped && !count.meaning.none) text = Endpoints::text_of(*of_service, list);
    side.mapped = mapped;
    side.resolved = true;
    std::vector<contrail::PortMapping> mappings;
    side.unreached.clear();
    if (!record.headless) {
      mappings = service_ports().mappings(text);
      side.unreached = service_ports().unreached(text);
    }
    auto& known = reach[static_cast<std::size_t>(family)].mappings;
    if (known == mappings) return;
    known = std::move(mappings);
    moves.more = true;
  }
};

void Intent::State::muster(ServiceRecord& record, const ObjectKey& key, const DirtyService& dirty,
                           std::array<Reach, 2>& reach, Moves& moves) {
  auto* of_service = endpoints.of(key);
  Behind behind{*this, record, of_service, reach, moves, {}, {}};
  const bool all = record.anew;
  record.anew = false;
  if (all) {
    record.roster = Roster();
    if (of_service)
      for (auto& [id, member] : of_service->members) behind.judge(id, member);
  } else if (of_service) {
    for (const auto& [id, name] : dirty.members)
      if (const auto member = of_service->members.find(id); member != of_service->members.end())
        behind.judge(id, member->second);
  }
  for (const auto family : {Family::v4, Family::v6}) behind.settle(family, dirty, all);
  if (all)
    endpoints.tidy(key);
  else
    forget(key, dirty);
}

// Of a few one by one, for the others stay where they are.
void Intent::State::forget(const ObjectKey& key, const DirtyService& dirty) {
  constexpr std::size_t few = 16;
  if (dirty.members.size() > few) return endpoints.tidy(key);
  for (const auto& [id, name] : dirty.members) endpoints.forget(key, id);
}

void Intent::State::dismiss(ServiceRecord& record, const ObjectKey& key) {
  record.roster = Roster();
  record.said.clear();
  record.anew = true;
  if (auto* of_service = endpoints.of(key))
    for (auto& [id, member] : of_service->members) {
      Member fresh;
      fresh.named = member.named, fresh.ready = member.ready, fresh.unready = member.unready;
      fresh.ports = member.ports;
      member = fresh;
    }
  endpoints.tidy(key);
}

void Intent::State::forget_behind(const ObjectKey& key, const DirtyService& dirty) {
  if (auto* of_service = endpoints.of(key))
    for (const auto& [id, name] : dirty.members)
      if (const auto member = of_service->members.find(id); member != of_service->members.end())
        member->second.dirty = false;
  forget(key, dirty);
}

}  // namespace knm
