"""The meaning of a cluster under a configuration: which objects count, their tiers, and their
addresses."""

import collections

from . import cluster as k8s
from .ports import served
from .settings import family_of, refusal

FAMILIES = ("IPv4", "IPv6")


class Meaning:
    """`pods`: the Pods with a network. `tiers`: their (namespace, tier). `services`: the Services that get
    config objects. `foreign`: the addresses of other clients in the public network."""

    def __init__(self, snapshot, settings, outside):
        self.k8s, self.settings, self.outside = snapshot, settings, outside
        self.system = k8s.uid_of(snapshot.namespaces["kube-system"])
        self.pods = {key: pod for key, pod in snapshot.pods.items() if k8s.has_network(pod) and self.has_place(key[0])}
        self.tiers = {key: (key[0], k8s.tier_of(pod, settings.tier_keys, "default-network"))
                      for key, pod in self.pods.items()}
        self.services = {key: service for key, service in snapshot.services.items() if self._counts(key, service)}
        self.foreign = set(k8s.addresses(outside.addresses.values()))
        self._holders = self._first()

    def has_place(self, namespace):
        """Whether objects are made for a Namespace."""
        return namespace != "default-project" and namespace not in self.outside.projects

    def _counts(self, key, service):
        spec = service["spec"]
        return (spec["type"] != "ExternalName" and self.has_place(key[0])
                and bool(spec.get("selector") or any(self.k8s.pods_of(service, family) for family in FAMILIES)))

    def tier(self, key):
        """The (namespace, tier) of a Service."""
        return key[0], k8s.tier_of(self.k8s.services[key], self.settings.tier_keys, "default")

    def is_load_balancer(self, service):
        """Whether the controller assigns the load-balancer address of a Service."""
        if service["spec"]["type"] != "LoadBalancer" or k8s.is_headless(service):
            return False
        given = service["spec"].get("loadBalancerClass")
        return self.settings.load_balancer_default if given is None else given == self.settings.load_balancer_class

    def ingress(self, service):
        """The load-balancer addresses in the status, if the controller assigns them."""
        return k8s.ingress_of(service) if self.is_load_balancer(service) else []

    def _first(self):
        """address → the Service that has it. Among the Services that claim it, one that has it
        in the config API comes first; then the oldest whose specification names it; then the
        oldest whose status shows it. Equal age is decided by the lower UID. Only Services that
        get config objects claim addresses."""
        claims = collections.defaultdict(list)
        for key, service in self.services.items():
            named = self.claimed(key)
            for address in named + self.ingress(service):
                there = k8s.uid_of(service) in self.outside.had[address]
                claims[address].append((not there, address not in named, *k8s.age_of(service), key))
        return {address: min(ranks)[-1] for address, ranks in claims.items()}

    def claimed(self, key):
        """The addresses that the specification of a Service names and that it may have."""
        if key not in self.services:
            return []
        service, public = self.services[key], []
        spec, mine = service["spec"], k8s.addresses(service["spec"].get("clusterIPs"))
        if self.settings.may_choose(key[0]):
            public = k8s.addresses(spec.get("externalIPs"))
            request = k8s.address_of(spec.get("loadBalancerIP"))
            if request and self.is_load_balancer(service) and request.version in {own.version for own in mine}:
                public.append(request)
        # If a Namespace asks for too many, earlier states decide which addresses it gets.
        return mine + [address for address in public if not self.is_crowded(key[0])
                       or k8s.uid_of(service) in self.outside.had[address]]

    def is_crowded(self, namespace):
        """Whether the Services of a Namespace ask for more public addresses than the limit."""
        settings, count = self.settings, 0
        for key, service in self.services.items():
            if key[0] != namespace:
                continue
            external = k8s.addresses(service["spec"].get("externalIPs")) if settings.may_choose(namespace) else []
            count += len({address for address in external if not refusal(address, settings.public_ranges, public=True)})
            if self.is_load_balancer(service):
                own = {address.version for address in k8s.addresses(service["spec"].get("clusterIPs"))}
                count += len(own & {family_of(text) for text in settings.public_ranges})
        return count > settings.public_address_limit

    def holder(self, address):
        """The Service that has an address; None if no Service has it."""
        return self._holders.get(address)

    def has(self, key, address):
        """Whether this Service has the address, ahead of other Services and clients."""
        return self._holders.get(address) == key and address not in self.foreign

    def serving(self, service, family):
        """The Pods that serve at a Service's addresses of a family, and the port mappings."""
        pods, said = {True: [], False: []}, self.k8s.ports_of(service, family)
        for uid, serves in self.k8s.pods_of(service, family).items():
            pods[serves].append(self.k8s.pods_by_uid[uid])
        return served(service, pods[True], [pod for pod in pods[False] if "deletionTimestamp" not in pod["metadata"]],
                      lambda pod: said[k8s.uid_of(pod)])
