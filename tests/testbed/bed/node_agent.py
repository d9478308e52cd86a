"""What the node plugins of real nodes would do: plugs the Pods of a cluster as they get their
annotations, unplugs Pods that are gone, and runs their servers."""

from layout.attachment import attachment
from matrix.answers import Answers
from matrix.expectation import EVERY_POD, Expectation
from matrix.flow import OUTSIDE


class NodeAgent:
    """`follow(snapshot)` is one round. `settings`: oracle.Settings. `remarks`: Pods that cannot be
    plugged, and why."""

    def __init__(self, layout, settings, say, answers=None):
        self._layout, self._settings, self._say = layout, settings, say
        self._answers = answers or Answers()
        self._listening = {}  # Pod → ports
        self.remarks = []
        self._answers.serve(OUTSIDE, layout.outside.namespace.path,
                            {("tcp", EVERY_POD), ("udp", EVERY_POD)})

    def follow(self, snapshot):
        """Makes the network follow the Pods; whether anything was to do."""
        wanted, self.remarks = {}, []
        for pod in snapshot.pods.values():
            try:
                found = attachment(pod)
            except ValueError as error:
                self.remarks.append(str(error))
                continue
            if found:
                wanted[found.uid] = found
        plugs = self._layout.plugs
        gone = [uid for uid, plug in plugs.items() if wanted.get(uid) != plug.attachment]
        for uid in gone:
            pod = plugs[uid].attachment.pod
            self._answers.forget(pod)
            self._listening.pop(pod, None)
            self._layout.unplug(uid)
            self._say(f"unplugged {pod}")
        new = [found for uid, found in wanted.items() if uid not in plugs]
        for found in new:
            self._layout.plug(found)
            where = ", ".join(map(str, found.addresses))
            self._say(f"plugged {found.pod} on {found.node}: {where}")
        return self._listen(snapshot) or bool(gone or new)

    def pods(self):
        """Names of the Pods that are plugged, as namespace/name."""
        return sorted(plug.attachment.pod for plug in self._layout.plugs.values())

    def _listen(self, snapshot):
        ports, changed = Expectation(snapshot, self._settings).ports, False
        declared = {"/".join(key): _declared(pod) for key, pod in snapshot.pods.items()}
        for plug in self._layout.plugs.values():
            pod = plug.attachment.pod
            wanted = declared.get(pod, set()) | ports.get(
                pod, {("tcp", EVERY_POD), ("udp", EVERY_POD)})
            if self._listening.get(pod) != wanted:
                self._answers.serve(pod, plug.namespace.path, wanted)
                self._listening[pod] = wanted
                changed = True
        return changed

    def hang_up(self, pod):
        """Ends the servers of a Pod and its connections, as the end of its program would."""
        self._answers.forget(pod)

    def close(self):
        """Ends the servers."""
        self._answers.close()


def _declared(pod):
    """A Pod listens at the ports of its containers before a Service knows it."""
    return {(port.get("protocol", "TCP").lower(), port["containerPort"])
            for container in pod["spec"]["containers"] for port in container.get("ports") or []
            if port.get("protocol", "TCP") in ("TCP", "UDP")}
