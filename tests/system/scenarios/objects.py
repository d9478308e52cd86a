"""Kubernetes objects from the words of commands, which tests/scenarios/objects.hpp describes. A
draft holds the whole object after all commands so far."""

import json
import re

from .files import words_of

_META = ("uid", "created")
# No scheduler and no selector uses this name, so that only the scenario changes the objects.
_NOBODY = "test.opencontrail.org/nobody"
HELD = "test.opencontrail.org/held"
_MIRROR = "kubernetes.io/config.mirror"
STATE = "opencontrail.org/pod-state"


def split(word):
    """Splits `KEY=VALUE`; the value is empty if there is none."""
    key, _, value = word.partition("=")
    return key, value


def incarnation(words):
    """The number of the incarnation that a command names; 0 for the present one."""
    return next((int(value) for key, value in map(split, words) if key == "uid"), 0)


class Draft:
    """An object of a scenario, with labels and annotations."""

    def __init__(self, number=0):
        self.incarnation = number or 1
        self.labels, self.annotations = {}, {}

    def tell(self, words):
        """Applies more words to the object."""
        for key, value in map(split, words):
            if key in _META:
                if key == "created":
                    raise NotImplementedError("an API server says itself when an object was created")
            elif key.startswith("@"):
                self.annotations[key[1:]] = value
            elif not self.is_field(key, value):
                self.labels[key] = value

    def is_field(self, _key, _value):
        """Whether the word names a field. If so, the field is set."""
        return False

    def metadata(self):
        """The metadata of a merge patch, in which an empty value becomes None."""
        return {"labels": {key: value or None for key, value in self.labels.items()},
                "annotations": {key: value or None for key, value in self.annotations.items()}}


class Namespace(Draft):
    """A Namespace."""


class Pod(Draft):
    """A Pod that no scheduler assigns to a node."""

    def __init__(self, number=0):
        super().__init__(number)
        self.phase, self.terminating = None, False
        self._spec = {"schedulerName": _NOBODY, "terminationGracePeriodSeconds": 0,
                      "containers": [{"name": "main", "image": "example.net/app:1"}]}

    def is_field(self, key, value):
        if key == "phase":
            self.phase = value.capitalize()
        elif key == "host-network":
            self._spec["hostNetwork"] = True
        elif key == "mirror":
            self.annotations[_MIRROR] = "x"
            self._spec.update(nodeName="nowhere", automountServiceAccountToken=False)
        elif key == "terminating":
            self.terminating = True
        elif key == "state":
            self.annotations[STATE] = value
        else:
            return False
        return True

    def spec(self):
        """The spec, which no command changes after the creation."""
        return self._spec


class Service(Draft):
    """A Service without endpoints of Kubernetes: the scenario writes all of them."""

    def __init__(self, number=0):
        super().__init__(number)
        self.ingress = None
        self._spec = {"selector": {_NOBODY: "x"}, "ports": [_service_port("80")]}

    def is_field(self, key, value):
        spec = self._spec
        if key == "ip":
            spec.update(clusterIP=value.split(",")[0] or None, clusterIPs=value.split(",") if value else None,
                        ipFamilyPolicy="RequireDualStack" if "," in value else None)
        elif key == "headless":
            spec.update(clusterIP="None", clusterIPs=["None"])
        elif key == "external":
            spec["externalIPs"] = value.split(",") if value else None
        elif key == "ports":
            spec["ports"] = [_service_port(item) for item in value.split(",")]
        elif key == "type":
            spec.update(type=value, externalName="example.net" if value == "ExternalName" else None)
        elif key == "no-selector":
            spec["selector"] = None
        elif key == "publish-not-ready":
            spec["publishNotReadyAddresses"] = value != "no"
        elif key == "node-port":
            for port in spec["ports"]:
                port["nodePort"] = int(value) if value else None
            refused = not value and spec.get("type") == "LoadBalancer"
            spec["allocateLoadBalancerNodePorts"] = False if refused else None
        elif key == "class":
            spec["loadBalancerClass"] = value or None
        elif key == "request":
            spec["loadBalancerIP"] = value
        elif key == "ingress":
            self.ingress = [{"ip": address} for address in value.split(",") if address]
        elif key == "source-ranges":
            spec["loadBalancerSourceRanges"] = value.split(",")
        elif key == "affinity":
            spec["sessionAffinity"] = value
        elif key == "external-policy":
            spec["externalTrafficPolicy"] = value
        elif key == "internal-policy":
            spec["internalTrafficPolicy"] = value
        else:
            return False
        return True

    def spec(self):
        """The spec after all commands so far."""
        return self._spec


def _service_port(text):
    numbers, _, protocol = text.partition("/")
    number, _, target = numbers.partition(":")
    return {"name": f"p{number}-{(protocol or 'TCP').lower()}", "port": int(number), "protocol": protocol or "TCP",
            "targetPort": int(target or number) if (target or number).isdigit() else target}


_ADDRESSES = {"4": ("IPv4", "10.9.0.{}"), "6": ("IPv6", "fd00:9::{}"), "fqdn": ("FQDN", "h{}.example.net")}


class Slices:
    """The EndpointSlices of a Service, written by the scenario: one for each family and list of
    ports."""

    def __init__(self):
        self._by_name = {}  # suffix of the name → (family, ports, {reference as JSON: state})

    def tell(self, reference, state, family="4", ports=None):
        """Sets the state of an endpoint. Returns the name suffixes of the slices that changed; first
        the one that has it now, as the endpoints controller writes them."""
        who, changed = json.dumps(reference), set()
        for end, (known_family, known_ports, endpoints) in self._by_name.items():
            if known_family == family and who in endpoints:
                del endpoints[who]
                changed.add(end)
                ports = known_ports if ports is None else ports
        ports = "80" if ports is None else ports
        end = f"{family}-" + (re.sub("[^0-9a-z]+", "-", ports.lower()).strip("-") or "none")
        _, _, endpoints = self._by_name.setdefault(end, (family, ports, {}))
        if state != "gone":
            endpoints[who] = state
        return [end, *sorted(changed - {end})]

    def body(self, end):
        """The body of a slice, without its metadata."""
        family, ports, endpoints = self._by_name[end]
        kind, address = _ADDRESSES[family]
        return {"addressType": kind, "ports": [_slice_port(item) for item in ports.split(",") if item],
                "endpoints": [_endpoint(address.format(number), json.loads(who), state)
                              for number, (who, state) in enumerate(sorted(endpoints.items()), 1)]}

    def names(self):
        """The name suffixes of all slices."""
        return list(self._by_name)


def _slice_port(text):
    port = _service_port(text)
    return {"name": port["name"], "port": port["targetPort"] or None, "protocol": port["protocol"]}


def _endpoint(address, reference, state):
    out = {"addresses": [address],
           "conditions": {"ready": state == "ready", "serving": state == "ready", "terminating": state == "terminating"}}
    if reference == "node":
        return dict(out, nodeName="node-1")
    return dict(out, targetRef=reference) if reference else out


__all__ = ["HELD", "STATE", "Namespace", "Pod", "Service", "Slices", "incarnation", "split", "words_of"]
