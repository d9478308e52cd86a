"""Floating IPs → load balancers, and the address sets that matches name them by."""

from collections import defaultdict

from . import names
from .row import Row


def rows(topology):
    """Load_Balancers and Address_Sets for all floating IPs."""
    for address in topology.addresses:
        yield from balancers(address)
    for network in topology.networks.values():
        for version in (4, 6):
            members = frozenset(
                str(address.floating_ip.address) for address in topology.addresses_of[network.name]
                if address.floating_ip.address.version == version)
            if members:
                yield Row("Address_Set", f"floating-ips/{network.uuid}/ip{version}",
                          f"virtual-network {network.name}",
                          {"name": names.floating(network, version), "addresses": members})


def balancers(address):
    """The Load_Balancers of one floating IP: a row has one protocol. Without mappings one row for
    all protocols; without backends the address stays, and its packets are dropped."""
    entry = address.floating_ip
    if entry.mappings is None:
        behind = ",".join(str(backend) for _, backend in address.backends)
        yield _balancer(entry, "", {str(entry.address): behind})
        return
    virtual = defaultdict(dict)
    for mapping in entry.mappings:
        virtual[mapping.protocol][_with_port(entry.address, mapping.port)] = ",".join(
            _with_port(backend, mapping.target) for _, backend in address.backends)
    for protocol, vips in virtual.items():
        yield _balancer(entry, protocol, vips)


def _balancer(entry, protocol, vips):
    return Row("Load_Balancer", f"floating-ip/{entry.uuid}/{protocol or 'any'}",
               f"floating-ip {entry.name}",
               {"name": entry.name, "vips": vips,
                "protocol": frozenset([protocol] if protocol else [])})


def _with_port(address, port):
    return f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"
