"""Compares the observed state with the desired one."""

import collections
import ipaddress
import json
import uuid

from . import cluster as k8s
from .access import Access
from .balanced import Balanced
from .meaning import Meaning
from .names import DOMAIN, MARK, pool_of, project_of, public_key, service_network
from .outside import Outside
from .problems import problems
from .settings import gateway, reserved
from .wanted import Wanted, pod_families, public_addresses

# Type → the name of its collection.
_PLURALS = {kind: kind + "s" for kind in (
    "project", "virtual-network", "network-policy", "floating-ip-pool", "floating-ip", "virtual-machine",
    "virtual-machine-interface", "instance-ip")}


class Judgement:
    """`complaints`: sentences, none if everything is as it must be. `told`: the problems that
    Events must report. `api`: of rig.py. `baseline`: the (type, name) of objects that the
    controller ignores."""

    def __init__(self, snapshot, api, settings, baseline):
        everything = {(kind, name): item for kind, plural in _PLURALS.items() for name, item in api.list(plural).items()}
        self.there = {key: item for key, item in everything.items() if key not in baseline}
        self.snapshot, self.settings = snapshot, settings
        self.meaning = Meaning(snapshot, settings, Outside(everything, snapshot, settings))
        access = Access(self.meaning)
        self.wanted = Wanted(self.meaning, access)
        balanced = Balanced(self.meaning)
        self.told = problems(self.meaning, access) + balanced.problems
        self.complaints = (self._differences() + _addresses(self.meaning, self.there) + self._public_names()
                           + _states(snapshot, self.meaning, self.there) + balanced.complaints)

    def short_name(self, key):
        """The public address with the short name of a Service; None if none has it."""
        pool = pool_of(self.settings.public_network)
        item = self.there.get(("floating-ip", f"{pool}:{'_'.join(key)}"))
        return item and ipaddress.ip_address(item["floating_ip_address"])

    def public_addresses(self, key):
        """The public addresses of a Service, in the order in which they may get the short name."""
        service = self.meaning.services.get(key)
        return public_addresses(self.meaning, service) if service else []

    def _differences(self):
        found, outside = {}, self.meaning.outside
        pool = pool_of(self.settings.public_network) + ":"
        for (kind, name), item in self.there.items():
            fields = _fields(kind, item)
            if kind == "floating-ip" and name in outside.addresses:
                continue
            if kind == "floating-ip" and name.startswith(pool):
                name = public_key(fields["mark"].get(f"{MARK}object"), fields["address"])
            if kind == "virtual-network" and name in outside.networks:
                del fields["uuid"]
                # The ids of other clients' subnets are the server's choice; the controller derives its own.
                fields["subnets"] = {each for each in fields["subnets"] if uuid.UUID(each[1]).version == 5}
            found[kind, name] = fields
        return [line for key in sorted(self.wanted.objects.keys() | found.keys(), key=str)
                for line in _difference(key, self.wanted.objects.get(key), found.get(key), self.settings)]

    def _public_names(self):
        """Complaints about names: one public address of a Service may have the short name, and
        every other name ends with its address."""
        out = []
        pool = pool_of(self.settings.public_network) + ":"
        for (kind, name), item in self.there.items():
            if kind != "floating-ip" or not name.startswith(pool) or name in self.meaning.outside.addresses:
                continue
            plain = pool + _fields(kind, item)["mark"].get(f"{MARK}object", "").replace("/", "_")
            if name not in (plain, f"{plain}_{item['floating_ip_address'].replace(':', '-')}"):
                out.append(f"{name} is no name for {item['floating_ip_address']}")
        return out


def complaints(snapshot, api, settings, baseline):
    """The complaints of a judgement."""
    return Judgement(snapshot, api, settings, baseline).complaints


def baseline(api):
    """The (type, name) of all objects, to be read before the controller starts."""
    return {(kind, name) for kind, plural in _PLURALS.items() for name in api.list(plural)}


def _difference(key, desired, found, settings):
    if desired == found:
        return []
    if not found:
        return [f"{key} is missing"]
    if desired:
        return [f"{key}: {field} is {found.get(field)}, not {desired.get(field)}"
                for field in sorted(desired.keys() | found.keys())
                if desired.get(field) != found.get(field)]
    # A cluster service may be bound to a gateway. Only its network and project outlive its Services
    # and its Namespace.
    for namespace, tier in settings.cluster_services:
        if key == ("project", project_of(namespace)):
            return []
        if key == ("virtual-network", service_network(namespace, tier)) and not found["policies"]:
            return []
    return [f"{key} must not be there: {found}"]


def _names(item, kind):
    return {":".join(reference["to"]) for reference in item.get(f"{kind}_refs") or []}


def _attached(item):
    """The policies of a network, with the sequence of each one that is not at major 10."""
    out = set()
    for reference in item.get("network_policy_refs") or []:
        place = ((reference.get("attr") or {}).get("sequence") or {})
        odd = (place.get("major"), place.get("minor")) != (10, 0)
        out.add(":".join(reference["to"]) + (f" at {place}" if odd else ""))
    return out


def _fields(kind, item):
    annotations = (item.get("annotations") or {}).get("key_value_pair") or []
    out = {"uuid": item["uuid"],
           "mark": {pair["key"]: pair["value"] for pair in annotations if pair["key"].startswith(MARK)}}
    if kind == "virtual-network":
        out["policies"] = _attached(item)
        out["subnets"] = {
            (f"{subnet['subnet']['ip_prefix']}/{subnet['subnet']['ip_prefix_len']}", subnet["subnet_uuid"],
             subnet["default_gateway"])
            for ipam in item.get("network_ipam_refs") or [] for subnet in ipam["attr"]["ipam_subnets"]}
    elif kind == "network-policy":
        out["rules"] = {triple for rule in item["network_policy_entries"]["policy_rule"] for triple in _rule(rule)}
    elif kind == "virtual-machine":
        out["display_name"] = item["display_name"]
    elif kind == "virtual-machine-interface":
        out["networks"], out["machines"] = _names(item, "virtual_network"), _names(item, "virtual_machine")
        out["mac"] = ",".join(item["virtual_machine_interface_mac_addresses"]["mac_address"])
    elif kind == "instance-ip":
        out["networks"], out["interfaces"] = _names(item, "virtual_network"), _names(item, "virtual_machine_interface")
        out["mode"] = item.get("instance_ip_mode")
    elif kind == "floating-ip":
        mappings = (item.get("floating_ip_port_mappings") or {}).get("port_mappings") or []
        out.update(address=item["floating_ip_address"], projects=_names(item, "project"),
                   interfaces=_names(item, "virtual_machine_interface"),
                   mappings=frozenset((m["protocol"], m["src_port"], m["dst_port"]) for m in mappings),
                   enabled=bool(item.get("floating_ip_port_mappings_enable")),
                   direction=item.get("floating_ip_traffic_direction"))
    return out


def _rule(rule):
    """The (source, destination, id) triples of a rule, or its JSON if any other field is
    unusual."""
    everything = [{"start_port": -1, "end_port": -1}]
    plain = (rule["protocol"] == "any" and rule["direction"] == "<>" and rule["src_ports"] == everything
             and rule["dst_ports"] == everything and rule["action_list"]["simple_action"] == "pass")
    ends = [[address.get("virtual_network") for address in rule[end]] for end in ("src_addresses", "dst_addresses")]
    if not plain or len(ends[1]) != 1:
        return [json.dumps(rule, sort_keys=True)]
    return [(source, ends[1][0], rule["rule_uuid"]) for source in ends[0]]


def _addresses(meaning, there):
    """Complaints about Pod addresses. Reservation and instance-ip of a family have the same
    address from the ranges, and no other Pod has it."""
    out, users, ranges = [], collections.Counter(), [reserved(text, True) for text in meaning.settings.private_ranges]
    for key, pod in meaning.pods.items():
        for family, end in pod_families(meaning.settings):
            pair = [there.get(("instance-ip", name + end), {}).get("instance_ip_address") for name in
                    (k8s.uid_of(pod), "_".join(key))]
            if None in pair:
                continue  # a missing object has its own complaint
            if pair[0] != pair[1]:
                out.append(f"{key} has reserved {pair[0]} and uses {pair[1]}")
            address = ipaddress.ip_address(pair[0])
            users[address] += 1
            usable = any(address in network and address not in kept for network, kept in ranges)
            if address.version != family or not usable:
                out.append(f"{key} has {address}, which is no IPv{family} of {meaning.settings.private_ranges}")
    return out + [f"{address} has {count} users" for address, count in users.items() if count > 1]


def _states(snapshot, meaning, there):
    """Complaints about the pod state: each Pod with a network has its own, and no other Pod has
    one."""
    out = []
    for key, pod in snapshot.pods.items():
        text = (pod["metadata"].get("annotations") or {}).get(k8s.STATE)
        if key not in meaning.pods:
            out += [f"{key} has no network, but the pod state {text}"] if text is not None else []
            continue
        interface = there.get(("virtual-machine-interface", f"{DOMAIN}:{key[0]}:{key[1]}"))
        uses = [there.get(("instance-ip", "_".join(key) + end)) for _, end in pod_families(meaning.settings)]
        if not interface or None in uses:
            continue
        addresses = [item["instance_ip_address"] for item in uses]
        right = {"uuid": interface["uuid"], "ipAddress": addresses[0], "podUid": k8s.uid_of(pod),
                 "macAddress": interface["virtual_machine_interface_mac_addresses"]["mac_address"][0],
                 "gateway": gateway(meaning.settings.private_ranges[0])}
        if len(addresses) > 1:
            right["ipAddresses"] = addresses
        try:
            shown = json.loads(text or "null")
        except ValueError:
            shown = text
        if shown != right:
            out.append(f"{key} has the pod state {text}, not {right}")
    return out
