#include "controller/intent/endpoints.hpp"

#include <algorithm>
#include <iterator>

#include "controller/intent/endpoint_ports.hpp"

namespace knm {
namespace {

constexpr Endpoints::PortsId no_ports = ~Endpoints::PortsId{0};

// The id of a list among those of a Service; added if it is new.
Endpoints::PortsId take_ports(Endpoints::OfService& of_service, std::string_view text) {
  auto& all = of_service.ports;
  const auto known = std::find_if(all.begin(), all.end(), [&](const auto& ports) {
    return ports.users > 0 && ports.parts.empty() && ports.text == text;
  });
  auto at = known != all.end()
                ? known
                : std::find_if(all.begin(), all.end(), [](const auto& ports) { return ports.users == 0; });
  if (at == all.end()) at = all.emplace(at);
  if (at->users++ == 0) at->text = PackedText(text);
  return static_cast<Endpoints::PortsId>(at - all.begin());
}

// The id of the union of several lists; of too many lists, `no_ports` alone, which is empty.
Endpoints::PortsId take_together(Endpoints::OfService& of_service, const std::vector<Endpoints::PortsId>& parts) {
  auto& all = of_service.ports;
  for (auto& ports : all)
    if (ports.users > 0 && ports.parts == parts)
      return ++ports.users, static_cast<Endpoints::PortsId>(&ports - all.data());
  // Never that of a slice's own list: members with the union must notice when its parts are removed.
  auto at = std::find_if(all.begin(), all.end(), [](const auto& ports) { return ports.users == 0; });
  if (at == all.end()) at = all.emplace(at);
  *at = {{}, 1, parts};
  return static_cast<Endpoints::PortsId>(at - all.begin());
}

bool is_pod(const k8s::Endpoint& endpoint) {
  return !endpoint.target_uid.empty() && endpoint.target_uid.size() <= longest_uid &&
         (endpoint.target_kind == "Pod" || endpoint.target_kind.empty());
}

void release_ports(Endpoints::OfService& of_service, Endpoints::PortsId id) {
  auto& ports = of_service.ports[id];
  if (--ports.users == 0) ports = {};
}

}  // namespace

void Endpoints::put(const k8s::EndpointSlice& object, const Touched& touched) {
  const auto key = tier_key(object.meta.ns, object.meta.name);
  const auto service = object.service.empty() ? ObjectKey() : tier_key(object.meta.ns, object.service);
  const bool v6 = object.address_type == k8s::AddressType::ipv6;
  const auto family = v6 ? contrail::Family::v6 : contrail::Family::v4;
  const bool by_name = object.address_type == k8s::AddressType::fqdn;
  if (const auto known = slices_.find(key);
      known != slices_.end() &&
      (*known->second.service != service || known->second.family != family || known->second.by_name != by_name))
    drop(key, touched);
  if (service.empty()) return;
  auto& slice = slices_[key];
  if (!slice.service) {
    auto& [name, of_service] = *services_.try_emplace(service).first;
    slice.service = &name;
    slice.family = family;
    slice.by_name = by_name;
    slice.ports = no_ports;
    ++of_service.slices;
  }
  auto& of_service = services_.find(*slice.service)->second;
  const auto text = ports_text(object.ports);
  if (slice.ports == no_ports)
    slice.ports = take_ports(of_service, text);
  else if (of_service.ports[slice.ports].text != text)
    change_ports(slice, take_ports(of_service, text), touched);
  replace(slice, object.endpoints, touched);
}

void Endpoints::drop(const ObjectKey& key, const Touched& touched) {
  const auto known = slices_.find(key);
  if (known == slices_.end()) return;
  replace(known->second, {}, touched);
  const ObjectKey service = *known->second.service;
  auto& of_service = services_.find(service)->second;
  release_ports(of_service, known->second.ports);
  --of_service.slices;
  slices_.erase(known);
  drop_if_empty(service);
}

Endpoints::Endpoint Endpoints::read(const Slice& slice, const k8s::Endpoint& given) {
  Endpoint out{no_pod, Unresolved::none, given.ready, given.terminating};
  if (slice.by_name)
    out.why = Unresolved::by_name;
  else if (is_pod(given))
    out.pod = take(given.target_uid);
  else
    out.why = given.target_kind == "Node" || !given.node.empty() ? Unresolved::on_node : Unresolved::outside;
  return out;
}

bool Endpoints::is(const Slice& slice, const Endpoint& known, const k8s::Endpoint& given) const {
  if (known.ready != given.ready || known.terminating != given.terminating) return false;
  if (slice.by_name) return true;
  if (known.pod != no_pod) return is_pod(given) && pods_[known.pod].uid == given.target_uid;
  if (is_pod(given)) return false;
  return (known.why == Unresolved::on_node) == (given.target_kind == "Node" || !given.node.empty());
}

// Most changes concern one endpoint of a hundred: equal endpoints before and after it are skipped.
void Endpoints::replace(Slice& slice, const std::vector<k8s::Endpoint>& endpoints, const Touched& touched) {
  const auto same = [&](const Endpoint& a, const k8s::Endpoint& b) { return is(slice, a, b); };
  auto& known = slice.endpoints;
  auto& [service, of_service] = *services_.find(*slice.service);
  const auto [from, fresh] = std::mismatch(known.begin(), known.end(), endpoints.begin(), endpoints.end(), same);
  const auto [back, fresh_back] = std::mismatch(known.rbegin(), std::make_reverse_iterator(from), endpoints.rbegin(),
                                                std::make_reverse_iterator(fresh), same);
  const auto to = back.base();
  std::vector<Endpoint> now;
  // Additions come before removals, so that a Pod that only moves is never missing in between.
  for (auto at = fresh; at != fresh_back.base(); ++at) {
    now.push_back(read(slice, *at));
    count({service, of_service, slice, true, touched}, now.back());
  }
  for (auto at = from; at != to; ++at) count({service, of_service, slice, false, touched}, *at);
  const auto overlap = std::min(to - from, static_cast<std::ptrdiff_t>(now.size()));
  const auto moved = std::copy(now.begin(), now.begin() + overlap, from);
  known.insert(known.erase(moved, to), now.begin() + overlap, now.end());
}

// The same endpoints with other ports; the slice has `ports` from now on.
void Endpoints::change_ports(Slice& slice, PortsId ports, const Touched& touched) {
  auto& [service, of_service] = *services_.find(*slice.service);
  for (const auto& endpoint : slice.endpoints) {
    if (endpoint.pod == no_pod) continue;
    const MemberId id(endpoint.pod, slice.family);
    touched(service, id);
    auto& member = of_service.members.find(id)->second;
    count_ports(of_service, id, member, ports, true);
    ++member.named;
    count_ports(of_service, id, member, slice.ports, false);
    --member.named;
  }
  release_ports(of_service, slice.ports);
  slice.ports = ports;
}

void Endpoints::count(const Step& step, const Endpoint& endpoint) {
  const std::uint32_t by = step.in ? 1 : ~std::uint32_t{0};
  if (endpoint.pod == no_pod) {
    step.of_service.unresolved[static_cast<std::size_t>(endpoint.why)] += by;
    return step.touched(step.service, std::nullopt);
  }
  auto& members = step.of_service.members;
  const MemberId id(endpoint.pod, step.slice.family);
  const auto [at, fresh] = members.try_emplace(id);
  if (fresh && !members.contains(id.other_family())) pods_[endpoint.pod].services.push_back(&step.service);
  step.touched(step.service, id);
  auto& member = at->second;
  count_ports(step.of_service, id, member, step.slice.ports, step.in);
  member.named += by;
  if (!endpoint.terminating) (endpoint.ready ? member.ready : member.unready) += by;
}

// One more or one fewer endpoint of a slice with these ports names the member; `named` is still the former number.
void Endpoints::count_ports(OfService& of_service, MemberId id, Member& member, PortsId ports, bool in) {
  const auto several = of_service.several->find(id);
  const bool has_several = several != of_service.several->end();
  if (!has_several && (in ? member.named == 0 : member.named == 1)) {
    member.ports = ports;
    return;
  }
  if (!has_several && member.ports == ports) return;
  // There are several lists now, or were before.
  auto& all = of_service.several.make();
  auto& lists = all[id];
  if (lists.empty()) lists.emplace_back(member.ports, member.named);
  const bool was_crowded = lists.size() > most_port_lists;
  const auto list = std::find_if(lists.begin(), lists.end(), [&](const auto& pair) { return pair.first == ports; });
  if (list == lists.end())
    lists.emplace_back(ports, 1);
  else if (in)
    ++list->second;
  else if (--list->second == 0)
    lists.erase(list);
  const bool is_crowded = lists.size() > most_port_lists;
  of_service.crowded += is_crowded, of_service.crowded -= was_crowded;
  if (was_crowded && is_crowded) return;
  if (has_several) release_ports(of_service, member.ports);
  if (lists.size() == 1) {
    member.ports = lists.front().first;
    all.erase(id);
    if (all.empty()) of_service.several.clear();
    return;
  }
  std::sort(lists.begin(), lists.end());
  std::vector<PortsId> parts;
  if (is_crowded)
    parts.push_back(no_ports);
  else
    for (const auto& [part, count] : lists) parts.push_back(part);
  member.ports = take_together(of_service, parts);
}

Endpoints::PodId Endpoints::id_of(std::string_view uid) const {
  const auto found = by_uid_.find(uid);
  return found == by_uid_.end() ? no_pod : *found;
}

Endpoints::PodId Endpoints::take(std::string_view uid) {
  if (const auto known = id_of(uid); known != no_pod) return known;
  auto id = static_cast<PodId>(pods_.size());
  if (free_.empty()) {
    pods_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  pods_[id].uid = PackedText(uid);
  by_uid_.insert(id);
  return id;
}

// The Service no longer has the member in this family.
void Endpoints::leave(OfService& of_service, MemberId member, const ObjectKey& service) {
  if (of_service.members.contains(member.other_family())) return;
  auto& record = pods_[member.pod];
  const auto at =
      std::find_if(record.services.begin(), record.services.end(), [&](const auto* key) { return *key == service; });
  if (at == record.services.end()) return;  // it left in both families at once
  record.services.erase(at);
  if (!record.services.empty()) return;
  by_uid_.erase(member.pod);
  record.uid.clear();
  free_.push_back(member.pod);
}

std::string_view Endpoints::text_of(OfService& of_service, PortsId id) {
  auto& ports = of_service.ports[id];
  if (ports.parts.empty() || !ports.text.view().empty()) return ports.text;
  std::vector<std::string_view> texts;
  for (const auto part : ports.parts)
    if (part != no_ports) texts.push_back(of_service.ports[part].text);
  ports.text = PackedText(together(texts));
  return ports.text;
}

Endpoints::OfService* Endpoints::of(const ObjectKey& service) {
  const auto found = services_.find(service);
  return found == services_.end() ? nullptr : &found->second;
}

void Endpoints::forget(const ObjectKey& service, MemberId id) {
  auto* of_service = of(service);
  if (!of_service) return;
  const auto member = of_service->members.find(id);
  if (member == of_service->members.end() || member->second.named > 0) return;
  of_service->members.erase(member);
  leave(*of_service, id, service);
  drop_if_empty(service);
}

void Endpoints::tidy(const ObjectKey& service) {
  auto* of_service = of(service);
  if (!of_service) return;
  std::vector<MemberId> gone;
  auto members = of_service->members.extract_sequence();
  const auto still = std::remove_if(members.begin(), members.end(), [&](const auto& pair) {
    if (pair.second.named == 0) gone.push_back(pair.first);
    return pair.second.named == 0;
  });
  members.erase(still, members.end());
  of_service->members.adopt_sequence(boost::container::ordered_unique_range, std::move(members));
  for (const auto id : gone) leave(*of_service, id, service);
  drop_if_empty(service);
}

void Endpoints::drop_if_empty(const ObjectKey& service) {
  const auto found = services_.find(service);
  if (found != services_.end() && found->second.members.empty() && found->second.slices == 0) services_.erase(found);
}

std::vector<ObjectKey> Endpoints::services_of(PodId pod) const {
  std::vector<ObjectKey> out;
  if (pod != no_pod)
    for (const auto* service : pods_[pod].services) out.push_back(*service);
  return out;
}

}  // namespace knm
