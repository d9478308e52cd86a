"""What a cluster means under a configuration: who counts, in which tier, and who has which address."""

import collections

from . import cluster as k8s
from .ports import served


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
        self._claimed = self._oldest(snapshot.services, self.claimed)
        self._shown = self._oldest(self.services, self.ingress)

    def has_place(self, namespace):
        """Whether anything is made of a Namespace."""
        return namespace != "default-project" and namespace not in self.outside.projects

    def _counts(self, key, service):
        spec = service["spec"]
        return (spec["type"] != "ExternalName" and self.has_place(key[0])
                and bool(spec.get("selector") or self.k8s.pods_of(service)))

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

    @staticmethod
    def _oldest(services, addresses):
        """address → the oldest Service that names it, then the one with the lower UID."""
        out = collections.defaultdict(list)
        for key, service in services.items():
            for address in addresses(service):
                out[address].append((*k8s.age_of(service), key))
        return {address: min(ages) for address, ages in out.items()}

    @staticmethod
    def claimed(service):
        """What its specification names."""
        spec = service["spec"]
        return [] if spec["type"] == "ExternalName" else \
            k8s.addresses(spec.get("clusterIPs")) + k8s.addresses(spec.get("externalIPs"))

    def has(self, key, address):
        """Whether nobody has an address before this Service. Of a claim and a load-balancer address that of the older
        Service counts; but one that gets nothing takes no load-balancer address from anybody."""
        claimed, shown = self._claimed.get(address), self._shown.get(address)
        if claimed and (not shown or claimed[2] in self.services and claimed < shown):
            holder = claimed
        else:
            holder = shown
        return bool(holder) and holder[2] == key and address not in self.strangers

    def serving(self, service):
        """Who serves, and how."""
        pods = {True: [], False: []}
        for uid, serves in self.k8s.pods_of(service).items():
            pods[serves].append(self.k8s.pods_by_uid[uid])
        return served(service, pods[True], [pod for pod in pods[False] if "deletionTimestamp" not in pod["metadata"]])
