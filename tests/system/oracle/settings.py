"""The configuration, as far as the desired state depends on it."""

import dataclasses
import ipaddress


@dataclasses.dataclass(frozen=True)
class Settings:
    """The defaults are those of tests/system/rig.py. Ranges are texts, IPv4 first, and Pods have
    at most one of each family."""

    private_ranges: tuple = ("10.0.0.0/16",)
    service_ranges: tuple = ("10.254.0.0/16",)
    public_ranges: tuple = ("192.0.2.0/24",)
    public_network: str = "default-domain:default-project:Public"
    cluster_services: tuple = (("kube-system", "default"),)
    namespace_services: tuple = ("default",)
    tier_keys: tuple = ("name",)
    uses_keys: tuple = ("uses",)
    load_balancer_class: str = ""
    load_balancer_default: bool = True
    public_address_limit: int = 32
    external_ip_namespaces: tuple = ()  # empty: all
    global_networks: tuple = ()
    global_include: str = ".*"
    global_exclude: str = ""  # empty: none
    # (tier, network, Namespaces that may use it); no Namespaces means all
    external_services: tuple = ()

    def external_service(self, namespace, tier):
        """The external network that Pods of a Namespace reach under this tier name, unless a
        Service has the name; or None."""
        return next((network for name, network, namespaces in self.external_services
                     if name == tier and (not namespaces or namespace in namespaces)), None)

    def may_choose(self, namespace):
        """Whether Services of a Namespace may choose public addresses."""
        return not self.external_ip_namespaces or namespace in self.external_ip_namespaces

    def outside(self):
        """All networks of the configuration that may be external."""
        return set(self.global_networks) | {network for _, network, _ in self.external_services}


def family_of(text):
    """The family (4 or 6) of an address or a range."""
    return ipaddress.ip_network(str(text), strict=False).version


def reserved(text, public):
    """(the range, the addresses of it that the server reserves)."""
    network = ipaddress.ip_network(text)
    last = network[-1]
    return network, {network[0], last} | ({last - 1, last - 2} if public else set())


def refusal(address, ranges, public):
    """The reason of docs/events.md for which a Service is refused an address; None if it is not."""
    for text in ranges:
        network, kept = reserved(text, public)
        if address in network:
            return "AddressReserved" if address in kept else None
    return "AddressOutOfRange"


def gateway(text):
    """The gateway that the server chooses: the last usable address."""
    return str(ipaddress.ip_network(text)[-1] - 1)
