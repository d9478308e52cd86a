#include "controller/intent/service_problems.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace knm {
namespace {

// The first of them, so that the note costs the same however many there are, and says the same while they go on.
std::string names_of(const NameList& pods) {
  constexpr std::size_t most = 5;
  std::string out;
  std::size_t count = 0;
  for (const auto& key : pods) {
    if (count++ == most) return out + " and others";
    out += (out.empty() ? "" : ", ") + std::string(name_of(key));
  }
  return out;
}

void add(std::vector<Problem>& out, Problem problem) {
  if (std::find(out.begin(), out.end(), problem) == out.end()) out.push_back(std::move(problem));
}

void add_of_side(std::vector<Problem>& out, const Roster::Side& side) {
  const auto& others = side.others.get();
  if (!others.portless.empty())
    add(out, {"NamedPortMissing",
              "no port of the Service has a number for these Pods in their EndpointSlices, so they do not serve it: " +
                  names_of(others.portless) + "; give their containers ports of the names of the target ports"});
  // That these Pods have none of the ports is said already.
  const bool is_to_blame = side.served || (others.portless.empty() && side.waiting() > 0);
  if (!side.unreached.empty() && is_to_blame)
    add(out, {"NamedPortUnreached",
              "the EndpointSlices of the Pods that serve the Service have no number for these ports of it (target "
              "ports), so that nobody answers there: " +
                  side.unreached + "; name a container port so, or give the target port a number"});
  if (!others.detached.empty())
    add(out, {"NamedPortsDiffer",
              "the EndpointSlices of the Service have different numbers for its ports, and an address has one mapping "
              "only: " +
                  names_of(others.detached) + " do not serve it; give the port one number in all Pods"});
  if (!others.surplus.empty())
    add(out, {"TooManyBackends", "an address reaches " + std::to_string(max_backends) +
                                     " Pods at most, the first by name, and the Service has more; divide them among "
                                     "several Services"});
}

// Of a Service that gets nothing.
Problem why_nothing(const ObjectKey& key, const std::array<std::uint32_t, unresolved_kinds>& unresolved) {
  const auto has = [&](Unresolved kind) { return unresolved[static_cast<std::size_t>(kind)] > 0; };
  if (has(Unresolved::foreign) || has(Unresolved::missing))
    return {"EndpointWithoutNetwork",
            std::string("it has no selector, and its EndpointSlices name Pods ") +
                (has(Unresolved::foreign) ? "of another Namespace" : "that are not there") +
                ", so nothing is made of it; name Pods of its own Namespace, or give the Service a selector"};
  const auto notice = [](const std::string& what, const std::string& way_out) {
    return Problem{"ServiceNotConnected",
                   what +
                       ", so nothing is made of it and its address is not reached from Pod "
                       "networks; " +
                       way_out,
                   true};
  };
  const std::string external = "to let Pods use what is there, name the network that it is in as an external-service";
  if (key == "default/kubernetes")
    return notice("it is the API server's own Service, without a selector and Pods", external);
  if (has(Unresolved::by_name))
    return notice("it has no selector, and its endpoints are names outside of the cluster", external);
  if (has(Unresolved::outside))
    return notice("it has no selector, and its endpoints are addresses outside of the Pods", external);
  if (has(Unresolved::on_node))
    return notice("it has no selector, and its endpoints are on the nodes' own network", external);
  return notice("it has no selector and no endpoints",
                "give it a selector, or EndpointSlices that name Pods of its Namespace; to use what is outside of the "
                "Pod networks, name its network as an external-service");
}

}  // namespace

std::vector<Problem> problems_of(const ObjectKey& service, std::vector<Problem> own, const BackendGroup& group,
                                 const Endpoints::OfService* endpoints) {
  auto out = std::move(own);
  auto unresolved = group.roster.unresolved;
  if (endpoints)
    for (std::size_t i = 0; i < unresolved.size(); ++i) unresolved[i] += endpoints->unresolved[i];
  if (!group.counts()) {
    out.push_back(why_nothing(service, unresolved));
    return out;
  }
  for (const auto& side : group.roster.sides) add_of_side(out, side);
  if (endpoints && endpoints->crowded > 0)
    out.push_back({"TooManyPorts", "EndpointSlices with more than " + std::to_string(most_port_lists) +
                                       " different lists of ports name one of its Pods, and none of these lists counts "
                                       "for that Pod; put the ports of a Pod into one slice"});
  std::uint32_t all = 0;
  for (const auto count : unresolved) all += count;
  const bool on_nodes_alone =
      all > 0 && group.roster.mapped == 0 && all == unresolved[static_cast<std::size_t>(Unresolved::on_node)];
  if (on_nodes_alone)
    out.push_back({"EndpointsOnNodes",
                   "its endpoints are on the nodes' own network (hostNetwork), so its addresses do not reach them; use "
                   "Pods with a network, or for Pods that are to reach the nodes an external-service",
                   true});
  else if (all > 0 && !on_nodes_alone)
    out.push_back({"EndpointWithoutNetwork",
                   std::to_string(all) +
                       " of its endpoints are no Pods with a network of ours (hostNetwork, or written by hand), so its "
                       "addresses do not reach them; use Pods with a network, or an external-service"});
  shorten(out);
  return out;
}

}  // namespace knm
