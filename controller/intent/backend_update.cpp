#include "controller/intent/backend_update.hpp"

#include <algorithm>
#include <tuple>

namespace knm {

std::vector<ObjectKey> BackendMoves::names() const {
  std::vector<ObjectKey> out;
  for (const auto& [name, by] : pods)
    if (by[0] != 0 || by[1] != 0) out.push_back(name);
  return out;
}

BackendUpdate::BackendUpdate(const PodUnits& pods, const Endpoints& endpoints, Service service)
    : pods_(pods), endpoints_(endpoints), service_(service) {}

const ServicePorts& BackendUpdate::service_ports() {
  if (!ports_) {
    object_ = service_.object.unpack();
    ports_.emplace(*object_);
  }
  return *ports_;
}

// The standing of a Pod that the endpoints name.
Endpoints::Member BackendUpdate::judged(Member member, const PodFacts* pod) const {
  // A slice written by hand may name a Pod of another Namespace: the right to write slices does not extend there.
  const bool own = pod && pod->ns == ns_of(service_.object.key());
  member.mapped = member.named > 0 && own && pod->has_network;
  // A deleted Pod is named for a moment longer, as terminating. Any other unknown UID is not a Pod.
  member.unresolved = member.mapped ? 0 : pod ? member.named : member.ready + member.unready;
  member.why = member.unresolved == 0 ? Unresolved::none
               : pod && !own          ? Unresolved::foreign
               : pod && pod->on_node  ? Unresolved::on_node
                                      : Unresolved::missing;
  const bool publishes = service_.group.publishes_not_ready;
  const bool may_serve = member.ready > 0 || (publishes && member.unready > 0);
  const bool serves = may_serve && !(pod && pod->terminating);
  member.standing = !member.mapped ? Standing::none : serves ? Standing::serving : Standing::waiting;
  return member;
}

void BackendUpdate::count(MemberId id, Member& member) {
  const auto* pod = pod_of(id);
  member = judged(member, pod);
  member.dirty = false;
  const bool counted = member.standing != Standing::none;
  const auto tier = counted && service_.group.headless ? tier_key(pod->ns, pod->tier) : std::string();
  service_.group.roster.enter(id, member, tier, counted ? meaning_of(id, member) : ServicePorts::Meaning());
}

ServicePorts::Meaning BackendUpdate::meaning_of(MemberId id, const Member& member) {
  // Without an address there are no mappings: clients of a headless Service connect to the Pods directly.
  if (service_.group.headless) return {};
  const auto& counts = side(id.family()).counts;
  const auto known = counts.find(member.ports);
  if (known != counts.end()) return known->second.meaning;
  return service_ports().meaning(Endpoints::text_of(*service_.endpoints, member.ports));
}

// The meaning of most backends with a standing; of several equally frequent meanings, that of the oldest Pod.
std::optional<std::uint64_t> BackendUpdate::majority(Family family, Standing standing) const {
  std::map<std::uint64_t, std::uint32_t> totals;
  for (const auto& [list, count] : side(family).counts)
    if (const auto some = standing == Standing::serving ? count.serving : count.waiting;
        some > 0 && !count.meaning.none)
      totals[count.meaning.id] += some;
  std::uint32_t most = 0;
  for (const auto& [meaning, total] : totals) most = std::max(most, total);
  std::erase_if(totals, [&](const auto& pair) { return pair.second < most; });
  if (totals.empty()) return std::nullopt;
  return totals.size() == 1 ? totals.begin()->first : oldest(family, standing, totals);
}

std::uint64_t BackendUpdate::oldest(Family family, Standing standing,
                                    const std::map<std::uint64_t, std::uint32_t>& among) const {
  const PodFacts* found = nullptr;
  auto out = among.begin()->first;
  for (const auto& [id, member] : service_.endpoints->members) {
    if (id.family() != family || member.standing != standing) continue;
    const auto& meaning = side(family).counts.find(member.ports)->second.meaning;
    if (meaning.none || !among.contains(meaning.id)) continue;
    const auto* pod = pod_of(id);
    if (found && std::tie(found->created, found->uid) < std::tie(pod->created, pod->uid)) continue;
    found = pod;
    out = meaning.id;
  }
  return out;
}

Endpoints::Place BackendUpdate::place_of(MemberId id, const Member& member) const {
  if (member.standing != Standing::serving) return Place::none;
  const auto& of_family = side(id.family());
  const auto& meaning = of_family.counts.find(member.ports)->second.meaning;
  if (meaning.none) return Place::portless;
  return meaning.id == of_family.served ? Place::served : Place::detached;
}

void BackendUpdate::move(Family family, const ObjectName& name, int step) {
  service_.moves.pods[name][static_cast<std::size_t>(family)] += step;
}

namespace {
NameList& list_of(Roster::Others& others, Endpoints::Place place) {
  return place == Endpoints::Place::portless   ? others.portless
         : place == Endpoints::Place::detached ? others.detached
                                               : others.surplus;
}
}  // namespace

void BackendUpdate::take_out(Family family, Place place, const ObjectName& name) {
  auto& others = side(family).others;
  auto& reached = reach(family).pods;
  if (place == Place::none) return;
  if (place == Place::served && reached.erase(name)) {
    move(family, name, -1);
    if (others.empty() || others->surplus.empty()) return;
    const auto next = others->surplus.front();
    others.make().surplus.erase(next);
    reached.insert(next);
    move(family, next, 1);
  } else {
    list_of(others.make(), place).erase(name);
  }
  if (others.get() == Roster::Others()) others.clear();
}

void BackendUpdate::put_in(Family family, Place place, const ObjectName& name) {
  auto& others = side(family).others;
  auto& reached = reach(family).pods;
  if (place == Place::none) return;
  if (place != Place::served || (reached.size() >= max_backends && reached.back() < name))
    return void(list_of(others.make(), place).insert(name));
  if (reached.insert(name)) move(family, name, 1);
  if (reached.size() <= max_backends) return;
  const auto last = reached.back();
  reached.erase(last);
  move(family, last, -1);
  others.make().surplus.insert(last);
}

void BackendUpdate::place_one(MemberId id, Member& member, const ObjectName& former_name) {
  const auto place = place_of(id, member);
  const auto* pod = pod_of(id);
  const auto name = pod ? pod->key : former_name;
  if (place == member.place && name == former_name) return;
  take_out(id.family(), member.place, former_name);
  put_in(id.family(), place, name);
  member.place = place;
}

// Places all backends of a family anew, for example when the majority changed.
void BackendUpdate::place_all(Family family) {
  std::vector<ObjectName> served;
  std::array<std::vector<ObjectName>, 2> others;
  if (service_.endpoints)
    for (auto& [id, member] : service_.endpoints->members) {
      if (id.family() != family) continue;
      member.place = place_of(id, member);
      if (member.place == Place::none) continue;
      (member.place == Place::served ? served : others[member.place == Place::portless]).push_back(pod_of(id)->key);
    }
  Roster::Others now{{}, std::move(others[0]), std::move(others[1])};
  if (served.size() > max_backends) {
    const auto first = served.begin() + static_cast<std::ptrdiff_t>(max_backends);
    std::nth_element(served.begin(), first, served.end());
    now.surplus = std::vector<ObjectName>(first, served.end());
    served.erase(first, served.end());
  }
  auto& reached = reach(family).pods;
  for (const auto& name : reached) move(family, name, -1);
  reached = std::move(served);
  for (const auto& name : reached) move(family, name, 1);
  side(family).others = std::move(now);
}

void BackendUpdate::settle(Family family, const DirtyBackends& dirty, bool all) {
  auto& of_family = side(family);
  const auto served = majority(family, Standing::serving);
  const bool flipped = of_family.served && served && *of_family.served != *served;
  of_family.served = served;
  if (all || flipped)
    place_all(family);
  else if (service_.endpoints)
    for (const auto& [id, name] : dirty)
      if (const auto member = service_.endpoints->members.find(id);
          id.family() == family && member != service_.endpoints->members.end())
        place_one(id, member->second, name);
  // While no Pod is ready, the mappings are those of the waiting Pods: readiness alone changes no mapping.
  const auto mapped = served ? served : majority(family, Standing::waiting);
  if (!of_family.resolved || of_family.mapped != mapped) resolve(family, mapped);
}

void BackendUpdate::resolve(Family family, const std::optional<std::uint64_t>& mapped) {
  auto& of_family = side(family);
  std::optional<std::string_view> text;
  for (const auto& [list, count] : of_family.counts)
    if (mapped && count.meaning.id == *mapped && !count.meaning.none)
      text = Endpoints::text_of(*service_.endpoints, list);
  of_family.mapped = mapped;
  of_family.resolved = true;
  std::vector<contrail::PortMapping> mappings;
  of_family.unreached.clear();
  if (!service_.group.headless) {
    mappings = service_ports().mappings(text);
    of_family.unreached = service_ports().unreached(text);
  }
  auto& known = reach(family).mappings;
  if (known == mappings) return;
  known = std::move(mappings);
  service_.moves.more = true;
}

}  // namespace knm
