"""The configuration of a random cluster, and the names and addresses that collide in it."""

import dataclasses
import json

import oracle

OURS, THEIRS = "example.net/ours", "example.net/other"
LEGACY = "default-domain:legacy"  # a project of other clients


@dataclasses.dataclass(frozen=True)
class World:
    """Addresses are texts. Each list has some that the controller refuses."""

    settings: oracle.Settings
    external: tuple  # lists of external IPs
    requests: tuple  # of load-balancer addresses
    forged: tuple  # what another client writes into the status of a LoadBalancer Service
    others: tuple  # what another client takes in the public network
    families: tuple  # the family fields of Services

    def config(self, api_port, http_port, state_port):
        """The controller's configuration."""
        settings = self.settings
        keys = {
            "api-server": "127.0.0.1", "api-port": api_port, "listen-http": f"127.0.0.1:{http_port}",
            "listen-state": f"127.0.0.1:{state_port}",
            "retry-delay-max": "1s", "audit-interval": "500ms", "address-cool-down": "1s",
            "private-ip-range": settings.private_ranges, "service-cluster-ip-range": settings.service_ranges,
            "public-ip-range": settings.public_ranges, "load-balancer-class": settings.load_balancer_class,
            "load-balancer-default": settings.load_balancer_default,
            "cluster-service": ["/".join(tier) for tier in settings.cluster_services],
            "global-network": settings.global_networks, "global-connect-include": settings.global_include,
            "global-connect-exclude": settings.global_exclude,
            "external-service": {tier: {"network": network, **({"namespaces": namespaces} if namespaces else {})}
                                 for tier, network, namespaces in settings.external_services}}
        return "".join(f"{key}: {json.dumps(value)}\n" for key, value in keys.items() if value != "")

    def networks(self):
        """The external networks of the configuration that other clients create."""
        return sorted(name for name in self.settings.outside()
                      if name.rsplit(":", 1)[0] in (LEGACY, "elsewhere:net"))


ONE_FAMILY = World(
    oracle.Settings(
        public_ranges=("192.0.2.0/28",), load_balancer_class=OURS,
        global_networks=(f"{LEGACY}:backbone", "elsewhere:net:core", "default-domain:red:db"),
        global_exclude="^blue/db$|/__pod_service-",
        external_services=(("oracle", f"{LEGACY}:oracle-db", ()), ("attic", f"{LEGACY}:attic", ("blue",)))),
    external=([], [], ["192.0.2.10"], ["192.0.2.11", "192.0.2.10"], ["192.0.2.9"], ["192.0.2.14", "192.0.2.11"],
              ["203.0.113.1", "192.0.2.9"]),
    requests=(None, None, "192.0.2.10", "192.0.2.8", "192.0.2.8", "192.0.2.14", "203.0.113.1", "2001:db8::1",
              "no address"),
    forged=("192.0.2.7", "192.0.2.10", "203.0.113.9"),
    others=("192.0.2.11", "192.0.2.8", "192.0.2.5"),
    families=({},))

# The public range is small, so that it can be exhausted. LoadBalancer Services without a class
# belong to another implementation.
TWO_FAMILIES = World(
    oracle.Settings(
        private_ranges=("10.0.0.0/16", "fd00:10::/64"), service_ranges=("10.254.0.0/16", "fd00:20::/112"),
        public_ranges=("192.0.2.0/29", "2001:db8::/124"), load_balancer_class=OURS, load_balancer_default=False,
        global_networks=(f"{LEGACY}:backbone", "elsewhere:net:co_re", "elsewhere:net:co-re",
                         "default-domain:default-project:Public"),
        global_include="^red/|/web$",
        external_services=(("oracle", f"{LEGACY}:backbone", ()), ("attic", f"{LEGACY}:attic", ("red",)))),
    external=([], [], ["192.0.2.3"], ["2001:db8::3", "192.0.2.3"], ["192.0.2.4", "2001:db8::4"],
              ["192.0.2.6", "2001:db8::3"], ["203.0.113.1", "2001:db8:1::1", "192.0.2.4"]),
    requests=(None, None, "192.0.2.3", "2001:db8::5", "192.0.2.2", "2001:db8::e", "203.0.113.1", "no address"),
    forged=("192.0.2.1", "2001:db8::3", "203.0.113.9"),
    others=("192.0.2.1", "192.0.2.3", "2001:db8::5", "2001:db8::6"),
    families=({}, {"ipFamilyPolicy": "SingleStack", "ipFamilies": ["IPv6"]},
              {"ipFamilyPolicy": "RequireDualStack", "ipFamilies": ["IPv4", "IPv6"]},
              {"ipFamilyPolicy": "PreferDualStack", "ipFamilies": ["IPv6", "IPv4"]}))
