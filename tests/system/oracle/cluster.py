"""What the API server says of a cluster, and what it means by itself."""

import collections
import ipaddress
import json
import re

STATE = "opencontrail.org/pod-state"
MOST_USES = 256
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

    def endpoints_of(self, service, made_by=None, family=None):
        """Every endpoint that a slice of its Namespace lists for a Service; of slices that somebody makes, and of a
        family (`IPv4`, `IPv6`), where given."""
        for item in self.slices_of(service, made_by, family):
            yield from item.get("endpoints") or []

    def slices_of(self, service, made_by=None, family=None):
        """Likewise, the slices."""
        namespace, name = key_of(service)
        for (where, _), item in self.slices.items():
            labels = item["metadata"].get("labels") or {}
            if where == namespace and labels.get("kubernetes.io/service-name") == name and \
                    made_by in (None, labels.get("endpointslice.kubernetes.io/managed-by")) and \
                    family in (None, item["addressType"]):
                yield item

    def ports_of(self, service, family):
        """UID → what the slices of a family that name a pod say: {(name, protocol): number, None for all}, the lowest
        of several."""
        found = collections.defaultdict(dict)
        for item in self.slices_of(service, family=family):
            for uid in {target_uid(endpoint) for endpoint in item.get("endpoints") or []} - {None}:
                for port in item.get("ports") or []:
                    key, number = (port.get("name") or "", port.get("protocol", "TCP")), port.get("port") or 0
                    found[uid][key] = min(number, found[uid].get(key, number))
        return found

    def pods_of(self, service, family):
        """UID → pod with a network of ours, of the Service's Namespace, that an endpoint names in a slice of the
        family; and whether it serves: Ready, or to be published anyway, and not on its way out."""
        found = {}
        for endpoint in self.endpoints_of(service, family=family):
            pod = self.pods_by_uid.get(target_uid(endpoint))
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
            # One that was made unready before it ran does not start (tests/control-plane/stages).
            if pod["status"]["phase"] == "Pending" and _wished_ready(pod):
                return f"pod {key} does not run yet"
            if pod["status"]["phase"] in ("Pending", "Running") and _wished_phase(pod) != "Running":
                return f"pod {key} is going to end"
            if _wished_ready(pod) != is_ready(pod):
                return f"pod {key} is going to change its readiness"
        for service in self.services.values():
            if service["spec"].get("selector") and service["spec"]["type"] != "ExternalName":
                for family in service["spec"].get("ipFamilies") or []:
                    if behind := self._slices_behind(service, family):
                        return behind
        return None


    def _slices_behind(self, service, family):
        named = {(e.get("targetRef") or {}).get("uid"): (e.get("conditions") or {}).get("ready")
                 for e in self.endpoints_of(service, "endpointslice-controller.k8s.io", family)}
        # Kubernetes does not look again at a pod that was unready already when it ended.
        named = {uid: ready for uid, ready in named.items() if ready
                 or self.pods_by_uid.get(uid, {}).get("status", {}).get("phase") not in ("Succeeded", "Failed")}
        chosen = {uid_of(p): is_ready(p) or bool(service["spec"].get("publishNotReadyAddresses"))
                  for (where, _), p in self.pods.items()
                  if where == service["metadata"]["namespace"] and p["status"]["phase"] == "Running"
                  and any(family == f"IPv{address.version}" for address in _addresses_of(p))
                  and service["spec"]["selector"].items() <= (p["metadata"].get("labels") or {}).items()}
        return named != chosen and f"the slices of {key_of(service)} have not followed its pods: {named}, not {chosen}"


def key_of(item):
    """(namespace, name)."""
    return item["metadata"].get("namespace"), item["metadata"]["name"]


def target_uid(endpoint):
    """Of the pod that it is; None: it is none."""
    target = endpoint.get("targetRef") or {}
    return target.get("uid") or None if target.get("kind") == "Pod" else None


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


def _addresses_of(pod):
    return addresses(item.get("ip") for item in pod["status"].get("podIPs") or [])


def _wished_ready(pod):
    annotations = pod["metadata"].get("annotations") or {}
    return annotations.get("test.opencontrail.org/ready") != "false" and _wished_phase(pod) == "Running"


def _wished_phase(pod):
    return (pod["metadata"].get("annotations") or {}).get("test.opencontrail.org/phase", "Running")


def _value(pairs, keys):
    return next((pairs[key] for key in keys if _trim((pairs or {}).get(key, ""))), None) if pairs else None


def tier_of(item, keys, unlabelled):
    """The tier that a label names."""
    return _value(item["metadata"].get("labels"), keys) or unlabelled


def uses_of(pod, keys):
    """(the service tiers that it names, what it names that is none): label and annotation together, and of all names
    the first MOST_USES."""
    names, odd = [_value(pod["metadata"].get("labels"), keys) or ""], set()
    text = _trim(_value(pod["metadata"].get("annotations"), keys) or "")
    if text.startswith("["):
        try:
            listed = json.loads(text)
        except ValueError:
            listed, odd = [], {text}
        names += [name for name in listed if isinstance(name, str)]
        odd |= {json.dumps(name) for name in listed if not isinstance(name, str)}
    else:
        names += text.split(",")
    names = dict.fromkeys(_trim(name) for name in names if _trim(name))
    good = [name for name in names if re.fullmatch(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?", name)]
    if len(good) > MOST_USES:  # behind the last one that counts nothing is read
        names = list(names)[:list(names).index(good[MOST_USES])]
    return set(good[:MOST_USES]), odd | (set(names) - set(good))


def age_of(item):
    """What the older one has less of."""
    return item["metadata"]["creationTimestamp"], uid_of(item)


def ingress_of(service):
    """The load-balancer addresses that its status shows."""
    status = (service.get("status") or {}).get("loadBalancer") or {}
    return addresses(item.get("ip") for item in status.get("ingress") or [])


def is_headless(service):
    """Without an address of its own."""
    return service["spec"].get("clusterIP") == "None"


def address_of(text):
    """Read as Kubernetes reads it: zeros in front mean nothing, IPv4 in IPv6 is IPv4. None where it is no address."""
    text = re.sub(r"(?<![0-9A-Fa-f.])0+(?=[0-9]+\.)|(?<=\.)0+(?=[0-9])", "", text or "")
    text = ":".join(part.lstrip("0") or "0" if len(part) > 4 and "." not in part else part for part in text.split(":"))
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def addresses(texts):
    """Parsed; what is no address is left out."""
    return [address for text in texts or [] if (address := address_of(text))]


def no_addresses(texts):
    """What is left out of them."""
    return [text for text in texts or [] if text and text != "None" and not address_of(text)]
