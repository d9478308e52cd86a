#include "controller/events/reasons.hpp"

#include <algorithm>

namespace knm {
namespace {

// One row a reason, sorted by name: {name, warning, on, meaning, remedy}.
constexpr Reason table[] = {
    {"AddressInUse", true, "Service",
     "Another Service has the address, or claims it as the older one while neither has it, or something that is not "
     "ours has it in the public network. An address has one owner, and the one that has it keeps it for as long as it "
     "claims it.",
     "Give the Service another address, or take the address away from whom the Event names."},
    {"AddressNotAllowed", true, "Service",
     "The Service names a public address, and `external-ip-namespaces` does not list its Namespace.",
     "Use type LoadBalancer without a `loadBalancerIP`, or have the Namespace listed."},
    {"AddressOutOfRange", true, "Service",
     "An address of the Service lies in none of the configured ranges, so that no network can hold it.",
     "Use an address of the range that the Event names, or add the range to the configuration."},
    {"AddressReserved", true, "Service",
     "An address of the Service is one that its range keeps for itself: the first, the last, or of a public range the "
     "gateway and DNS before the last.",
     "Use another address of the range."},
    {"DroppedByAPIServer", true, "Pod or Service",
     "The API server accepts what is written to the object, and the object does not have it: an admission policy or "
     "webhook takes it out. A Pod without its annotation is not plugged.",
     "Exempt the ServiceAccount of kube-network-manager from that policy or webhook; nothing else is needed."},
    {"EndpointWithoutNetwork", true, "Service",
     "Some endpoints of the Service are no Pods of its Namespace with a network of ours (hostNetwork, written by hand, "
     "Pods of another Namespace, or Pods that are not there), so that its addresses do not reach them.",
     "Let the Service select Pods that have a network."},
    {"EndpointsOnNodes", false, "Service",
     "All endpoints of the Service are on the nodes' own network (Pods with hostNetwork, or the nodes themselves), so "
     "that its addresses reach none of them from Pod networks. Nothing is wrong where only nodes and hostNetwork Pods "
     "use it.",
     "If Pods are to reach them, let the Service select Pods that have a network, or name the nodes' network as an "
     "`external-service`."},
    {"ExternalAddressAssigned", false, "Service", "A public address of the Service is set up in the public network.",
     ""},
    {"ExternalServiceHidden", true, "Service",
     "The tier of the Service has the name of an `external-service` of the configuration. Services win, so that nobody "
     "of its Namespace reaches that network.",
     "Give the Service another tier, or the external service another name."},
    {"ExternalTrafficPolicyIgnored", true, "Service",
     "`externalTrafficPolicy: Local` has no counterpart: a public address reaches the Pods of all nodes. Clients' "
     "addresses are kept in any case.",
     "Use `Cluster`."},
    {"GlobalNetworkNameCollision", true, "Namespace",
     "Two global networks of the configuration need policies of the same name; the later one is not connected. Said on "
     "`kube-system`, which stands for the cluster.",
     "Rename one of both networks."},
    {"InternalTrafficPolicyIgnored", true, "Service",
     "`internalTrafficPolicy: Local` has no counterpart: an address reaches the Pods of all nodes.", "Use `Cluster`."},
    {"InvalidAddress", true, "Service",
     "A text in `clusterIPs` or `externalIPs` of the Service is no IP address as Kubernetes reads them.",
     "Write an address, or take the text away."},
    {"InvalidLoadBalancerIP", true, "Service",
     "The `loadBalancerIP` of the Service is no address that it could have: no IP address, or one of a family that the "
     "Service has no ClusterIP of.",
     "Request an address of `public-ip-range` of a family that the Service has, or none."},
    {"InvalidUses", true, "Pod",
     "A name in the Pod's `uses` label or annotation cannot be the name of a service tier; the other names count.",
     "Write each name as a label value: letters, digits, `-`, `_` and `.`, 63 characters at most."},
    {"MassDeletionHeld", true, "Namespace",
     "A list from Kubernetes, a start or an audit would take away so much at once that a second list has to say the "
     "same, or a person has to let it go; until then it stays, with its traffic. Said on `kube-system`, which stands "
     "for the cluster.",
     "Make sure that Kubernetes shows what it should ([safety.md](safety.md)); if it does, start once with "
     "`--allow-mass-delete`."},
    {"NamedPortMissing", true, "Service",
     "The EndpointSlices that name some Pods behind the Service have a number for none of its ports, so that these "
     "Pods "
     "do not serve it: their containers have no port of the name of a target port.",
     "Give the containers of these Pods ports of that name and protocol."},
    {"NamedPortUnreached", true, "Service",
     "The EndpointSlices of the Pods that serve the Service have no number for some of its ports: nothing answers on "
     "these ports, which the Event lists.",
     "Give the containers a port of the name and protocol of the target port, or number the target port in the "
     "Service."},
    {"NamedPortsDiffer", true, "Service",
     "The EndpointSlices of the Service have different numbers for its ports, and an address has one mapping: only the "
     "Pods that agree with the majority serve it.",
     "Give the port one number in all Pods, or number the target port in the Service."},
    {"NamespaceReserved", true, "Namespace",
     "The Namespace has the name of the configured default project, which is everybody's, so that nothing of it is "
     "made.",
     "Use another Namespace, or configure another `default-project`."},
    {"NetworkClosed", true, "Namespace",
     "A network that the configuration names and that is not ours has no policies but those that connect Pods. A "
     "network with a policy lets pass what some policy allows, so that it is closed for whatever else went on there. "
     "Said on `kube-system`, which stands for the cluster.",
     "Attach a policy of your own that allows what has to go on, or an empty one where nothing has."},
    {"NetworkOfAnotherOwner", true, "Namespace",
     "A network that the configuration names carries the mark of another owner, so that it is not connected. Said on "
     "`kube-system`, which stands for the cluster.",
     "Take the mark off the network if nobody else uses it, or name another one."},
    {"NetworkReady", false, "Pod",
     "The Pod's interface, address and network are set up, and the node can plug the interface.", ""},
    {"NoFreeAddress", true, "Pod",
     "Every address of `private-ip-range` is taken or rests, so that the Pod waits for one. Where a second range of "
     "another family has none, the Pod has its network without that.",
     "Delete Pods that are not needed, or add a range to `private-ip-range`."},
    {"NoPublicAddress", true, "Service",
     "No address of `public-ip-range` is free for the LoadBalancer Service, or no range of its address families is "
     "configured. It gets one when one becomes free.",
     "Delete a LoadBalancer Service that is not needed, or add a range to the configuration."},
    {"NodePortNotOpened", true, "Service",
     "The network opens no ports on nodes, so that a node port reaches nothing: neither one of type NodePort, nor one "
     "that the load balancer of another class sends to.",
     "Use the Service's ClusterIP, an address in `externalIPs`, or type LoadBalancer with a class that is served here; "
     "of a load balancer that needs no node ports, set `allocateLoadBalancerNodePorts: false`."},
    {"ObjectNotOurs", true, "Namespace, Pod or Service",
     "An object of the config API has the name or the uuid of one that is needed, and is another owner's, or nobody's "
     "and not what it would have to be; it is left alone, and what needs it waits. Said on `kube-system` of what all "
     "clusters share.",
     "Have it removed from the config API, or give the Kubernetes object (of a Namespace: the tier) another name."},
    {"ObjectOccupied", true, "Namespace, Pod or Service",
     "An object that a predecessor of the same name left must go before a new one can be made, but something that is "
     "not ours lies in it or refers to it, or the guard against mass deletion holds what does. Of a Pod whose labels "
     "move "
     "it "
     "to another network: addresses that are not ours are on its interface.",
     "Have what the Event names removed from the config API; the next audit goes on."},
    {"OverwrittenByOthers", true, "Namespace, Pod or Service",
     "Another client writes again and again to what is written for the object: to the annotation of a Pod, the status "
     "of a Service, or an object of the config API. It is put right, at distances that grow to a minute. Of the "
     "config API's objects no answer tells who it is.",
     "Have the field manager that the Event names, or who else writes there, leave it alone."},
    {"PolicyTooBig", true, "Namespace",
     "A service tier or a global network has more users than the rules of one policy can name: they may take no more "
     "than `policy-size-limit`, since the config API refuses bodies that are too long. The first by name are "
     "connected. Of a global network it is said on `kube-system`.",
     "Put the Pods that use it into fewer tiers; raise the limit only with the config API's own."},
    {"ProjectNotOurs", true, "Namespace",
     "The project that the Namespace needs is somebody else's, or another project has the uuid that it needs, so that "
     "nothing of the Namespace is made and its Pods get no network.",
     "Have the project that the Event names removed, or use another Namespace."},
    {"PublicAddressLimit", true, "Service",
     "The Services of the Namespace ask for more public addresses than `public-address-limit` allows. What they have "
     "stays; then the older Service comes first, and of one Service the first in its list.",
     "Give up another public address of the Namespace, or have the limit raised."},
    {"RangeBlocked", true, "Service",
     "A public address of the Service is of a configured range that cannot be added to the public network: a subnet "
     "that is there overlaps it without covering it.",
     "Configure a range that lies inside of that subnet or beside it, or have the subnet taken away."},
    {"RefusedByAPIServer", true, "Pod or Service",
     "The API server refuses what is to be written to the object, several times in a row: an admission policy or "
     "webhook denies it. It is tried again at growing distances. A Pod without its annotation is not plugged.",
     "Do what the API server's words in the Event suggest: exempt the ServiceAccount of kube-network-manager."},
    {"RefusedByConfigAPI", true, "Namespace, Pod or Service",
     "The config API refuses an object that is needed, or what must be done before a predecessor's object can go, "
     "several times in a row: a quota, an address that somebody else has in the network, a project or domain of the "
     "configuration that is not there. It is tried again at growing distances. Said "
     "on `kube-system` of what belongs to no other object.",
     "Do what the config API's words in the Event suggest; nothing else is needed."},
    {"ServiceNotConnected", false, "Service",
     "The Service has no selector and no Pods of its Namespace behind it, so that nothing is made of it: its endpoints "
     "are addresses or names outside, or on the nodes, or there are none. So it is of `default/kubernetes`. Nothing is "
     "wrong where no Pod uses it.",
     "If Pods are to reach what it leads to, name the network that it is in as an `external-service`, and use that "
     "tier."},
    {"SessionAffinityIgnored", true, "Service",
     "`sessionAffinity: ClientIP` has no counterpart: each connection may reach another Pod.",
     "Use `None`, and keep sessions in the application."},
    {"SourceRangesNotEnforced", true, "Service",
     "`loadBalancerSourceRanges` has no counterpart: the load-balancer address is open to everybody who reaches the "
     "public network.",
     "Take the ranges away, and restrict access where the public network is routed."},
    {"TooManyBackends", true, "Service",
     "An address reaches 10,000 Pods at most, the first by name, and more serve the Service.",
     "Divide the Pods among several Services."},
    {"TooManyExternalIPs", true, "Service", "The Service has more than 64 `externalIPs`, and the first 64 count.",
     "Give it fewer, or spread them over several Services."},
    {"TooManyPorts", true, "Service",
     "The first 4,096 ports of a Service count, and it has more; the others are closed. Or EndpointSlices with more "
     "than 32 different lists of ports name one of its Pods; then none of these lists counts for that Pod.",
     "Divide the ports among several Services."},
    {"TooManyUses", true, "Pod",
     "The Pod's `uses` label and annotation name more than 256 service tiers. The first count, the label's before the "
     "annotation's.",
     "Name fewer tiers, or give Services that are used together one tier."},
    {"UnexplainedObject", true, "Namespace, Pod or Service",
     "An object of the config API carries our mark and names this object, but no rule of this version makes such an "
     "object. It is deleted after `orphan-grace`.",
     "Let it go, or remove its annotation `opencontrail.org/owner` if it is to stay."},
    {"UnreadableObject", true, "Namespace, Pod, Service or EndpointSlice",
     "The controller cannot read the object: it holds bytes that are no text, a type that this version does not know, "
     "or is "
     "far too large. What was known of it before goes on counting, and nothing that was made for it is deleted.",
     "Write the field that the Event names anew, or delete the object."},
    {"WritesRefused", true, "Namespace",
     "The API server takes none of our patches of Pods, or of Services: a right is missing, the token is dead, or a "
     "webhook that is asked about all of them does not answer. Said on `kube-system`, which stands for the cluster; "
     "`/readyz` says so as well.",
     "Apply the manifests' ClusterRole and its binding again, or mend the webhook; nothing else is needed."},
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
      "# Events\n\n"
      "What cannot be honoured is said by an Event on the object to blame: `kubectl describe` shows it, and\n"
      "`kubectl get events.events.k8s.io -A` lists all. This page is written from the table in "
      "`controller/events/reasons.cpp`.\n\n"
      "A problem is a state. It has one Event, which comes when the problem does; while it lasts, and whenever it "
      "comes "
      "back,\nthe Event's `series` counts on. Events of Namespaces are in the namespace `default`. The metric "
      "`knm_user_errors` has the\nnumber of problems that objects have now, by reason.\n"
      "What is not wrong, but good to know, is a Normal event: told once, and not again while it lasts.\n"
      "\n## Warnings\n";
  write_section(out, true);
  out += "\n## Normal events\n";
  write_section(out, false);
  return out;
}

}  // namespace knm
