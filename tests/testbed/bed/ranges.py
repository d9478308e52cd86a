"""The ranges of a testbed: IPv4 alone, or both families."""

from ipaddress import ip_network

from layout.addresses import OUTSIDE, OUTSIDE_LENGTH, ROUTER

_PODS = ("10.0.0.0/16", "fd00:10::/64")
_SERVICES = ("10.254.0.0/16", "fd00:254::/112")
_PUBLIC = ("192.0.2.0/24", "2001:db8:2::/112")

PUBLIC_NETWORK = "default-domain:default-project:Public"


class Ranges:
    """`pods`, `services`, `public`: ranges as texts, IPv4 first."""

    def __init__(self, dual_stack=False):
        count = 2 if dual_stack else 1
        self.pods, self.services, self.public = _PODS[:count], _SERVICES[:count], _PUBLIC[:count]
        self.versions = (4, 6)[:count]

    def settings(self):
        """By the names of oracle.Settings."""
        return {"private_ranges": self.pods, "service_ranges": self.services,
                "public_ranges": self.public}

    def reached_from_outside(self):
        """Ranges to which the outside has routes."""
        return [*self.public, *self.services, *self.pods]

    def gateways(self):
        """Family → the gateway of Pods: the last usable address of a range."""
        return {network.version: network[-1] - 1 for network in map(ip_network, self.pods)}

    def api_server(self):
        """The ClusterIP of default/kubernetes: the first address of the range."""
        return ip_network(self.services[0])[1]

    def renderer_arguments(self):
        """The gateway's own configuration, for config-to-ovn."""
        words = ["--public-network", PUBLIC_NETWORK, "--gateway-chassis", "gateway"]
        for version in self.versions:
            words += ["--gateway-address", f"{ROUTER[version]}/{OUTSIDE_LENGTH[version]}",
                      "--next-hop", OUTSIDE[version]]
        return words
