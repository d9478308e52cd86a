"""What a Service's ports mean for the Pods behind it."""

import collections
import dataclasses

from .cluster import is_headless, uid_of


def _named_port(pod, name, protocol):
    for container in pod["spec"]["containers"]:
        for port in container.get("ports") or []:
            if port.get("name") == name and port.get("protocol", "TCP") == protocol:
                return port["containerPort"]
    return None


def _mappings(service, pod):
    """(protocol, port, target port) of every port that means something for the pod, or for nobody in particular."""
    out = set()
    for port in service["spec"].get("ports") or []:
        target = port.get("targetPort", port["port"])
        if isinstance(target, str):
            target = pod and _named_port(pod, target, port["protocol"])
        if target:
            out.add((port["protocol"].lower(), port["port"], target))
    return frozenset(out)


@dataclasses.dataclass(frozen=True)
class Served:
    """`pods` serve; `portless` could, but no port means anything for them; `differing` see other ports than the
    majority; `unreached` are ports that nobody answers at, as "443 (https)"."""

    pods: list
    mappings: frozenset
    portless: list = ()
    differing: list = ()
    unreached: list = ()


def served(service, pods, waiting):
    """One mapping for all, so of pods that disagree on named ports the majority serves, or of two groups as large that
    with the oldest pod; while none is ready, those that wait tell the mappings. No mappings where every port is its
    target."""
    targets = [port.get("targetPort", port["port"]) for port in service["spec"].get("ports") or []]
    if is_headless(service) or not any(isinstance(target, str) for target in targets):
        return Served(pods, _listed(service, _mappings(service, None)))
    ready, others = _groups(service, pods), _groups(service, waiting)
    portless = [pod for pod in pods if not _mappings(service, pod)]
    if not ready:
        mappings = _majority(others) if others else _mappings(service, None)
        # That these Pods have none of the ports is said already.
        unreached = _unreached(service, mappings) if waiting and not portless else []
        return Served([], _listed(service, mappings), portless, unreached=unreached)
    mappings = _majority(ready)
    return Served(ready[mappings], _listed(service, mappings), portless,
                  [pod for other, group in ready.items() if other != mappings for pod in group],
                  _unreached(service, mappings))


def _unreached(service, mappings):
    reached = {(protocol, port) for protocol, port, _ in mappings}
    return [f"{port['port']} ({port['targetPort']})" for port in service["spec"].get("ports") or []
            if isinstance(port.get("targetPort"), str) and (port["protocol"].lower(), port["port"]) not in reached]


def _groups(service, pods):
    groups = collections.defaultdict(list)
    for pod in pods:
        if mappings := _mappings(service, pod):
            groups[mappings].append(pod)
    return groups


def _majority(groups):
    largest = max(len(group) for group in groups.values())
    return min((mappings for mappings, group in groups.items() if len(group) == largest),
               key=lambda mappings: min((pod["metadata"]["creationTimestamp"], uid_of(pod)) for pod in groups[mappings]))


def _listed(service, mappings):
    """A port whose target nobody knows is none that is its own target."""
    known = len(mappings) == len(service["spec"].get("ports") or [])
    return frozenset() if known and all(port == target for _, port, target in mappings) else mappings
