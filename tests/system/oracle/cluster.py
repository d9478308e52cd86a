"""What the API server says of a cluster, and what it means by itself."""

import collections
import ipaddress
import json
import re

STATE = "opencontrail.org/pod-state"
_KINDS = {"pods": "/api/v1/pods", "services": "/api/v1/services", "namespaces": "/api/v1/namespaces",
          "slices": "/apis/discovery.k8s.io/v1/endpointslices", "deployments": "/apis/apps/v1/deployments"}


def _trim(text):
    return text.strip(" \t\r\n")


class Snapshot:
    """All objects at nearly one moment, by (namespace, name)."""

    def __init__(self, api):
        self._items = {kind: {key_of(item): item for item in api.get(path)["items"]}
                       for kind, path in _KINDS.items()}
        self.pods, self.services = self._items["pods"], self._items["services"]
        self.slices, self.deployments = self._items["slices"], self._items["deployments"]
        self.namespaces = {name: item for (_, name), item in self._items["namespaces"].items()}
        self.pods_by_uid = {uid_of(pod): pod for pod in self.pods.values()}

    def versions(self):
        """Differs from another snapshot's wherever an object does."""
        return {(kind, key): (item["metadata"]["uid"], item["metadata"]["resourceVersion"])
                for kind, items in self._items.items() for key, item in items.items()}

    def endpoints_of(self, service, made_by=None):
        """Every endpoint that a slice of its Namespace lists for a Service; of slices that somebody makes, where given."""
        namespace, name = key_of(service)
        for (where, _), item in self.slices.items():
            labels = item["metadata"].get("labels") or {}
            if where == namespace and labels.get("kubernetes.io/service-name") == name and \
                    made_by in (None, labels.get("endpointslice.kubernetes.io/managed-by")):
                yield from item.get("endpoints") or []

    def pods_of(self, service):
        """UID → pod with a network of ours, of the Service's Namespace, that an endpoint names; and whether it serves:
        Ready, or to be published anyway, and not on its way out."""
        found = {}
        for endpoint in self.endpoints_of(service):
            target = endpoint.get("targetRef") or {}
            pod = self.pods_by_uid.get(target.get("uid"))
            if not pod or not has_network(pod) or pod["metadata"]["namespace"] != service["metadata"]["namespace"]:
                continue
            conditions = endpoint.get("conditions") or {}
            ready = conditions.get("ready") is not False or service["spec"].get("publishNotReadyAddresses")
            leaving = conditions.get("terminating") or "deletionTimestamp" in pod["metadata"]
            found[uid_of(pod)] = found.get(uid_of(pod), False) or bool(ready and not leaving)
        return found

    def at_rest(self):
        """Why Kubernetes itself is not done yet; None where it is."""
        for key, item in self.deployments.items():
            status, wanted = item.get("status", {}), item["spec"]["replicas"]
            if status.get("observedGeneration") != item["metadata"]["generation"]:
                return f"deployment {key} is not observed"
            if status.get("replicas", 0) != wanted or status.get("updatedReplicas", 0) != wanted:
                return f"deployment {key} has {status} of {wanted}"
        for key, pod in self.pods.items():
            if "deletionTimestamp" in pod["metadata"]:
                return f"pod {key} is on its way out"
            if pod["status"]["phase"] == "Pending":
                return f"pod {key} does not run yet"
            if _wished_ready(pod) != is_ready(pod):
                return f"pod {key} is going to change its readiness"
        for service in self.services.values():
            selector = service["spec"].get("selector")
            if not selector or service["spec"]["type"] == "ExternalName":
                continue
            named = {(e.get("targetRef") or {}).get("uid"): (e.get("conditions") or {}).get("ready")
                     for e in self.endpoints_of(service, "endpointslice-controller.k8s.io")}
            chosen = {uid_of(p): is_ready(p) or bool(service["spec"].get("publishNotReadyAddresses"))
                      for (where, _), p in self.pods.items()
                      if where == service["metadata"]["namespace"] and p["status"]["phase"] == "Running"
                      and selector.items() <= (p["metadata"].get("labels") or {}).items()}
            if named != chosen:
                return f"the slices of {key_of(service)} have not followed its pods: {named}, not {chosen}"
        return None


def key_of(item):
    """(namespace, name)."""
    return item["metadata"].get("namespace"), item["metadata"]["name"]


def uid_of(item):
    """Its UID."""
    return item["metadata"]["uid"]


def has_network(pod):
    """From its creation until it is over, unless it uses the node's network or is a static pod's mirror."""
    return not (pod["spec"].get("hostNetwork") or pod["status"].get("phase") in ("Succeeded", "Failed")
                or "kubernetes.io/config.mirror" in (pod["metadata"].get("annotations") or {}))


def is_ready(pod):
    """Its condition."""
    return any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions") or [])


def _wished_ready(pod):
    annotations = pod["metadata"].get("annotations") or {}
    return (annotations.get("test.opencontrail.org/ready") != "false"
            and annotations.get("test.opencontrail.org/phase", "Running") == "Running")


def _value(pairs, keys):
    return next((pairs[key] for key in keys if _trim((pairs or {}).get(key, ""))), None) if pairs else None


def tier_of(item, keys, unlabelled):
    """The tier that a label names."""
    return _value(item["metadata"].get("labels"), keys) or unlabelled


def uses_of(pod, keys):
    """The service tiers that it names, label and annotation together; what is no label value is left out."""
    names = [_value(pod["metadata"].get("labels"), keys) or ""]
    text = _trim(_value(pod["metadata"].get("annotations"), keys) or "")
    if text.startswith("["):
        try:
            names += [name for name in json.loads(text) if isinstance(name, str)]
        except ValueError:
            pass
    else:
        names += text.split(",")
    return {_trim(name) for name in names
            if re.fullmatch(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?", _trim(name))}


def is_headless(service):
    """Without an address of its own."""
    return service["spec"].get("clusterIP") == "None"


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


def served(service, pods, waiting):
    """(the pods that serve, port mappings): one mapping for all, so of pods that disagree on named ports the
    majority serves, or of two groups as large that with the oldest pod; while none is ready, those that wait tell the
    mappings. No mappings where every port is its target."""
    targets = [port.get("targetPort", port["port"]) for port in service["spec"].get("ports") or []]
    if is_headless(service) or not any(isinstance(target, str) for target in targets):
        return pods, _listed(service, _mappings(service, None))
    ready, others = _groups(service, pods), _groups(service, waiting)
    if ready:
        mappings = _majority(ready)
        return ready[mappings], _listed(service, mappings)
    return [], _listed(service, _majority(others) if others else _mappings(service, None))


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


def addresses(texts):
    """Parsed; what is no address is left out."""
    return [ipaddress.ip_address(text) for text in texts or [] if text and text != "None"]
