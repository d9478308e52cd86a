#include "controller/intent/service_problems.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace knm {
namespace {

// The first few names, so that the text is bounded, and does not change as long as these Pods have the problem.
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
    add(out,
        {"NamedPortMissing",
         "the EndpointSlices have a number for no port of the Service for these Pods, so the Pods do not serve it: " +
             names_of(others.portless) + "; give the containers ports with the names of the target ports"});
  // A previous problem already reports that these Pods have none of the ports.
  const bool is_to_blame = side.served || (others.portless.empty() && side.waiting() > 0);
  if (!side.unreached.empty() && is_to_blame)
    add(out, {"NamedPortUnreached",
              "the EndpointSlices of the backends have no number for these ports of the Service (target ports), so the "
              "ports are closed: " +
                  side.unreached +
                  "; give a container port the name of the target port, or use a number as the target port"});
  if (!others.detached.empty())
    add(out, {"NamedPortsDiffer",
              "the EndpointSlices of the Service have different port numbers, but an address has one port mapping: " +
                  names_of(others.detached) + " do not serve the Service; use the same port number in all Pods"});
  if (!others.surplus.empty())
    add(out, {"TooManyBackends", "an address reaches " + std::to_string(max_backends) +
                                     " Pods at most, the first by name, and the Service has more backends; divide the "
                                     "Pods among several Services"});
}

// For a Service that gets nothing.
Problem why_nothing(const ObjectKey& key, const std::array<std::uint32_t, unresolved_kinds>& unresolved) {
  const auto has = [&](Unresolved kind) { return unresolved[static_cast<std::size_t>(kind)] > 0; };
  if (has(Unresolved::foreign) || has(Unresolved::missing))
    return {"EndpointWithoutNetwork", std::string("the Service has no selector, and its EndpointSlices name Pods ") +
                                          (has(Unresolved::foreign) ? "of another Namespace" : "that do not exist") +
                                          ", so the controller creates nothing for the Service; name Pods of its own "
                                          "Namespace, or give the Service a selector"};
  const auto notice = [](const std::string& what, const std::string& way_out) {
    return Problem{
        "ServiceNotConnected",
        what + ", so the controller creates nothing for it, and Pod networks do not reach its address; " + way_out,
        true};
  };
  const std::string external = "if Pods need these endpoints, configure their network as an external-service";
  if (key == "default/kubernetes") return notice("the Service of the API server has no selector and no Pods", external);
  if (has(Unresolved::by_name))
    return notice("the Service has no selector, and its endpoints are names outside of the cluster", external);
  if (has(Unresolved::outside))
    return notice("the Service has no selector, and its endpoints are addresses that belong to no Pod", external);
  if (has(Unresolved::on_node))
    return notice("the Service has no selector, and its endpoints are in the network of the nodes", external);
  return notice("the Service has no selector and no endpoints",
                "give the Service a selector, or EndpointSlices that name Pods of its Namespace; for endpoints outside "
                "of the Pod networks, configure their network as an external-service");
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
                                       " different lists of ports name the same Pod of the Service, so none of these "
                                       "lists is used for that Pod; put the ports of a Pod into one EndpointSlice"});
  std::uint32_t all = 0;
  for (const auto count : unresolved) all += count;
  const bool on_nodes_alone =
      all > 0 && group.roster.mapped == 0 && all == unresolved[static_cast<std::size_t>(Unresolved::on_node)];
  if (on_nodes_alone)
    out.push_back(
        {"EndpointsOnNodes",
         "the endpoints of the Service are in the network of the nodes (hostNetwork), so its addresses do not reach "
         "them; use Pods with a network, or configure an external-service for the network of the nodes",
         true});
  else if (all > 0 && !on_nodes_alone)
    out.push_back({"EndpointWithoutNetwork",
                   std::to_string(all) +
                       " of the endpoints of the Service are not Pods with a network of this controller (hostNetwork "
                       "Pods, or addresses in an EndpointSlice that a person wrote), so its addresses do not "
                       "reach them; use Pods with a network, or an external-service"});
  shorten(out);
  return out;
}

}  // namespace knm
