"""Texts of OVN's match language (ovn-sb(5), the column `match` of Logical_Flow).

A connection to a load balancer's address is known by the registers that the switch keeps of the
original destination: reg1 (IPv4) or xxreg1 (IPv6), and reg2[0..15] for the port. They are zero in
all other packets. ip4.dst would not do: from the second packet on it is the backend's address.
"""

from . import names

NOT_BALANCED = "reg1 == 0 && xxreg1 == 0"


def all_of(*parts):
    """Every part; empty parts do not count."""
    return _joined([part for part in parts if part], "&&", "||")


def any_of(parts):
    """At least one of the parts; "" if there are none."""
    return _joined(parts, "||", "&&")


def _joined(parts, operator, other):
    # OVN refuses && and || side by side without brackets.
    if len(parts) > 1:
        parts = [f"({part})" if other in part else part for part in parts]
    return f" {operator} ".join(parts)


def ports(field, ranges):
    """The field is in one of the ranges (first, last); "" for every port."""
    return any_of([f"{field} == {first}" if first == last else f"{first} <= {field} <= {last}"
                   for first, last in ranges])


def protocol(rule, source_ports, destination_ports, original=False):
    """The protocol, family and ports of a rule. `original`: the destination port is that of a
    load balancer's address, before its translation."""
    family = f"ip{rule.family}" if rule.family else ""
    number = {"any": "", "icmp": "icmp4"}.get(rule.protocol, rule.protocol)
    if number.isdigit():
        number = f"ip.proto == {number}"
    if not (source_ports or destination_ports):
        return all_of(family, number)
    transports = ("tcp", "udp", "sctp") if rule.protocol == "any" else (rule.protocol,)
    return all_of(family, any_of([
        all_of(name, ports(f"{name}.src", source_ports),
               _original(name, destination_ports) if original
               else ports(f"{name}.dst", destination_ports)) for name in transports]))


def _original(transport, ranges):
    # An address without port mappings does not translate ports, and keeps no original one.
    if not ranges:
        return ""
    return any_of([ports("reg2[0..15]", ranges),
                   all_of("reg2[0..15] == 0", ports(f"{transport}.dst", ranges))])


def within(field, prefixes, version):
    """The field (ip4.src …) is in one of the subnets of its family."""
    texts = [str(prefix) for prefix in prefixes if prefix.version == version]
    return f"{field} == {{{', '.join(texts)}}}" if texts else ""


def members(field, networks, version):
    """The field is the address of an interface of one of the networks."""
    texts = [f"${names.group(network)}_ip{version}" for network in networks]
    return f"{field} == {{{', '.join(texts)}}}" if texts else ""
