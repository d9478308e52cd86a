"""The router of the interfaces, and the gateway to the outside.

Without a Gateway the router serves the interfaces only: their gateway addresses, through which
they reach floating IPs.
"""

from collections import defaultdict
from dataclasses import dataclass
from ipaddress import ip_network

from . import balancers, names, nodes
from .problem import Problem
from .row import Row

_ROUTER_MAC = "0a:00:00:00:00:01"
_OUTSIDE_MAC = "0a:00:00:00:00:02"
_OUTSIDE_SWITCH = "config-api-outside"
_OUTSIDE_PORT = "config-api-router-outside"


@dataclass(frozen=True)
class Gateway:
    """How the outside is reached; not in the config API, as a router's own configuration is not."""

    chassis: str
    addresses: tuple  # ip_interface: the router's own addresses outside
    physical_network: str = "outside"  # of ovn-bridge-mappings on that chassis
    next_hops: tuple = ()  # ip_address: default routes


def subnets(topology, problems):
    """prefix → gateway address, of all subnets in which interfaces have addresses."""
    found = {}
    for network in topology.networks.values():
        held = [address for port in topology.ports_of[network.name] for address in port.addresses]
        for subnet in network.subnets:
            if not any(address in subnet.prefix for address in held):
                continue
            reason = None
            if not subnet.gateway:
                reason = "has no gateway: its interfaces reach no floating IP"
            elif found.setdefault(subnet.prefix, subnet.gateway) != subnet.gateway:
                reason = (f"has the gateway {subnet.gateway}, and in another network "
                          f"{found[subnet.prefix]}: only that one answers")
            if reason:
                problems.append(Problem(f"virtual-network {network.name}",
                                        f"the subnet {subnet.prefix} {reason}"))
    return found


def outside_sets(topology, public):
    """Address_Sets of everything that is in no network but the public ones."""
    inside = {subnet.prefix for network in topology.networks.values()
              if network.name not in public for subnet in network.subnets}
    for version, whole in ((4, ip_network("0.0.0.0/0")), (6, ip_network("::/0"))):
        rest = [whole]
        for prefix in sorted(prefix for prefix in inside if prefix.version == version):
            rest = [part for left in rest for part in _without(left, prefix)]
        yield Row("Address_Set", f"outside/ip{version}", "the outside",
                  {"name": names.OUTSIDE[version], "addresses": frozenset(map(str, rest))})


def _without(left, prefix):
    if left.subnet_of(prefix):
        return []
    return left.address_exclude(prefix) if prefix.subnet_of(left) else [left]


def rows(topology, gateway, public, problems, own=None):
    """The router with its ports, and the rows of the gateway if there is one. `own`: the nodes'
    way in, a nodes.Nodes, if there is one."""
    gateways = subnets(topology, problems)
    references = defaultdict(set)
    made = []

    def add(row, column=None):
        made.append(row)
        if column:
            references[column].add(row.identity)

    if gateways:
        add(Row("Logical_Router_Port", "router/interfaces", "the gateways of the subnets",
                {"name": names.ROUTER_PORT, "mac": _ROUTER_MAC,
                 "networks": frozenset([*(f"{address}/{prefix.prefixlen}"
                                          for prefix, address in gateways.items()),
                                        *([own.router] if own else ())])}), "ports")
        made.append(_router_switch_port("router/interfaces-switch", names.ROUTER_PORT))
    if gateway:
        _outside(gateway, _private(topology, public, gateways), add, made)
        if own:
            add(nodes.closed_outside(own, _OUTSIDE_PORT), "policies")
    for name in public:
        if name not in topology.networks:
            problems.append(Problem(f"virtual-network {name}",
                                    "it is named as a public network and does not exist"))
        for address in topology.addresses_of.get(name, ()):
            if gateway:
                references["load_balancer"].update(
                    row.identity for row in balancers.balancers(address))
            else:
                problems.append(Problem(f"floating-ip {address.floating_ip.name}",
                                        "the outside does not reach it: no gateway is given"))
    columns = ("ports", "static_routes", "policies", "nat", "load_balancer")
    made.append(Row("Logical_Router", "router", "the router of the interfaces",
                    {"name": names.ROUTER},
                    {column: frozenset(references[column]) for column in columns}))
    return made


def _private(topology, public, gateways):
    """The subnets that are in no public network."""
    open_ones = {subnet.prefix for name in public if name in topology.networks
                 for subnet in topology.networks[name].subnets}
    return [prefix for prefix in gateways if prefix not in open_ones]


def _outside(gateway, private, add, made):
    chassis = Row("Gateway_Chassis", "gateway/chassis", "the gateway",
                  {"name": f"{_OUTSIDE_PORT}-{gateway.chassis}", "chassis_name": gateway.chassis,
                   "priority": 1})
    made.append(chassis)
    add(Row("Logical_Router_Port", "router/outside", "the gateway",
            {"name": _OUTSIDE_PORT, "mac": _OUTSIDE_MAC,
             "networks": frozenset(map(str, gateway.addresses))},
            {"gateway_chassis": frozenset([chassis.identity])}), "ports")
    peer = _router_switch_port("gateway/router", _OUTSIDE_PORT)
    cable = Row("Logical_Switch_Port", "gateway/physical", "the gateway",
                {"name": "config-api-physical", "type": "localnet",
                 "options": {"network_name": gateway.physical_network},
                 "addresses": frozenset(["unknown"]), "port_security": frozenset()})
    made += [peer, cable, Row("Logical_Switch", "gateway", "the outside",
                              {"name": _OUTSIDE_SWITCH},
                              {"ports": frozenset([peer.identity, cable.identity]),
                               "acls": frozenset(), "load_balancer": frozenset()})]
    for hop in gateway.next_hops:
        default = "::/0" if hop.version == 6 else "0.0.0.0/0"
        add(Row("Logical_Router_Static_Route", f"gateway/route/{hop}", "the gateway",
                {"ip_prefix": default, "nexthop": str(hop)}), "static_routes")
    for prefix in private:
        # The outside has no routes to the interfaces: their own connections leave with the
        # router's address. Connections from outside begin at floating IPs only; what is neither
        # an answer nor balanced is not in the connection tracker here.
        own = [address.ip for address in gateway.addresses if address.version == prefix.version]
        if own:
            add(Row("NAT", f"gateway/source/{prefix}", "the gateway",
                    {"type": "snat", "external_ip": str(own[0]), "logical_ip": str(prefix)}),
                "nat")
        add(Row("Logical_Router_Policy", f"gateway/closed/{prefix}", "the gateway",
                {"priority": 1000, "action": "drop",
                 "match": f'inport == "{_OUTSIDE_PORT}" && !ct.trk && '
                          f"ip{prefix.version}.dst == {prefix}"}), "policies")


def _router_switch_port(key, peer):
    return Row("Logical_Switch_Port", key, "the router", {
        "name": f"{peer}-switch", "type": "router", "options": {"router-port": peer},
        "addresses": frozenset(["router"]), "port_security": frozenset()})
