"""The objects that a cluster asks for, in a form that can be compared."""

import collections
import ipaddress
import uuid

from . import cluster as k8s
from .settings import gateway, usable

_IDS = uuid.UUID("3c79d3da-54e8-4d7b-b7ef-8ac4450c1655")  # docs/formats.md
MARK = "opencontrail.org/"
PROJECT = "default-domain:default-project"
ALLOCATION = f"{PROJECT}:addr-alloc"


def derived(*texts):
    """The id of what these three texts identify."""
    return str(uuid.uuid5(_IDS, " ".join(texts)))


def mac_of(interface):
    """`02:` and the first five bytes of the interface's id."""
    return ":".join(["02"] + [interface.replace("-", "")[i:i + 2] for i in range(0, 10, 2)])


def pod_network(namespace, tier):
    """The name of a tier's network: what could be a service network's or the server's own is moved aside."""
    reserved = tier.startswith("service-") or tier == "default-virtual-network"
    return f"default-domain:{namespace}:{'__pod_' if reserved else ''}{tier}"


def service_network(namespace, tier):
    """Of a service tier."""
    return f"default-domain:{namespace}:service-{tier}"


def pool_of(network):
    """A network's pool has its name."""
    return f"{network}:{network.rsplit(':', 1)[1]}"


def policy_name(namespace, tier):
    """What gives access to a service tier."""
    return f"default-domain:{namespace}:__svc_{tier}"


class Wanted:
    """`objects`: (type, name) → its fields. Public addresses are named by Service and address, for which of them has
    the short name depends on the past."""

    def __init__(self, snapshot, settings):
        self._k8s, self._settings = snapshot, settings
        self._system = k8s.uid_of(snapshot.namespaces["kube-system"])
        self.objects = {}
        self.pods = {key: pod for key, pod in snapshot.pods.items() if k8s.has_network(pod) and self._usable(key[0])}
        self._pod_tiers = {key: (key[0], k8s.tier_of(pod, settings.tier_keys, "default-network"))
                           for key, pod in self.pods.items()}
        self._holders = self._claims()
        self._services = {key: service for key, service in snapshot.services.items() if self._counts(key, service)}
        self._rules = self._access()
        self._attached = collections.defaultdict(set)
        for policy, rules in self._rules.items():
            for network in {end for rule in rules for end in rule}:
                self._attached[network].add(policy_name(*policy))
        self._shared()
        for name, item in snapshot.namespaces.items():
            if self._usable(name):
                self._put("project", f"default-domain:{name}", k8s.uid_of(item), self._mark(
                    "Namespace", k8s.uid_of(item), name))
        self._networks()
        for key, pod in self.pods.items():
            self._pod(key, pod)
        for key, service in self._services.items():
            self._addresses(key, service)

    @staticmethod
    def _usable(namespace):
        return namespace != "default-project"

    def _put(self, kind, name, uid, mark, **fields):
        self.objects[kind, name] = dict(fields, uuid=uid, mark=mark)

    def _mark(self, kind, uid, what):
        return {f"{MARK}owner": f"kubernetes/{self._system}", f"{MARK}kind": kind, f"{MARK}uid": uid,
                f"{MARK}object": what}

    def _shared_mark(self, kind, what):
        return {f"{MARK}owner": "shared", f"{MARK}kind": kind, f"{MARK}uid": "", f"{MARK}object": what,
                f"{MARK}user.kubernetes": self._system}

    def _counts(self, key, service):
        spec = service["spec"]
        return (spec["type"] != "ExternalName" and self._usable(key[0])
                and bool(spec.get("selector") or self._k8s.pods_of(service)))

    def _tier(self, key, service):
        return key[0], k8s.tier_of(service, self._settings.tier_keys, "default")

    def is_load_balancer(self, service):
        """Whether its load-balancer address is ours to give."""
        if service["spec"]["type"] != "LoadBalancer" or k8s.is_headless(service):
            return False
        given = service["spec"].get("loadBalancerClass")
        return self._settings.load_balancer_default if given is None else given == self._settings.load_balancer_class

    def ingress(self, service):
        """The load-balancer addresses that it was told, where they are ours."""
        status = (service.get("status") or {}).get("loadBalancer") or {}
        return k8s.addresses(item.get("ip") for item in status.get("ingress") or []) \
            if self.is_load_balancer(service) else []

    def _claims(self):
        """address → the Service that holds it: the oldest, then the one with the lower UID."""
        claims = collections.defaultdict(list)
        for key, service in self._k8s.services.items():
            spec = service["spec"]
            if spec["type"] == "ExternalName":
                continue
            age = (service["metadata"]["creationTimestamp"], k8s.uid_of(service), key)
            for address in (k8s.addresses(spec.get("clusterIPs")) + k8s.addresses(spec.get("externalIPs"))
                            + self.ingress(service)):
                claims[address].append(age)
        return {address: min(ages)[2] for address, ages in claims.items()}

    def _serving(self, service):
        """The pods behind a Service, and its mappings."""
        pods = {True: [], False: []}
        for uid, serves in self._k8s.pods_of(service).items():
            pods[serves].append(self._k8s.pods_by_uid[uid])
        return k8s.served(service, pods[True], [pod for pod in pods[False] if "deletionTimestamp" not in pod["metadata"]])

    def _access(self):
        """service tier → {(network of users, network that they reach)}; only tiers that have such a pair."""
        users = collections.defaultdict(set)  # service tier → networks
        for key, pod in self.pods.items():
            namespace = key[0]
            wishes = {(namespace, name) for name in k8s.uses_of(pod, self._settings.uses_keys)}
            wishes |= {(namespace, name) for name in self._settings.namespace_services}
            for tier in wishes | set(self._settings.cluster_services):
                users[tier].add(pod_network(*self._pod_tiers[key]))
        reached = collections.defaultdict(set)
        for key, service in self._services.items():
            tier = self._tier(key, service)
            if k8s.is_headless(service):
                reached[tier] |= {pod_network(*self._pod_tiers[k8s.key_of(pod)]) for pod in self._serving(service)[0]}
            else:
                reached[tier].add(service_network(*tier))
        pairs = {tier: {(user, network) for user in users[tier] for network in networks if user != network}
                 for tier, networks in reached.items()}
        return {tier: rules for tier, rules in pairs.items() if rules}

    def _subnets(self, network, ranges, nothing_reserved=False):
        return {(text, derived("subnet", network, text), "0.0.0.0" if nothing_reserved else gateway(text))
                for text in ranges}

    def _shared(self):
        settings = self._settings
        networks = [(ALLOCATION, "AddressAllocation", settings.private_ranges)]
        if settings.public_ranges:
            networks.append((settings.public_network, "PublicNetwork", settings.public_ranges))
            pool = pool_of(settings.public_network)
            self._put("floating-ip-pool", pool, derived("floating-ip-pool", "", pool),
                      self._shared_mark("PublicPool", pool))
        for name, kind, ranges in networks:
            uid = derived("virtual-network", "", name)
            self._put("virtual-network", name, uid, self._shared_mark(kind, name),
                      subnets=self._subnets(uid, ranges), policies=set())

    def _networks(self):
        for tier in set(self._pod_tiers.values()):
            self._network(pod_network(*tier), "PodTier", tier, self._settings.private_ranges)
        for tier in {self._tier(key, service) for key, service in self._services.items()
                     if not k8s.is_headless(service)}:
            name = service_network(*tier)
            self._network(name, "ServiceTier", tier, self._settings.service_ranges, nothing_reserved=True)
            self._of_tier("floating-ip-pool", pool_of(name), "ServicePool", tier)
        for tier, rules in self._rules.items():
            name = policy_name(*tier)
            self._of_tier("network-policy", name, "AccessPolicy", tier,
                          rules={(*rule, derived("rule", name, " ".join(rule))) for rule in rules})

    def _of_tier(self, kind, name, role, tier, **fields):
        owner = k8s.uid_of(self._k8s.namespaces[tier[0]])
        uid = derived(kind, owner, name)
        self._put(kind, name, uid, self._mark(role, owner, "/".join(tier)), **fields)
        return uid

    def _network(self, name, role, tier, ranges, nothing_reserved=False):
        uid = self._of_tier("virtual-network", name, role, tier, policies=self._attached[name])
        self.objects["virtual-network", name]["subnets"] = self._subnets(uid, ranges, nothing_reserved)

    def _pod(self, key, pod):
        uid, what = k8s.uid_of(pod), "/".join(key)
        mark = self._mark("Pod", uid, what)
        network, interface = pod_network(*self._pod_tiers[key]), f"default-domain:{key[0]}:{key[1]}"
        interface_id = derived("virtual-machine-interface", uid, "interface")
        self._put("virtual-machine", uid, uid, mark, display_name=key[1])
        self._put("virtual-machine-interface", interface, interface_id, mark, networks={network}, machines={uid},
                  mac=mac_of(interface_id))
        self._put("instance-ip", uid, derived("instance-ip", uid, "allocation v4"), mark, networks={ALLOCATION},
                  interfaces=set(), mode=None)
        self._put("instance-ip", "_".join(key), derived("instance-ip", uid, "use v4"), mark, networks={network},
                  interfaces={interface}, mode="active-active")

    def _addresses(self, key, service):
        spec, ranges = service["spec"], self._settings
        pool = pool_of(service_network(*self._tier(key, service)))
        for address in k8s.addresses(spec.get("clusterIPs")):
            if usable(address, ranges.service_ranges, public=False):
                self._floating_ip(key, service, address, f"{pool}:{key[1]}", f"default-domain:{key[0]}")
        for address in dict.fromkeys(k8s.addresses(spec.get("externalIPs")) + self.ingress(service)):
            if usable(address, ranges.public_ranges, public=True):
                self._floating_ip(key, service, address, public_key("/".join(key), address),
                                  ranges.public_network.rsplit(":", 1)[0])

    def _floating_ip(self, key, service, address, name, project):
        if self._holders[address] != key:
            return
        pods, mappings = self._serving(service)
        uid = k8s.uid_of(service)
        self._put("floating-ip", name, derived("floating-ip", uid, str(address)),
                  self._mark("Service", uid, "/".join(key)), address=str(address), projects={project},
                  interfaces={f"default-domain:{key[0]}:{k8s.key_of(pod)[1]}" for pod in pods},
                  mappings=mappings, enabled=bool(mappings), direction="ingress")


def public_key(what, address):
    """How a public address is called here, whatever its object's name is."""
    return f"public address {ipaddress.ip_address(str(address))} of {what}"
