"""The desired objects of a cluster, in a form that can be compared."""

from . import cluster as k8s
from .names import (ALLOCATION, DOMAIN, MARK, derived, global_policy, mac_of, pod_network, policy_name, pool_of,
                    project_of, public_key, second, service_network)
from .settings import family_of, gateway, refusal


class Wanted:
    """`objects`: (type, name) → its fields. Public addresses are named by Service and address,
    because earlier states decide which of them has the short name."""

    def __init__(self, meaning, access):
        self._meaning, self._access, self._settings = meaning, access, meaning.settings
        self.objects = {}
        self._shared()
        self._of_others()
        for name, item in meaning.k8s.namespaces.items():
            if meaning.has_place(name):
                uid = k8s.uid_of(item)
                self._put("project", project_of(name), uid, self._mark("Namespace", uid, name))
        self._networks()
        self._policies()
        for key, pod in meaning.pods.items():
            self._pod(key, pod)
        for key, service in meaning.services.items():
            self._addresses(key, service)

    def _put(self, kind, name, uid, mark, **fields):
        self.objects[kind, name] = dict(fields, uuid=uid, mark=mark)

    def _mark(self, kind, uid, what):
        return {f"{MARK}owner": f"kubernetes/{self._meaning.system}", f"{MARK}kind": kind, f"{MARK}uid": uid,
                f"{MARK}object": what}

    def _shared_mark(self, kind, what):
        return {f"{MARK}owner": "shared", f"{MARK}kind": kind, f"{MARK}uid": "", f"{MARK}object": what,
                f"{MARK}user.kubernetes": self._meaning.system}

    def _subnets(self, network, ranges, nothing_reserved=False):
        nothing = {4: "0.0.0.0", 6: "::"}
        return {(text, derived("subnet", network, text), nothing[family_of(text)] if nothing_reserved else gateway(text))
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
                      subnets=self._subnets(uid, ranges), policies=self._access.attached[name])

    def _of_others(self):
        """Adds the external networks, on which only references to policies are written."""
        for name, owner in self._meaning.outside.networks.items():
            self.objects["virtual-network", name] = {"mark": {f"{MARK}owner": owner} if owner else {}, "subnets": set(),
                                                     "policies": self._access.attached[name]}

    def _networks(self):
        meaning = self._meaning
        for tier in set(meaning.tiers.values()):
            self._network(pod_network(*tier), "PodTier", tier, self._settings.private_ranges)
        for tier in {meaning.tier(key) for key, service in meaning.services.items() if not k8s.is_headless(service)}:
            name = service_network(*tier)
            self._network(name, "ServiceTier", tier, self._settings.service_ranges, nothing_reserved=True)
            self._of_tier("floating-ip-pool", pool_of(name), "ServicePool", tier)

    def _policies(self):
        for tier, rules in self._access.tiers.items():
            name = policy_name(*tier)
            self._of_tier("network-policy", name, "AccessPolicy", tier, rules=self._rules(name, rules))
        for network, rules in self._access.globals.items():
            name = global_policy(network)
            namespace = self._meaning.k8s.namespaces.get(name.split(":")[1]) if name.startswith(f"{DOMAIN}:") else None
            here = namespace and self._meaning.has_place(namespace["metadata"]["name"])
            uid = k8s.uid_of(namespace) if here else self._meaning.system
            self._put("network-policy", name, derived("network-policy", uid, name),
                      self._mark("GlobalPolicy", uid, network), rules=self._rules(name, rules))

    @staticmethod
    def _rules(policy, rules):
        return {(*rule, derived("rule", policy, " ".join(rule))) for rule in rules}

    def _of_tier(self, kind, name, role, tier, **fields):
        owner = k8s.uid_of(self._meaning.k8s.namespaces[tier[0]])
        uid = derived(kind, owner, name)
        self._put(kind, name, uid, self._mark(role, owner, "/".join(tier)), **fields)
        return uid

    def _network(self, name, role, tier, ranges, nothing_reserved=False):
        uid = self._of_tier("virtual-network", name, role, tier, policies=self._access.attached[name])
        self.objects["virtual-network", name]["subnets"] = self._subnets(uid, ranges, nothing_reserved)

    def _pod(self, key, pod):
        uid, what = k8s.uid_of(pod), "/".join(key)
        mark = self._mark("Pod", uid, what)
        network, interface = pod_network(*self._meaning.tiers[key]), f"{DOMAIN}:{key[0]}:{key[1]}"
        interface_id = derived("virtual-machine-interface", uid, "interface")
        self._put("virtual-machine", uid, uid, mark, display_name=key[1])
        self._put("virtual-machine-interface", interface, interface_id, mark, networks={network}, machines={uid},
                  mac=mac_of(interface_id))
        for family, end in pod_families(self._settings):
            self._put("instance-ip", uid + end, derived("instance-ip", uid, f"allocation v{family}"), mark,
                      networks={ALLOCATION}, interfaces=set(), mode=None)
            self._put("instance-ip", "_".join(key) + end, derived("instance-ip", uid, f"use v{family}"), mark,
                      networks={network}, interfaces={interface}, mode="active-active")

    def _addresses(self, key, service):
        spec, settings = service["spec"], self._settings
        pool = pool_of(service_network(*self._meaning.tier(key)))
        for place, address in enumerate(k8s.addresses(spec.get("clusterIPs"))):
            if not refusal(address, settings.service_ranges, public=False):
                end = second(address.version) if place else ""
                self._floating_ip(key, service, address, f"{pool}:{key[1]}{end}", project_of(key[0]))
        for address in public_addresses(self._meaning, service):
            self._floating_ip(key, service, address, public_key("/".join(key), address),
                              settings.public_network.rsplit(":", 1)[0])

    def _floating_ip(self, key, service, address, name, project):
        if not self._meaning.has(key, address):
            return
        serving = self._meaning.serving(service, f"IPv{address.version}")
        uid = k8s.uid_of(service)
        self._put("floating-ip", name, derived("floating-ip", uid, str(address)),
                  self._mark("Service", uid, "/".join(key)), address=str(address), projects={project},
                  interfaces={f"{DOMAIN}:{key[0]}:{k8s.key_of(pod)[1]}" for pod in serving.pods},
                  mappings=serving.mappings, enabled=bool(serving.mappings), direction="ingress")


def pod_families(settings):
    """(family, suffix of the names of a Pod's addresses) for each family, the first one first."""
    families = list(dict.fromkeys(family_of(text) for text in settings.private_ranges))
    return [(family, second(family) if place else "") for place, family in enumerate(families)]


def public_addresses(meaning, service):
    """The external IPs in order, then the load-balancer addresses, limited to what the
    Service has."""
    key = k8s.key_of(service)
    asked = [address for address in k8s.addresses(service["spec"].get("externalIPs")) if address in meaning.claimed(key)]
    asked += meaning.ingress(service)
    return [address for address in dict.fromkeys(asked) if meaning.has(k8s.key_of(service), address)
            and not refusal(address, meaning.settings.public_ranges, public=True)]
