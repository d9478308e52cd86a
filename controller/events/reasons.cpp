#include "controller/events/reasons.hpp"

#include <algorithm>

namespace knm {
namespace {

// One row for each reason, sorted by name: {name, warning, on, meaning, remedy}.
constexpr Reason table[] = {
    {"AddressInUse", true, "Service",
     "The address belongs to another owner: another Service has it, an older Service claims it, or a foreign object "
     "has it in the public network. An address has one owner, which keeps the address as long as it claims the "
     "address.",
     "Give the Service another address, or release the address at the owner that the Event names."},
    {"AddressNotAllowed", true, "Service",
     "The Service requests a public address, and `external-ip-namespaces` does not list its Namespace.",
     "Use type LoadBalancer without a `loadBalancerIP`, or add the Namespace to `external-ip-namespaces`."},
    {"AddressOutOfRange", true, "Service",
     "An address of the Service lies in none of the configured ranges, so no network has a subnet for it.",
     "Use an address of the range that the Event names, or add the range to the configuration."},
    {"AddressReserved", true, "Service",
     "An address of the Service is reserved in its range: the first or the last address, or in a public range the "
     "gateway or DNS address before the last.",
     "Use another address of the range."},
    {"DroppedByAPIServer", true, "Pod or Service",
     "The API server accepts the patch of the object, but drops the change: an admission policy or webhook removes it. "
     "The node plugin does not attach a Pod without its pod state annotation.",
     "Exempt the ServiceAccount of kube-network-manager from that policy or webhook. No other action is needed."},
    {"EndpointWithoutNetwork", true, "Service",
     "Some endpoints of the Service are not Pods of its Namespace with a network of this controller, so the addresses "
     "of the Service do not reach them. Such endpoints are hostNetwork Pods, Pods of another Namespace, Pods that do "
     "not exist, or addresses in an EndpointSlice that a person wrote.",
     "Let the Service select Pods that have a network."},
    {"EndpointsOnNodes", false, "Service",
     "All endpoints of the Service are in the network of the nodes (hostNetwork Pods, or the nodes themselves), so its "
     "addresses reach none of them from Pod networks. This is correct if only nodes and hostNetwork Pods use the "
     "Service.",
     "If Pods need the Service, let it select Pods that have a network, or configure the network of the nodes as an "
     "`external-service`."},
    {"ExternalAddressAssigned", false, "Service",
     "A public address of the Service is configured in the public network.", ""},
    {"ExternalServiceHidden", true, "Service",
     "The tier of the Service has the name of a configured `external-service`. The Service takes precedence, so no Pod "
     "of the Namespace reaches that network.",
     "Give the Service another tier, or the external service another name."},
    {"ExternalTrafficPolicyIgnored", true, "Service",
     "The controller does not support `externalTrafficPolicy: Local`: a public address reaches the Pods of all nodes. "
     "Pods see the address of the client in any case.",
     "Use `Cluster`."},
    {"GlobalNetworkNameCollision", true, "Namespace",
     "Two configured global networks need policies of the same name; the later network is not connected. The Event is "
     "on the Namespace `kube-system`, which stands for the cluster.",
     "Rename one of the two networks."},
    {"InternalTrafficPolicyIgnored", true, "Service",
     "The controller does not support `internalTrafficPolicy: Local`: an address reaches the Pods of all nodes.",
     "Use `Cluster`."},
    {"InvalidAddress", true, "Service",
     "An entry in `clusterIPs` or `externalIPs` of the Service is not an IP address in the notation of Kubernetes.",
     "Correct the entry, or remove it."},
    {"InvalidLoadBalancerIP", true, "Service",
     "The Service cannot have its `loadBalancerIP`: the value is not an IP address, or the Service has no ClusterIP of "
     "its address family.",
     "Request an address of `public-ip-range` of an address family of the Service, or remove `loadBalancerIP`."},
    {"InvalidUses", true, "Pod",
     "A name in the `uses` label or annotation of the Pod is not a valid name of a service tier. The other names are "
     "used.",
     "Write each name as a label value: letters, digits, `-`, `_` and `.`, 63 characters at most."},
    {"MassDeletionHeld", true, "Namespace",
     "A list from Kubernetes, a start or an audit would delete very many objects at once. The mass-deletion guard "
     "holds these deletions until a second list confirms them or an operator allows them. Until then the objects and "
     "their traffic stay. The Event is on the Namespace `kube-system`, which stands for the cluster.",
     "Check that Kubernetes shows the correct objects ([safety.md](safety.md)). If it does, start once with "
     "`--allow-mass-delete`."},
    {"NamedPortMissing", true, "Service",
     "The EndpointSlices of some backends have a number for none of the Service's ports: the containers of these Pods "
     "have no port with the name of a target port. These Pods do not serve the Service.",
     "Give the containers of these Pods ports with the name and protocol of the target port."},
    {"NamedPortUnreached", true, "Service",
     "The EndpointSlices of the backends have no number for some ports of the Service, so these ports are closed. The "
     "Event lists them.",
     "Give the containers a port with the name and protocol of the target port, or use a number as the target port in "
     "the Service."},
    {"NamedPortsDiffer", true, "Service",
     "The EndpointSlices of the Service have different numbers for its ports, but an address has one port mapping. "
     "Only the Pods with the port numbers of the majority serve the Service.",
     "Use the same port number in all Pods, or use a number as the target port in the Service."},
    {"NamespaceReserved", true, "Namespace",
     "The Namespace has the name of the configured default project, which all clusters share. The controller creates "
     "no objects for the Namespace.",
     "Use another Namespace, or configure another `default-project`."},
    {"NetworkClosed", true, "Namespace",
     "An external network of the configuration has only the network policies that connect Pods. A network with "
     "a policy allows only what some policy allows, so all other traffic of the network is blocked. The Event is on "
     "the Namespace `kube-system`, which stands for the cluster.",
     "Attach a policy of your own that allows the other traffic, or an empty policy if there is none."},
    {"NetworkOfAnotherOwner", true, "Namespace",
     "A network that the configuration names has the owner annotations of another owner, so it is not connected. The "
     "Event is on the Namespace `kube-system`, which stands for the cluster.",
     "Remove the owner annotations if no other cluster uses the network, or configure another network."},
    {"NetworkReady", false, "Pod",
     "The interface, address and network of the Pod are configured, and the node plugin can attach the interface.", ""},
    {"NoFreeAddress", true, "Pod",
     "Every address of `private-ip-range` is assigned or cooling down, so the Pod waits for an address. If only the "
     "second address family has no free address, the Pod has its network without that family.",
     "Delete Pods that are not needed, or add a range to `private-ip-range`."},
    {"NoPublicAddress", true, "Service",
     "No address of `public-ip-range` is free for the LoadBalancer Service, or no range of its address families is "
     "configured. The Service gets an address when one becomes free.",
     "Delete a LoadBalancer Service that is not needed, or add a range to the configuration."},
    {"NodePortNotOpened", true, "Service",
     "The controller opens no ports on nodes, so a node port is not reachable: neither the node port of a NodePort "
     "Service, nor a node port that the load balancer of another class sends to.",
     "Use the ClusterIP of the Service, an address in `externalIPs`, or type LoadBalancer with the configured class. "
     "If the load balancer needs no node ports, set `allocateLoadBalancerNodePorts: false`."},
    {"ObjectNotOwned", true, "Namespace, Pod or Service",
     "An object of the config API has the name or the uuid of a desired object, and is foreign, or is unowned and "
     "cannot be adopted. The controller leaves it alone, and the objects that depend on the desired object wait. For "
     "an object that all clusters share, the Event is on the Namespace `kube-system`.",
     "Remove the object from the config API, or give the Kubernetes object (for a Namespace: the tier) another name."},
    {"ObjectOccupied", true, "Namespace, Pod or Service",
     "An object of a previous Kubernetes object with the same name must be deleted before the new object is created. "
     "Its deletion is held: foreign or unowned objects lie in it or refer to it, or the mass-deletion guard holds "
     "their deletion. If the labels of a Pod move it to another network: foreign addresses are on its interface.",
     "Remove the objects that the Event names from the config API. The next audit continues."},
    {"OverwrittenByOthers", true, "Namespace, Pod or Service",
     "Another client overwrites the object repeatedly: the pod state annotation of a Pod, the status of a Service, or "
     "an object of the config API. The controller repairs it at growing intervals, at most one minute apart. The "
     "config API does not tell which client writes.",
     "Stop the field manager that the Event names, or the other client of the config API, from writing there."},
    {"PolicyTooBig", true, "Namespace",
     "A service tier or a global network has more users than one policy has room for: the rules of a policy are "
     "limited by `policy-size-limit`, because the config API refuses bodies that are too long. The first users by name "
     "are connected. For a global network the Event is on the Namespace `kube-system`.",
     "Put the Pods that use it into fewer tiers. Raise the limit only together with the limit of the config API."},
    {"ProjectNotOwned", true, "Namespace",
     "The project of the Namespace is foreign, or another project has its uuid. The controller creates no objects for "
     "the Namespace, and its Pods get no network.",
     "Remove the project that the Event names, or use another Namespace."},
    {"PublicAddressLimit", true, "Service",
     "The Services of the Namespace request more public addresses than `public-address-limit` allows. Assigned "
     "addresses stay. Among the other requests an older Service comes first, and within a Service the first address of "
     "its list.",
     "Release another public address of the Namespace, or raise the limit."},
    {"RangeBlocked", true, "Service",
     "A public address of the Service is in a configured range that cannot be added to the public network: an existing "
     "subnet overlaps the range without covering it.",
     "Configure a range inside or beside that subnet, or remove the subnet."},
    {"RefusedByAPIServer", true, "Pod or Service",
     "The API server refuses the patch of the object repeatedly: an admission policy or webhook denies it. The "
     "controller retries at growing intervals. The node plugin does not attach a Pod without its pod state annotation.",
     "Follow the answer of the API server in the Event: exempt the ServiceAccount of kube-network-manager."},
    {"RefusedByConfigAPI", true, "Namespace, Pod or Service",
     "The config API refuses a desired object repeatedly, or a request that must precede the deletion of a previous "
     "object. Possible causes are a quota, an address that a foreign object has in the network, or a configured "
     "project or domain that does not exist. The controller retries at growing intervals. If no other object is "
     "affected, the Event is on the Namespace `kube-system`.",
     "Follow the answer of the config API in the Event. No other action is needed."},
    {"ServiceNotConnected", false, "Service",
     "The Service has no selector and no Pods of its Namespace as backends, so the controller creates nothing for it: "
     "its endpoints are addresses or names outside of the cluster, or are on the nodes, or do not exist. An example is "
     "`default/kubernetes`. This is correct if no Pod uses the Service.",
     "If Pods need the endpoints, configure their network as an `external-service`, and use that tier."},
    {"SessionAffinityIgnored", true, "Service",
     "The controller does not support `sessionAffinity: ClientIP`: each connection may reach another Pod.",
     "Use `None`, and keep sessions in the application."},
    {"SourceRangesNotEnforced", true, "Service",
     "The controller does not support `loadBalancerSourceRanges`: the load-balancer address is open to every client "
     "that reaches the public network.",
     "Remove the ranges, and restrict access where the public network is routed."},
    {"TooManyBackends", true, "Service",
     "An address reaches 10,000 Pods at most, the first by name, and the Service has more backends.",
     "Divide the Pods among several Services."},
    {"TooManyExternalIPs", true, "Service", "The Service has more than 64 `externalIPs`. Only the first 64 are used.",
     "Remove addresses, or spread them over several Services."},
    {"TooManyPorts", true, "Service",
     "The Service has more than 4,096 ports. Only the first 4,096 are open. Or EndpointSlices with more than 32 "
     "different lists of ports name the same Pod of the Service; then none of these lists is used for that Pod.",
     "Divide the ports among several Services."},
    {"TooManyUses", true, "Pod",
     "The `uses` label and annotation of the Pod list more than 256 service tiers. Only the first 256 are used, those "
     "of the label before those of the annotation.",
     "List fewer tiers, or give Services that are used together one tier."},
    {"UnexplainedObject", true, "Namespace, Pod or Service",
     "An object of the config API has the owner annotations of this cluster and names this Kubernetes object, but no "
     "rule of this version creates such an object. The controller deletes this orphan after `orphan-grace`.",
     "No action is needed. To keep the object, remove its annotation `opencontrail.org/owner`."},
    {"UnreadableObject", true, "Namespace, Pod, Service or EndpointSlice",
     "The controller cannot read the object: it has bytes that are not UTF-8, a type that this version does not know, "
     "or is far too large. The last known version of the object stays valid, and no config object of it is deleted.",
     "Rewrite the field that the Event names, or delete the object."},
    {"WritesRefused", true, "Namespace",
     "The API server refuses all patches of Pods, or of Services: a permission is missing, the token is invalid, or a "
     "webhook for all of these objects does not answer. The Event is on the Namespace `kube-system`, which stands for "
     "the cluster. `/readyz` fails, too.",
     "Apply the ClusterRole of the manifests and its binding again, or repair the webhook. No other action is needed."},
};

void write_section(std::string& out, bool warnings) {
  for (const auto& reason : table) {
    if (reason.warning != warnings) continue;
    out.append("\n### ").append(reason.name).append("\n\nOn a ").append(reason.on).append(". ").append(reason.meaning);
    if (!reason.remedy.empty()) out.append("\n\n*What to do:* ").append(reason.remedy);
    out += '\n';
  }
}

}  // namespace

std::span<const Reason> reasons() { return table; }

const Reason* find_reason(std::string_view name) {
  const auto at = std::find_if(std::begin(table), std::end(table), [&](const auto& row) { return row.name == name; });
  return at == std::end(table) ? nullptr : at;
}

std::string reasons_page() {
  std::string out =
      "# Events\n"
      "\n"
      "An Event reports a request that the controller cannot meet. It is on the object that requests it: `kubectl\n"
      "describe` shows the Event, and `kubectl get events.events.k8s.io -A` lists all Events. This page is\n"
      "generated from the table in `controller/events/reasons.cpp`.\n"
      "\n"
      "A problem is a state with one Warning. The Event appears when the problem begins. While the problem lasts,\n"
      "and whenever it returns, the `series` of the Event counts on. Events of Namespaces are in the namespace\n"
      "`default`. The metric `knm_user_errors` has the number of current problems by reason.\n"
      "\n"
      "A Normal event reports a state that is not a problem. It is written once while the state lasts.\n"
      "\n## Warnings\n";
  write_section(out, true);
  out += "\n## Normal events\n";
  write_section(out, false);
  return out;
}

}  // namespace knm
