"""The configuration as far as it decides what is wanted."""

import dataclasses
import ipaddress


@dataclasses.dataclass(frozen=True)
class Settings:
    """Defaults are those of tests/system/rig.py; ranges are texts, IPv4 first or alone."""

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


def reserved(text, public):
    """(range, the addresses that the server keeps of it for itself)."""
    network = ipaddress.ip_network(text)
    last = network[-1]
    return network, {network[0], last} | ({last - 1, last - 2} if public else set())


def usable(address, ranges, public):
    """Whether an address may be given to a Service."""
    for text in ranges:
        network, kept = reserved(text, public)
        if address in network:
            return address not in kept
    return False


def gateway(text):
    """The server's own choice: the last usable address."""
    return str(ipaddress.ip_network(text)[-1] - 1)
