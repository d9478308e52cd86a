"""What is there, and where it is not what is wanted."""

import collections
import ipaddress
import json

from . import cluster as k8s
from .settings import gateway, reserved
from .wanted import MARK, Wanted, pool_of, public_key, service_network

# Type → how its collection is called.
_PLURALS = {kind: kind + "s" for kind in (
    "project", "virtual-network", "network-policy", "floating-ip-pool", "floating-ip", "virtual-machine",
    "virtual-machine-interface", "instance-ip")}


def complaints(snapshot, api, settings, baseline):
    """Sentences; none where everything is as it must be. `api`: of rig.py; `baseline`: the (type, name)s that are no
    business of the controller's."""
    wanted = Wanted(snapshot, settings)
    there = {(kind, name): item for kind, plural in _PLURALS.items() for name, item in api.list(plural).items()
             if (kind, name) not in baseline}
    found, out = {}, []
    for (kind, name), item in there.items():
        fields = _fields(kind, item)
        public = kind == "floating-ip" and name.startswith(pool_of(settings.public_network) + ":")
        found[kind, public_key(fields["mark"].get(f"{MARK}object"), fields["address"]) if public else name] = fields
    for key in sorted(wanted.objects.keys() | found.keys(), key=str):
        out += _difference(key, wanted.objects.get(key), found.get(key), settings)
    out += _addresses(wanted, there, settings)
    out += _public_names(there, settings)
    out += _states(snapshot, wanted, there, settings)
    return out


def baseline(api):
    """The objects of an API that no controller has seen."""
    return {(kind, name) for kind, plural in _PLURALS.items() for name in api.list(plural)}


def _difference(key, wanted, found, settings):
    if wanted == found:
        return []
    if not found:
        return [f"{key} is missing"]
    if wanted:
        return [f"{key}: {field} is {found.get(field)}, not {wanted.get(field)}"
                for field in sorted(wanted.keys() | found.keys()) if wanted.get(field) != found.get(field)]
    # What a gateway may be bound to outlives its Services and its Namespace, and nothing else does.
    for namespace, tier in settings.cluster_services:
        if key == ("project", f"default-domain:{namespace}"):
            return []
        if key == ("virtual-network", service_network(namespace, tier)) and not found["policies"]:
            return []
    return [f"{key} must not be there: {found}"]


def _names(item, kind):
    return {":".join(reference["to"]) for reference in item.get(f"{kind}_refs") or []}


def _fields(kind, item):
    annotations = (item.get("annotations") or {}).get("key_value_pair") or []
    out = {"uuid": item["uuid"],
           "mark": {pair["key"]: pair["value"] for pair in annotations if pair["key"].startswith(MARK)}}
    if kind == "virtual-network":
        out["policies"] = _names(item, "network_policy")
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
    """(source, destination, id), or what is odd about a rule in their place."""
    everything = [{"start_port": -1, "end_port": -1}]
    plain = (rule["protocol"] == "any" and rule["direction"] == "<>" and rule["src_ports"] == everything
             and rule["dst_ports"] == everything and rule["action_list"]["simple_action"] == "pass")
    ends = [[address.get("virtual_network") for address in rule[end]] for end in ("src_addresses", "dst_addresses")]
    if not plain or len(ends[1]) != 1:
        return [json.dumps(rule, sort_keys=True)]
    return [(source, ends[1][0], rule["rule_uuid"]) for source in ends[0]]


def _addresses(wanted, there, settings):
    """A pod's two objects have one address, of the range, and nobody else has it."""
    out, users = [], collections.Counter()
    for key, pod in wanted.pods.items():
        pair = [there.get(("instance-ip", name), {}).get("instance_ip_address") for name in
                (k8s.uid_of(pod), "_".join(key))]
        if None in pair:
            continue  # missing, as was said
        if pair[0] != pair[1]:
            out.append(f"{key} has reserved {pair[0]} and uses {pair[1]}")
        users[pair[0]] += 1
        address, ranges = ipaddress.ip_address(pair[0]), [reserved(text, True) for text in settings.private_ranges]
        if not any(address in network and address not in kept for network, kept in ranges):
            out.append(f"{key} has {address}, which is not one of {settings.private_ranges}")
    return out + [f"{address} has {count} users" for address, count in users.items() if count > 1]


def _public_names(there, settings):
    """One public address of a Service has the short name, every other one ends with itself."""
    out, short = [], collections.Counter()
    pool = pool_of(settings.public_network) + ":"
    for (kind, name), item in there.items():
        if kind != "floating-ip" or not name.startswith(pool):
            continue
        what = _fields(kind, item)["mark"].get(f"{MARK}object", "")
        plain = pool + what.replace("/", "_")
        short[what] += name == plain
        if name not in (plain, f"{plain}_{item['floating_ip_address'].replace(':', '-')}"):
            out.append(f"{name} is no name for {item['floating_ip_address']} of {what}")
    return out + [f"{count} addresses of {what} have the short name" for what, count in short.items() if count != 1]


def _states(snapshot, wanted, there, settings):
    """Every pod with a network is told its interface, and no other pod anything."""
    out = []
    for key, pod in snapshot.pods.items():
        text = (pod["metadata"].get("annotations") or {}).get(k8s.STATE)
        if key not in wanted.pods:
            out += [f"{key} has no network, but is told {text}"] if text is not None else []
            continue
        interface = there.get(("virtual-machine-interface", f"default-domain:{key[0]}:{key[1]}"))
        use = there.get(("instance-ip", "_".join(key)))
        if not interface or not use:
            continue
        right = {"uuid": interface["uuid"], "ipAddress": use["instance_ip_address"],
                 "macAddress": interface["virtual_machine_interface_mac_addresses"]["mac_address"][0],
                 "gateway": gateway(settings.private_ranges[0])}
        try:
            told = json.loads(text or "null")
        except ValueError:
            told = text
        if told != right:
            out.append(f"{key} is told {text}, not {right}")
    return out
