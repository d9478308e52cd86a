"""The life of Pods as a kubelet would have it, on nodes that kwok plays: with kwok alone a Pod is
Ready before it is plugged, and ends while packets are still on their way to it."""

import re

from bed.node_agent import NodeAgent
from controlplane.api import ApiError
from layout.attachment import attachment

READY = "test.opencontrail.org/ready"  # of tests/control-plane/stages
LINGER = "test.opencontrail.org/linger"
# In a Pod template: its Pods are probed before they are Ready, and drained before they end.
GRACEFUL = {READY: "false", LINGER: "true"}


class Lifecycle(NodeAgent):
    """As NodeAgent. A Pod that begins with GRACEFUL becomes Ready when its servers answer and its
    flows are installed, as by a readiness probe. Deleted, it serves until no switch sends it new
    connections, as by a preStop hook; then its connections end."""

    def __init__(self, layout, settings, say, api):
        super().__init__(layout, settings, say)
        self._plugged, self._api = layout, api
        self._started = set()  # UIDs

    def follow(self, snapshot):
        """As NodeAgent; also whether a Pod is about to become Ready, or to end."""
        changed = super().follow(snapshot)
        starting, ending = self._start(snapshot), self._end(snapshot)
        return changed or starting or ending

    def _start(self, snapshot):
        waiting = [pod for pod in snapshot.pods.values() if _annotation(pod, READY) == "false"
                   and _annotation(pod, LINGER) == "true" and not _is_leaving(pod)
                   and pod["metadata"]["uid"] not in self._started]
        if waiting:
            late = set(self._plugged.uninstalled())
            for pod in waiting:
                uid = pod["metadata"]["uid"]
                if uid in self._plugged.plugs and _name(pod) not in late:
                    if self._annotate(pod, READY, "true"):
                        self._started.add(uid)
        return bool(waiting)

    def _end(self, snapshot):
        leaving = [pod for pod in snapshot.pods.values() if _is_leaving(pod)
                   and _annotation(pod, LINGER) == "true"]
        if leaving:
            central = self._plugged.central
            used = central.nbctl("--bare", "--columns=vips", "list", "load_balancer")
            drained = [pod for pod in leaving if not is_named(_addresses(pod), used)]
            if drained:
                self._plugged.sync()
            for pod in drained:
                self.hang_up(_name(pod))
                self._annotate(pod, LINGER, None)
        return bool(leaving)

    def _annotate(self, pod, key, value):
        path = f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/{pod['metadata']['name']}"
        try:
            self._api.merge(path, {"metadata": {"uid": pod["metadata"]["uid"],
                                                "annotations": {key: value}}})
        except ApiError as error:
            if error.code not in (404, 409):  # deleted or replaced since: the next round sees it
                raise
            return False
        return True


def _name(pod):
    return f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"


def _annotation(pod, key):
    return (pod["metadata"].get("annotations") or {}).get(key)


def _is_leaving(pod):
    return "deletionTimestamp" in pod["metadata"]


def _addresses(pod):
    found = attachment(pod)
    return found.addresses if found else ()


def is_named(addresses, balancers):
    """Whether load balancers, as `ovn-nbctl` shows them, lead to one of these addresses."""
    return any(re.search(rf"(?<![\w.:]){re.escape(str(address))}(?![\w.]|:[\w:]*[\]\",])"
                         if address.version == 6 else
                         rf"(?<![\w.]){re.escape(str(address))}(?![\w.])", balancers)
               for address in addresses)
