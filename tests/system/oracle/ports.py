"""The meaning of a Service's ports for its Pods, at the addresses of one family."""

import collections
import dataclasses

from .cluster import is_headless, uid_of

_PORTS_THAT_COUNT, _PODS_THAT_COUNT = 4096, 10000


def _own_number(port):
    """The port number that the Service names; None if it names a port by name."""
    target = port.get("targetPort") or port["port"]
    return None if isinstance(target, str) else target


def _mappings(service, said):
    """The (protocol, port, target port) of every port that a Pod has. `said` is what its slices
    list, {(name, protocol): number}; None for no Pod in particular. For a port that the slices
    lack, the Service's own number counts, if Kubernetes writes the slices."""
    out = set()
    for port in (service["spec"].get("ports") or [])[:_PORTS_THAT_COUNT]:
        key = (port.get("name") or "", port["protocol"])
        if said is not None and key in said:
            target = said[key]
        else:
            target = _own_number(port) if said is None or service["spec"].get("selector") else None
        if target:
            out.add((port["protocol"].lower(), port["port"], target))
    return frozenset(out)


@dataclasses.dataclass(frozen=True)
class Served:
    """`pods` serve. `portless` could serve, but have none of the ports. `differing` have other
    ports than the majority. `unreached` are ports without a Pod, as "443 (https)"."""

    pods: list
    mappings: frozenset
    portless: list = ()
    differing: list = ()
    unreached: list = ()


def served(service, pods, waiting, said):
    """All Pods share one list of mappings. If their slices disagree on ports, the majority
    serves; of groups of equal size, the one with the oldest Pod. While no Pod is ready, the
    waiting Pods decide the mappings. There are no mappings if every port is its own target.
    `said` maps a Pod to what its slices list."""
    if is_headless(service):
        return Served(pods, frozenset())
    means = {uid_of(pod): _mappings(service, said(pod)) for pod in [*pods, *waiting]}
    ready, others = _groups(means, pods), _groups(means, waiting)
    portless = [pod for pod in pods if not means[uid_of(pod)]]
    if not ready:
        mappings = _majority(others) if others else _mappings(service, None)
        # Pods without any port have their own problem.
        unreached = _unreached(service, mappings) if waiting and not portless else []
        return Served([], _listed(service, mappings), portless, unreached=unreached)
    mappings = _majority(ready)
    serving = sorted(ready[mappings], key=lambda pod: pod["metadata"]["name"])[:_PODS_THAT_COUNT]
    return Served(serving, _listed(service, mappings), portless,
                  [pod for other, group in ready.items() if other != mappings for pod in group],
                  _unreached(service, mappings))


def _unreached(service, mappings):
    reached = {(protocol, port) for protocol, port, _ in mappings}
    return [f"{port['port']} ({port.get('targetPort') or port['port']})" for port in service["spec"].get("ports") or []
            if (port["protocol"].lower(), port["port"]) not in reached][:10]


def _groups(means, pods):
    groups = collections.defaultdict(list)
    for pod in pods:
        if mappings := means[uid_of(pod)]:
            groups[mappings].append(pod)
    return groups


def _majority(groups):
    largest = max(len(group) for group in groups.values())
    return min((mappings for mappings, group in groups.items() if len(group) == largest),
               key=lambda mappings: min((pod["metadata"]["creationTimestamp"], uid_of(pod)) for pod in groups[mappings]))


def _listed(service, mappings):
    """The mappings to write: none if all targets are known and every port is its own target."""
    known = len(mappings) == len(service["spec"].get("ports") or [])
    return frozenset() if known and all(port == target for _, port, target in mappings) else mappings
