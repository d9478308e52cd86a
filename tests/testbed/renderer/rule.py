"""A rule of a network policy (`network_policy_entries.policy_rule[]`)."""

import re
from dataclasses import dataclass
from ipaddress import ip_network

from .problem import Inexpressible

_PROTOCOLS = ("any", "tcp", "udp", "sctp", "icmp", "icmp6")
_WITH_PORTS = ("any", "tcp", "udp", "sctp")


@dataclass(frozen=True)
class Ends:
    """One side of a rule. `networks`: names; `local` is the network with the policy."""

    networks: tuple = ()
    is_any: bool = False
    is_local: bool = False
    subnets: tuple = ()  # ip_network

    def names(self, network):
        """True if this side names the network of this name, which has the policy."""
        return self.is_any or self.is_local or network in self.networks


@dataclass(frozen=True)
class Rule:
    """What passes, or not. Ports are (first, last) pairs; none means every port."""

    uuid: str  # unique in its policy
    passes: bool
    protocol: str  # of _PROTOCOLS, or a number
    family: int  # 4, 6, or 0 for both
    source: Ends
    destination: Ends
    source_ports: tuple = ()
    destination_ports: tuple = ()
    both_ways: bool = False

    def directions(self):
        """(source, destination, source ports, destination ports) of connections."""
        yield "forward", self.source, self.destination, self.source_ports, self.destination_ports
        if self.both_ways:
            yield ("reverse", self.destination, self.source,
                   self.destination_ports, self.source_ports)


def parse_rule(raw, index):
    """The rule with this index in its policy; raises Inexpressible with the reason."""
    actions = raw.get("action_list") or {}
    action = actions.get("simple_action") or raw.get("simple_action")
    if action not in ("pass", "deny"):
        raise Inexpressible(f"the action is {action!r}, not pass or deny")
    for name in ("apply_service", "mirror_to", "gateway_name", "assign_routing_instance",
                 "qos_action", "host_based_service"):
        if actions.get(name):
            raise Inexpressible(f"the action {name}")
    direction = raw.get("direction") or "<>"
    if direction not in ("<>", ">"):
        raise Inexpressible(f"the direction is {direction!r}, not <> or >")
    protocol = _protocol(raw["protocol"])
    rule = Rule(
        uuid=_safe(raw.get("rule_uuid")) or f"rule-{index}",
        passes=action == "pass", protocol=protocol, family=_family(raw.get("ethertype")),
        source=_ends(raw.get("src_addresses")), destination=_ends(raw.get("dst_addresses")),
        source_ports=_ports(raw.get("src_ports")), destination_ports=_ports(raw.get("dst_ports")),
        both_ways=direction == "<>")
    if protocol not in _WITH_PORTS and (rule.source_ports or rule.destination_ports):
        raise Inexpressible(f"ports of the protocol {protocol}")
    return rule


def _protocol(value):
    text = str(value).lower()
    names = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmp6", "132": "sctp", "icmpv6": "icmp6"}
    text = names.get(text, text)
    if text in _PROTOCOLS or text.isascii() and text.isdigit() and int(text) < 256:
        return text
    raise Inexpressible(f"the protocol {value!r}")


def _family(value):
    if not value:
        return 0
    if str(value).lower() not in ("ipv4", "ipv6"):
        raise Inexpressible(f"the ethertype {value!r}")
    return int(value[-1])


def _ends(addresses):
    networks, subnets, is_any, is_local = set(), set(), False, False
    for address in addresses or ():
        for name in ("security_group", "network_policy"):
            if address.get(name):
                raise Inexpressible(f"an address that is a {name.replace('_', '-')}")
        network = address.get("virtual_network")
        listed = [address.get("subnet"), *(address.get("subnet_list") or ())]
        prefixes = [ip_network(f"{entry['ip_prefix']}/{entry['ip_prefix_len']}", strict=False)
                    for entry in listed if entry]
        if network and prefixes:
            raise Inexpressible("an address that is a part of a network")
        subnets.update(prefixes)
        is_any = is_any or network == "any"
        is_local = is_local or network == "local"
        if network and network not in ("any", "local"):
            networks.add(str(network))
    if not (networks or subnets or is_any or is_local):
        raise Inexpressible("one side has no address")
    return Ends(tuple(sorted(networks)), is_any, is_local,
                tuple(sorted(subnets, key=lambda prefix: (prefix.version, prefix))))


def _ports(ranges):
    ports = set()
    for entry in ranges or ():
        first, last = int(entry["start_port"]), int(entry["end_port"])
        if first == -1 or (first, last) == (0, 65535):
            return ()
        if not 0 <= first <= last < 65536:
            raise Inexpressible(f"the ports {first} to {last}")
        ports.add((first, last))
    return tuple(sorted(ports))


def _safe(value):
    return value if isinstance(value, str) and re.fullmatch(r"[0-9A-Za-z-]{1,64}", value) else None
