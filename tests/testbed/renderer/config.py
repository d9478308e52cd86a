"""The objects of a config API that decide what packets do, as plain values.

The shapes are those of `GET /<type>s?detail=true` of OpenSDN's config API. Names are fq_names
joined by colons. An object that cannot be read becomes a Problem; the others are unaffected.
"""

import re
from dataclasses import dataclass, field, replace
from ipaddress import ip_address, ip_network

from .ignored import ignored_fields
from .mapping import parse_mappings
from .problem import Inexpressible, Problem
from .rule import parse_rule

# In the order in which they are read: what refers before what is referred to. What is created
# meanwhile is complete then, because a reference needs its target.
TYPES = ("floating-ip", "instance-ip", "virtual-machine-interface", "virtual-network",
         "network-policy")
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")


@dataclass(frozen=True)
class Subnet:
    """A subnet of a network; `gateway` is None where the network has none (0.0.0.0, ::)."""

    prefix: object  # ip_network
    gateway: object = None  # ip_address


@dataclass(frozen=True)
class Network:
    """A virtual-network; `policies` holds the names in the order of their sequence."""

    uuid: str
    name: str
    subnets: tuple = ()
    policies: tuple = ()


@dataclass(frozen=True)
class Policy:
    """A network-policy; the first rule that matches decides."""

    uuid: str
    name: str
    rules: tuple = ()


@dataclass(frozen=True)
class Interface:
    """A virtual-machine-interface; `network` is the name of its virtual-network."""

    uuid: str
    name: str
    network: str
    mac: str


@dataclass(frozen=True)
class InstanceIp:
    """An instance-ip; without interfaces it only reserves its address."""

    uuid: str
    name: str
    address: object  # ip_address
    interfaces: tuple = ()  # uuids


@dataclass(frozen=True)
class FloatingIp:
    """A floating-ip; without `mappings` (None) every port leads to the same port behind it."""

    uuid: str
    name: str
    network: str
    address: object  # ip_address
    interfaces: tuple = ()  # uuids
    mappings: tuple = None
    fixed: object = None  # ip_address: the one address of the interface that is meant


@dataclass
class Config:
    """All objects, by type in the order of their names, and what could not be read."""

    networks: list = field(default_factory=list)
    policies: list = field(default_factory=list)
    interfaces: list = field(default_factory=list)
    instance_ips: list = field(default_factory=list)
    floating_ips: list = field(default_factory=list)
    problems: list = field(default_factory=list)


def parse(objects):
    """`objects`: type → list of objects as in the config API. Gives a Config."""
    config = Config()
    lists = {"virtual-network": (config.networks, _network),
             "network-policy": (config.policies, _policy),
             "virtual-machine-interface": (config.interfaces, _interface),
             "instance-ip": (config.instance_ips, _instance_ip),
             "floating-ip": (config.floating_ips, _floating_ip)}
    for kind, (parsed, parser) in lists.items():
        for raw in objects.get(kind, ()):
            label = f"{kind} {_name_or_uuid(raw)}"
            found = []
            try:
                parsed.append(parser(raw, found))
                found += ignored_fields(kind, raw)
            except Inexpressible as reason:
                found.append(str(reason))
            except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
                found.append(f"it cannot be read ({type(error).__name__}: {error})")
            config.problems += [Problem(label, reason) for reason in found]
        parsed.sort(key=lambda entry: (entry.name, entry.uuid))
    return config


def _network(raw, found):
    subnets = []
    for reference in raw.get("network_ipam_refs") or ():
        entries = (reference.get("attr") or {}).get("ipam_subnets") or ()
        if not any(entry.get("subnet") for entry in entries):
            found.append(f"the subnets of the ipam {_joined(reference['to'])} itself "
                         "(flat subnets) are not read")
        for entry in entries:
            if not entry.get("subnet"):
                continue
            shape = entry["subnet"]
            prefix = ip_network(f"{shape['ip_prefix']}/{shape['ip_prefix_len']}", strict=False)
            gateway = ip_address(entry["default_gateway"]) if entry.get("default_gateway") else None
            if gateway and (gateway.is_unspecified or gateway.version != prefix.version):
                gateway = None
            subnets.append(Subnet(prefix, gateway))
    policies = []
    for reference in raw.get("network_policy_refs") or ():
        attr = reference.get("attr") or {}
        if attr.get("timer"):
            found.append(f"the policy {_joined(reference['to'])} is attached by a timer: "
                         "it counts at all times")
        sequence = attr.get("sequence") or {}
        policies.append((int(sequence.get("major") or 0), int(sequence.get("minor") or 0),
                         _joined(reference["to"])))
    return Network(_uuid(raw), _name(raw), tuple(subnets),
                   tuple(name for _, _, name in sorted(policies)))


def _policy(raw, found):
    rules = []
    entries = (raw.get("network_policy_entries") or {}).get("policy_rule") or ()
    for index, entry in enumerate(entries):
        try:
            rule = parse_rule(entry, index)
            if any(rule.uuid == other.uuid for other in rules):
                rule = replace(rule, uuid=f"{rule.uuid}-{index}")
            rules.append(rule)
        except Inexpressible as reason:
            found.append(f"rule {index + 1} has no effect: {reason}")
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            found.append(f"rule {index + 1} cannot be read ({type(error).__name__}: {error})")
    return Policy(_uuid(raw), _name(raw), tuple(rules))


def _interface(raw, found):
    networks = [_joined(reference["to"]) for reference in raw.get("virtual_network_refs") or ()]
    if not networks:
        raise Inexpressible("it refers to no virtual-network")
    if len(networks) > 1:
        found.append(f"of its networks only {networks[0]} counts")
    macs = (raw.get("virtual_machine_interface_mac_addresses") or {}).get("mac_address") or ()
    if len(macs) > 1:
        found.append(f"of its MACs only {macs[0]} counts")
    if not macs or not _MAC.fullmatch(macs[0].lower()):
        raise Inexpressible(f"it has no usable MAC ({macs[0]!r})" if macs else "it has no MAC")
    return Interface(_uuid(raw), _name(raw), networks[0], macs[0].lower())


def _instance_ip(raw, _found):
    return InstanceIp(_uuid(raw), _name(raw), ip_address(raw["instance_ip_address"]),
                      _interfaces(raw))


def _floating_ip(raw, found):
    parts = raw["fq_name"]
    # Below a pool: [network…, pool, name]. Below an instance-ip there is no network in it.
    if raw.get("parent_type", "floating-ip-pool") != "floating-ip-pool" or len(parts) < 3:
        raise Inexpressible("it is not in a floating-ip-pool")
    direction = raw.get("floating_ip_traffic_direction") or "both"
    if direction == "egress":
        raise Inexpressible("traffic direction egress: connections that begin behind the address")
    if direction not in ("ingress", "both"):
        found.append(f"unknown traffic direction {direction!r}: taken as ingress")
    elif direction == "both":
        found.append("traffic direction both: connections that begin behind the address do not "
                     "leave with it")
    fixed = raw.get("floating_ip_fixed_ip_address")
    return FloatingIp(_uuid(raw), _name(raw), _joined(parts[:-2]),
                      ip_address(raw["floating_ip_address"]), _interfaces(raw),
                      parse_mappings(raw, found), ip_address(fixed) if fixed else None)


def _interfaces(raw):
    # A dangling reference reads back as to: ["ERROR"]; it still has the uuid of what is gone.
    return tuple(sorted({str(reference["uuid"])
                         for reference in raw.get("virtual_machine_interface_refs") or ()}))


def _uuid(raw):
    return re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", raw["uuid"])[0]


def _name(raw):
    return _joined(raw["fq_name"])


def _joined(parts):
    return ":".join(map(str, parts))


def _name_or_uuid(raw):
    try:
        return _name(raw)
    except (AttributeError, KeyError, TypeError):
        return str(raw.get("uuid", raw) if isinstance(raw, dict) else raw)[:80]
