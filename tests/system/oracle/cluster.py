"""The objects of the API server, and what Kubernetes derives from them."""

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
        """The resource versions: two snapshots of equal objects have equal versions."""
        return {(kind, key): (item["metadata"]["uid"], item["metadata"]["resourceVersion"])
                for kind, items in self._items.items() for key, item in items.items()}

    def endpoints_of(self, service, made_by=None, family=None):
        """All endpoints in the slices of a Service, limited to a writer of slices and a family
        (`IPv4`, `IPv6`) if given."""
        for item in self.slices_of(service, made_by, family):
            yield from item.get("endpoints") or []

    def slices_of(self, service, made_by=None, family=None):
        """The slices of a Service, with the same limits."""
        namespace, name = key_of(service)
        for (where, _), item in self.slices.items():
            labels = item["metadata"].get("labels") or {}
            if where == namespace and labels.get("kubernetes.io/service-name") == name and \
                    made_by in (None, labels.get("endpointslice.kubernetes.io/managed-by")) and \
                    family in (None, item["addressType"]):
                yield item

    def ports_of(self, service, family):
        """What the slices of a family list for each Pod: UID → {(name, protocol): number, None
        for all ports}. Of several numbers the lowest counts."""
        found = collections.defaultdict(dict)
        for item in self.slices_of(service, family=family):
            for uid in {target_uid(endpoint) for endpoint in item.get("endpoints") or []} - {None}:
                for port in item.get("ports") or []:
                    key, number = (port.get("name") or "", port.get("protocol", "TCP")), port.get("port") or 0
                    found[uid][key] = min(number, found[uid].get(key, number))
        return found

    def pods_of(self, service, family):
        """UID → whether the Pod serves, for the Pods of the Service's Namespace that a slice of
        the family names and that have a network. A Pod serves if it is Ready, or published
        although it is not, and is not terminating."""
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
        """Why Kubernetes is not at rest; None if it is."""
        for key, item in self.deployments.items():
            status, desired = item.get("status", {}), item["spec"]["replicas"]
            if status.get("observedGeneration") != item["metadata"]["generation"]:
                return f"deployment {key} is not observed"
            if status.get("replicas", 0) != desired or status.get("updatedReplicas", 0) != desired:
                return f"deployment {key} has {status} of {desired}"
        for key, pod in self.pods.items():
            if "deletionTimestamp" in pod["metadata"]:
                return f"pod {key} is terminating"
            # A Pod that was made unready before it ran does not start (tests/control-plane/stages).
            if pod["status"]["phase"] == "Pending" and _requested_ready(pod):
                return f"pod {key} does not run yet"
            if pod["status"]["phase"] in ("Pending", "Running") and \
                    _requested_phase(pod) != "Running":
                return f"pod {key} is about to end"
            if _requested_ready(pod) != is_ready(pod):
                return f"pod {key} is about to change its readiness"
        for service in self.services.values():
            if service["spec"].get("selector") and service["spec"]["type"] != "ExternalName":
                for family in service["spec"].get("ipFamilies") or []:
                    if behind := self._slices_behind(service, family):
                        return behind
        return None


    def _slices_behind(self, service, family):
        named = {(e.get("targetRef") or {}).get("uid"): (e.get("conditions") or {}).get("ready")
                 for e in self.endpoints_of(service, "endpointslice-controller.k8s.io", family)}
        # Kubernetes does not update the endpoint of a Pod that was already unready when it ended.
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
    """The UID of the Pod that the endpoint names; None if it names no Pod."""
    target = endpoint.get("targetRef") or {}
    return target.get("uid") or None if target.get("kind") == "Pod" else None


def uid_of(item):
    """The UID of an object."""
    return item["metadata"]["uid"]


def has_network(pod):
    """Whether a Pod has a network: until it completes, unless it uses the node's network or is a
    mirror Pod."""
    return not (pod["spec"].get("hostNetwork") or pod["status"].get("phase") in ("Succeeded", "Failed")
                or "kubernetes.io/config.mirror" in (pod["metadata"].get("annotations") or {}))


def is_ready(pod):
    """Whether the condition Ready is true."""
    return any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions") or [])


def _addresses_of(pod):
    return addresses(item.get("ip") for item in pod["status"].get("podIPs") or [])


def _requested_ready(pod):
    annotations = pod["metadata"].get("annotations") or {}
    ready = annotations.get("test.opencontrail.org/ready") != "false"
    return ready and _requested_phase(pod) == "Running"


def _requested_phase(pod):
    return (pod["metadata"].get("annotations") or {}).get("test.opencontrail.org/phase", "Running")


def _value(pairs, keys):
    return next((pairs[key] for key in keys if _trim((pairs or {}).get(key, ""))), None) if pairs else None


def tier_of(item, keys, unlabelled):
    """The tier that the label names."""
    return _value(item["metadata"].get("labels"), keys) or unlabelled


def uses_of(pod, keys):
    """(the service tiers that a Pod uses, its names that are no tier names). Label and
    annotation count together, and only the first MOST_USES valid names count."""
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
    if len(good) > MOST_USES:  # names after the last one that counts are not read
        names = list(names)[:list(names).index(good[MOST_USES])]
    return set(good[:MOST_USES]), odd | (set(names) - set(good))


def age_of(item):
    """The sort key of age: the older object has the lower one."""
    return item["metadata"]["creationTimestamp"], uid_of(item)


def ingress_of(service):
    """The load-balancer addresses in the status."""
    status = (service.get("status") or {}).get("loadBalancer") or {}
    return addresses(item.get("ip") for item in status.get("ingress") or [])


def is_headless(service):
    """Whether the Service has no address of its own."""
    return service["spec"].get("clusterIP") == "None"


def address_of(text):
    """The address as Kubernetes parses it: leading zeros are ignored, and IPv4 in IPv6 is IPv4.
    None if the text is no address."""
    text = re.sub(r"(?<![0-9A-Fa-f.])0+(?=[0-9]+\.)|(?<=\.)0+(?=[0-9])", "", text or "")
    text = ":".join(part.lstrip("0") or "0" if len(part) > 4 and "." not in part else part for part in text.split(":"))
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def addresses(texts):
    """The addresses of the texts that are addresses."""
    return [address for text in texts or [] if (address := address_of(text))]


def no_addresses(texts):
    """The texts that are no addresses."""
    return [text for text in texts or [] if text and text != "None" and not address_of(text)]
