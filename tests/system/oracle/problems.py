"""The problems that must be reported for a cluster: the Warnings of docs/events.md that hold
now."""

import collections
import dataclasses

from . import cluster as k8s
from .names import project_of
from .meaning import FAMILIES
from .settings import refusal


@dataclasses.dataclass(frozen=True)
class Told:
    """A problem on an object, and the words that its note must contain."""

    kind: str
    key: tuple  # (namespace, name)
    uid: str
    reason: str
    words: tuple = ()
    warning: bool = True  # False: no fault, but a notice

    @classmethod
    def on(cls, kind, item, reason, *words, warning=True):
        """The problem of an object that the API server returned."""
        return cls(kind, k8s.key_of(item), k8s.uid_of(item), reason, words, warning)


def problems(meaning, access):
    """All `Told`s except those about load-balancer addresses."""
    out = _of_cluster(meaning, access)
    for key, pod in meaning.k8s.pods.items():
        if k8s.has_network(pod):
            odd = k8s.uses_of(pod, meaning.settings.uses_keys)[1]
            out += [Told.on("Pod", pod, "InvalidUses", name) for name in odd]
    for key, service in meaning.services.items():
        out += _of_addresses(meaning, key, service) + _of_ports(meaning, service) + _of_wishes(meaning, service)
        if network := meaning.settings.external_service(*meaning.tier(key)):
            out.append(Told.on("Service", service, "ExternalServiceHidden", network))
        strays = _strays(meaning, service)
        if strays and set(strays) == {"on a node"} and not _has_pods(meaning, service):
            out.append(Told.on("Service", service, "EndpointsOnNodes", warning=False))
        elif strays:
            out.append(Told.on("Service", service, "EndpointWithoutNetwork"))
    for key, service in meaning.k8s.services.items():
        if key not in meaning.services and meaning.has_place(key[0]) and service["spec"]["type"] != "ExternalName":
            wrong = {"foreign", "missing"} & set(_strays(meaning, service))
            out.append(Told.on("Service", service, "EndpointWithoutNetwork") if wrong else
                       Told.on("Service", service, "ServiceNotConnected", "external-service", warning=False))
    return out


def by_reason(found):
    """The number of Warnings for each reason."""
    return collections.Counter(item.reason for item in found if item.warning)


def _of_cluster(meaning, access):
    out = []
    for name, item in meaning.k8s.namespaces.items():
        if name == "default-project":
            out.append(Told.on("Namespace", item, "NamespaceReserved"))
        elif not meaning.has_place(name):
            out.append(Told.on("Namespace", item, "ProjectNotOwned", project_of(name)))
    system = meaning.k8s.namespaces["kube-system"]
    out += [Told.on("Namespace", system, "GlobalNetworkNameCollision", network) for network in access.colliding()]
    out += [Told.on("Namespace", system, "NetworkOfAnotherOwner", network)
            for network, owner in meaning.outside.networks.items() if owner and network not in access.colliding()]
    out += [Told.on("Namespace", system, "NetworkClosed", network)
            for network in meaning.outside.connectable() if access.attached[network]]
    return out


def _of_addresses(meaning, key, service):
    out, settings = [], meaning.settings
    for field, ranges, public in (("clusterIPs", settings.service_ranges, False),
                                  ("externalIPs", settings.public_ranges, True)):
        out += [Told.on("Service", service, "InvalidAddress", text)
                for text in k8s.no_addresses(service["spec"].get(field))]
        for address in dict.fromkeys(k8s.addresses(service["spec"].get(field))):
            reason = refusal(address, ranges, public)
            if not reason and public and not settings.may_choose(key[0]):
                reason = "AddressNotAllowed"
            if not reason and public and address not in meaning.claimed(key):
                reason = "PublicAddressLimit"
            if reason or not meaning.has(key, address):
                out.append(Told.on("Service", service, reason or "AddressInUse", str(address)))
    return out


def _of_ports(meaning, service):
    out = []
    for serving in (meaning.serving(service, family) for family in FAMILIES):
        # The note names the first five Pods.
        out += [Told.on("Service", service, reason, *sorted(pod["metadata"]["name"] for pod in pods)[:5])
                for reason, pods in (("NamedPortMissing", serving.portless), ("NamedPortsDiffer", serving.differing))
                if pods]
        if serving.unreached:
            out.append(Told.on("Service", service, "NamedPortUnreached", *serving.unreached))
    if len(service["spec"].get("ports") or []) > 4096:
        out.append(Told.on("Service", service, "TooManyPorts"))
    return list(dict.fromkeys(out))


def _of_wishes(meaning, service):
    """Settings that the config API cannot express."""
    spec, balanced, out = service["spec"], meaning.is_load_balancer(service), []
    has_external = any(not refusal(address, meaning.settings.public_ranges, public=True)
                       and meaning.has(k8s.key_of(service), address)
                       for address in k8s.addresses(spec.get("externalIPs")))
    headless = k8s.is_headless(service)
    # The implementation that serves another class sends traffic to the node ports.
    of_others = spec["type"] == "LoadBalancer" and not balanced and any(port.get("nodePort") for port in spec["ports"])
    for reason, setting in (
            ("SourceRangesNotEnforced", balanced and spec.get("loadBalancerSourceRanges")),
            ("ExternalTrafficPolicyIgnored", (balanced or has_external) and spec.get("externalTrafficPolicy") == "Local"),
            ("InternalTrafficPolicyIgnored", not headless and spec.get("internalTrafficPolicy") == "Local"),
            ("SessionAffinityIgnored", not headless and spec.get("sessionAffinity") == "ClientIP"),
            ("NodePortNotOpened", not headless and (spec["type"] == "NodePort" or of_others))):
        if setting:
            out.append(Told.on("Service", service, reason))
    return out


def _has_pods(meaning, service):
    return any(meaning.k8s.pods_of(service, family) for family in FAMILIES)


def _strays(meaning, service):
    """The kinds of the endpoints that are no Pods with a network. A terminating endpoint whose
    Pod does not exist is ignored, because it is about to be removed."""
    return [kind for item in meaning.k8s.slices_of(service) for endpoint in item.get("endpoints") or []
            if (kind := _stray(meaning, service, item, endpoint))]


def _stray(meaning, service, item, endpoint):
    uid = k8s.target_uid(endpoint)
    if item["addressType"] == "FQDN":
        return "a name"
    if not uid:
        is_node = (endpoint.get("targetRef") or {}).get("kind") == "Node" or endpoint.get("nodeName")
        return "on a node" if is_node else "outside"
    pod = meaning.k8s.pods_by_uid.get(uid)
    if not pod:
        return None if (endpoint.get("conditions") or {}).get("terminating") else "missing"
    if pod["metadata"]["namespace"] != service["metadata"]["namespace"]:
        return "foreign"
    if k8s.key_of(pod) in meaning.pods:
        return None
    on_node = pod["spec"].get("hostNetwork") or "kubernetes.io/config.mirror" in (
        pod["metadata"].get("annotations") or {})
    return "on a node" if on_node else "missing"
