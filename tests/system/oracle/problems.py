"""What must be said of a cluster: the Warnings of docs/events.md that hold now."""

import collections
import dataclasses

from . import cluster as k8s
from .names import project_of
from .settings import refusal


@dataclasses.dataclass(frozen=True)
class Told:
    """A Warning on an object, and the words that its note has at least."""

    kind: str
    key: tuple  # (namespace, name)
    uid: str
    reason: str
    words: tuple = ()

    @classmethod
    def on(cls, kind, item, reason, *words):
        """Of an object as the API server gives it."""
        return cls(kind, k8s.key_of(item), k8s.uid_of(item), reason, words)


def problems(meaning, access):
    """All but those of load-balancer addresses: `Told`s."""
    out = _of_cluster(meaning, access)
    for key, pod in meaning.k8s.pods.items():
        if k8s.has_network(pod):
            odd = k8s.uses_of(pod, meaning.settings.uses_keys)[1]
            out += [Told.on("Pod", pod, "InvalidUses", name) for name in odd]
    for key, service in meaning.services.items():
        out += _of_addresses(meaning, key, service) + _of_ports(meaning, service) + _of_wishes(meaning, service)
        if network := meaning.settings.external_service(*meaning.tier(key)):
            out.append(Told.on("Service", service, "ExternalServiceHidden", network))
        if _strays(meaning, service):
            out.append(Told.on("Service", service, "EndpointWithoutNetwork"))
    return out


def by_reason(told):
    """How many there are of each."""
    return collections.Counter(item.reason for item in told)


def _of_cluster(meaning, access):
    out = []
    for name, item in meaning.k8s.namespaces.items():
        if name == "default-project":
            out.append(Told.on("Namespace", item, "NamespaceReserved"))
        elif not meaning.has_place(name):
            out.append(Told.on("Namespace", item, "ProjectNotOurs", project_of(name)))
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
    serving = meaning.serving(service)
    out = [Told.on("Service", service, reason, *sorted(pod["metadata"]["name"] for pod in pods))
           for reason, pods in (("NamedPortMissing", serving.portless), ("NamedPortsDiffer", serving.differing)) if pods]
    if serving.unreached:
        out.append(Told.on("Service", service, "NamedPortUnreached", *serving.unreached))
    return out


def _of_wishes(meaning, service):
    """What the config API has no word for."""
    spec, balanced, out = service["spec"], meaning.is_load_balancer(service), []
    has_external = any(not refusal(address, meaning.settings.public_ranges, public=True)
                       and meaning.has(k8s.key_of(service), address)
                       for address in k8s.addresses(spec.get("externalIPs")))
    headless = k8s.is_headless(service)
    # Whoever serves one of another class sends what comes for it to its node ports.
    of_others = spec["type"] == "LoadBalancer" and not balanced and any(port.get("nodePort") for port in spec["ports"])
    for reason, wished in (
            ("SourceRangesNotEnforced", balanced and spec.get("loadBalancerSourceRanges")),
            ("ExternalTrafficPolicyIgnored", (balanced or has_external) and spec.get("externalTrafficPolicy") == "Local"),
            ("InternalTrafficPolicyIgnored", not headless and spec.get("internalTrafficPolicy") == "Local"),
            ("SessionAffinityIgnored", not headless and spec.get("sessionAffinity") == "ClientIP"),
            ("NodePortNotOpened", not headless and (spec["type"] == "NodePort" or of_others))):
        if wished:
            out.append(Told.on("Service", service, reason))
    return out


def _strays(meaning, service):
    """The endpoints that are no Pods with a network here. One that terminates and whose Pod nobody knows is about to go."""
    out = []
    for endpoint in meaning.k8s.endpoints_of(service):
        uid = (endpoint.get("targetRef") or {}).get("uid")
        pod = meaning.k8s.pods_by_uid.get(uid)
        leaving = (endpoint.get("conditions") or {}).get("terminating")
        if not uid or not pod and not leaving or pod and (k8s.key_of(pod) not in meaning.pods
                               or pod["metadata"]["namespace"] != service["metadata"]["namespace"]):
            out.append(endpoint)
    return out
