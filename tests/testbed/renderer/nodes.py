"""The nodes' own way into the overlay, as a vRouter has one: link-local services, and the way from
a node to its Pods.

One port stands for all nodes. On each chassis it is the node itself (a `localport` of OVN), and
what it sends and gets stays on that chassis. So a Pod reaches its own node only, and a node its
own Pods, as Kubernetes asks: https://kubernetes.io/docs/concepts/services-networking/
"""

from dataclasses import dataclass

from . import match, names
from .row import Row

PORT = "config-api-node"  # iface-id on each chassis
MAC = "0a:00:00:00:00:03"
_FIRST = 30000  # above all rules of policies, which do not concern this traffic
_ABOUT = "the nodes"


@dataclass(frozen=True)
class Nodes:
    """`address`: ip_interface, which each node has on its port; the router has the last usable
    address of that range. `services`: (ip_address, TCP port), which lead to this address; their
    port stays as it is."""

    address: object
    services: tuple = ()

    @property
    def router(self):
        """The router's own address on the nodes' range, with its length."""
        network = self.address.network
        return f"{network[-1] - (network.prefixlen < 31)}/{network.prefixlen}"


def rows(nodes):
    """All rows but those of the router."""
    yield Row("Logical_Switch_Port", "nodes/port", _ABOUT, {
        "name": PORT, "type": "localport", "options": {},
        "addresses": frozenset([f"{MAC} {nodes.address.ip}"]), "port_security": frozenset()})
    yield _acl("nodes/in", "to-lport", match.all_of(
        f"outport == @{names.EVERY_PORT}", f"ip{nodes.address.version}.src == {nodes.address.ip}"))
    for address, port in nodes.services:
        about, key = f"link-local service {address}", f"nodes/service/{address}/{port}"
        yield Row("Load_Balancer", key, about, {
            "name": key, "protocol": frozenset(["tcp"]),
            "vips": {f"{address}:{port}": f"{nodes.address.ip}:{port}"}})
        yield _acl(f"{key}/out", "from-lport", match.all_of(
            f"inport == @{names.EVERY_PORT}", "tcp", f"reg1 == {address}",
            f"reg2[0..15] == {port}"))


def closed_outside(nodes, port):
    """A policy of the router: no packet from outside has a node's address as its source."""
    return Row("Logical_Router_Policy", "nodes/outside", _ABOUT, {
        "priority": 1001, "action": "drop",
        "match": f'inport == "{port}" && ip{nodes.address.version}.src == {nodes.address.ip}'})


def _acl(key, direction, text):
    return Row("ACL", f"acl/{key}", _ABOUT, {
        "direction": direction, "priority": _FIRST, "match": text, "action": "allow-related"})
