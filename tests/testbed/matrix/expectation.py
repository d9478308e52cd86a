"""Which connections the labels open: from Kubernetes objects only, by the oracle of the system
tests. The config API is not asked: it is between the labels and the packets."""

from oracle.access import Access
from oracle.cluster import addresses, is_headless
from oracle.meaning import FAMILIES, Meaning
from oracle.names import pod_network, service_network
from oracle.outside import Outside
from oracle.settings import refusal
from oracle.wanted import public_addresses

from .flow import OUTSIDE, Flow

EVERY_POD = 9  # every Pod answers there (discard, RFC 863), so that Pods without Services do too


class Expectation:
    """`flows`: flow → who may answer; empty: the labels close it. `ports`: Pod → (protocol, port)
    at which it must listen. `pods`: name → the Pod.

    `outside`: addresses of the outside that Pods try."""

    def __init__(self, snapshot, settings, outside=()):
        self._meaning = Meaning(snapshot, settings, Outside({}, snapshot, settings))
        self._access = Access(self._meaning)
        self._public = settings.public_network
        self._connected = {rule for rules in [*self._access.tiers.values(),
                                              *self._access.globals.values()] for rule in rules}
        self.pods = {"/".join(key): pod for key, pod in self._meaning.pods.items()
                     if _addresses(pod)}
        self._network = {"/".join(key): pod_network(*tier)
                         for key, tier in self._meaning.tiers.items()}
        self._services = list(self._addresses_of_services())
        self.ports = self._listening()
        self.flows = {}
        self._pods_to_pods()
        self._to_services()
        self._to_outside(outside)

    def _addresses_of_services(self):
        """(title, network, address, {(protocol, port): target}, names of its Pods)."""
        for key, service in sorted(self._meaning.services.items()):
            if is_headless(service):
                continue
            own = [address for address in addresses(service["spec"].get("clusterIPs"))
                   if self._meaning.has(key, address)
                   and not refusal(address, self._meaning.settings.service_ranges, public=False)]
            for address in own + public_addresses(self._meaning, service):
                served = self._meaning.serving(service, FAMILIES[address.version == 6])
                own_targets = [(port["protocol"].lower(), port["port"], port["port"])
                               for port in service["spec"].get("ports") or []]
                ports = {(protocol, port): target
                         for protocol, port, target in served.mappings or own_targets}
                title = f"Service {'/'.join(key)}" + ("" if address in own else " external")
                network = self._public if address not in own else service_network(
                    *self._meaning.tier(key))
                yield title, network, address, ports, frozenset(map(_name, served.pods))

    def _listening(self):
        ports = {name: {("tcp", EVERY_POD), ("udp", EVERY_POD)} for name in self.pods}
        for service in self._meaning.services.values():
            for family in FAMILIES:
                for uid, said in self._meaning.k8s.ports_of(service, family).items():
                    pod = self._meaning.k8s.pods_by_uid.get(uid)
                    ports.get(pod and _name(pod), set()).update(
                        (protocol.lower(), number) for (_, protocol), number in said.items()
                        if number and protocol in ("TCP", "UDP"))
        for _, _, _, mapped, names in self._services:
            for name in names & ports.keys():
                ports[name] |= {(protocol, target) for (protocol, _), target in mapped.items()
                                if protocol in ("tcp", "udp")}
        return ports

    def _is_open(self, source, network):
        """Whether Pods reach what is in a network: their own, or one that a policy connects. A
        policy connects both ways; only a network with Pods can be a source."""
        own = self._network[source]
        return own == network or (own, network) in self._connected or (
            network, own) in self._connected

    def _pods_to_pods(self):
        for source in self.pods:
            for target, pod in self.pods.items():
                if source == target:
                    continue
                names = frozenset([target]) if self._is_open(
                    source, self._network[target]) else frozenset()
                self._to_pod(source, target, pod, names)
        for target, pod in self.pods.items():
            self._to_pod(OUTSIDE, target, pod, frozenset())

    def _to_pod(self, source, target, pod, names):
        families = self._families(source)
        for address in _addresses(pod):
            if address.version in families:
                self.flows[Flow(source, target, "icmp", address)] = names
                for protocol, port in sorted(self.ports[target]):
                    self.flows[Flow(source, target, protocol, address, port)] = names

    def _to_services(self):
        for title, network, address, ports, names in self._services:
            for source in [*self.pods, OUTSIDE]:
                if address.version not in self._families(source):
                    continue
                is_open = network == self._public if source == OUTSIDE else self._is_open(
                    source, network)
                for protocol, port in sorted(ports):
                    if protocol in ("tcp", "udp"):
                        self.flows[Flow(source, title, protocol, address, port)] = (
                            names if is_open else frozenset())

    def _to_outside(self, outside):
        for source in self.pods:
            is_open = self._is_open(source, self._public)
            names = frozenset([OUTSIDE]) if is_open else frozenset()
            for address in outside:
                if address.version in self._families(source):
                    for protocol in ("tcp", "udp"):
                        self.flows[Flow(source, OUTSIDE, protocol, address, EVERY_POD)] = names

    def _families(self, source):
        if source == OUTSIDE:
            return {4, 6}
        return {address.version for address in _addresses(self.pods[source])}


def _name(pod):
    return f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"


def _addresses(pod):
    return addresses(item.get("ip") for item in pod["status"].get("podIPs") or [])
