"""What a cluster means under a configuration: who counts, in which tier, and who has which address."""

import collections

from . import cluster as k8s
from .ports import served

FAMILIES = ("IPv4", "IPv6")


class Meaning:
    """`pods`: those with a network. `tiers`: of these, (namespace, tier). `services`: those that get anything.
    `strangers`: the addresses of others in the public network."""

    def __init__(self, snapshot, settings, outside):
        self.k8s, self.settings, self.outside = snapshot, settings, outside
        self.system = k8s.uid_of(snapshot.namespaces["kube-system"])
        self.pods = {key: pod for key, pod in snapshot.pods.items() if k8s.has_network(pod) and self.has_place(key[0])}
        self.tiers = {key: (key[0], k8s.tier_of(pod, settings.tier_keys, "default-network"))
                      for key, pod in self.pods.items()}
        self.services = {key: service for key, service in snapshot.services.items() if self._counts(key, service)}
        self.strangers = set(k8s.addresses(outside.addresses.values()))
        self._holders = self._oldest()

    def has_place(self, namespace):
        """Whether anything is made of a Namespace."""
        return namespace != "default-project" and namespace not in self.outside.projects

    def _counts(self, key, service):
        spec = service["spec"]
        return (spec["type"] != "ExternalName" and self.has_place(key[0])
                and bool(spec.get("selector") or any(self.k8s.pods_of(service, family) for family in FAMILIES)))

    def tier(self, key):
        """(namespace, tier) of a Service."""
        return key[0], k8s.tier_of(self.k8s.services[key], self.settings.tier_keys, "default")

    def is_load_balancer(self, service):
        """Whether its load-balancer address is ours to give."""
        if service["spec"]["type"] != "LoadBalancer" or k8s.is_headless(service):
            return False
        given = service["spec"].get("loadBalancerClass")
        return self.settings.load_balancer_default if given is None else given == self.settings.load_balancer_class

    def ingress(self, service):
        """The load-balancer addresses that it was told, where they are ours."""
        return k8s.ingress_of(service) if self.is_load_balancer(service) else []

    def _oldest(self):
        """address → the oldest Service that claims it, then the one with the lower UID. Who gets nothing claims nothing."""
        claims = collections.defaultdict(list)
        for key, service in self.services.items():
            for address in self.claimed(key) + self.ingress(service):
                claims[address].append((*k8s.age_of(service), key))
        return {address: min(ages)[2] for address, ages in claims.items()}

    def claimed(self, key):
        """What the specification of a Service names, if it gets anything."""
        spec = self.services.get(key, {"spec": {}})["spec"]
        return k8s.addresses(spec.get("clusterIPs")) + k8s.addresses(spec.get("externalIPs"))

    def has(self, key, address):
        """Whether nobody has an address before this Service."""
        return self._holders.get(address) == key and address not in self.strangers

    def serving(self, service, family):
        """Who serves at its addresses of a family, and how."""
        pods, said = {True: [], False: []}, self.k8s.ports_of(service, family)
        for uid, serves in self.k8s.pods_of(service, family).items():
            pods[serves].append(self.k8s.pods_by_uid[uid])
        return served(service, pods[True], [pod for pod in pods[False] if "deletionTimestamp" not in pod["metadata"]],
                      lambda pod: said[k8s.uid_of(pod)])
