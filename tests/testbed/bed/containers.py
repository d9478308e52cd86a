"""Servers in Pods that are containers of real nodes. The nodes' own plugin connects them."""

import os

from matrix.answers import Answers
from matrix.expectation import EVERY_POD, Expectation
from matrix.flow import OUTSIDE


_EVERYWHERE = {("tcp", EVERY_POD), ("udp", EVERY_POD)}


class Containers:
    """`follow(snapshot)` is one round, as of NodeAgent. It names the networks of Pods where the
    probe looks for them. `nodes`: nodes.Nodes; `serves`: whether a Pod's own program answers at
    the ports of its Services."""

    def __init__(self, layout, nodes, settings, say, answers=None, serves=lambda pod: False):
        self._layout, self._nodes, self._settings, self._say = layout, nodes, settings, say
        self._answers, self._serves = answers or Answers(), serves
        self.remarks = []  # Pods without servers, and why
        self._serving = {}  # UID → (Pod, network, ports)
        self._answers.serve(OUTSIDE, layout.outside.namespace.path,
                            _EVERYWHERE)

    def follow(self, snapshot):
        """Makes the servers follow the Pods; whether anything was to do."""
        ports = Expectation(snapshot, self._settings).ports
        own = {"/".join(key) for key, pod in snapshot.pods.items() if self._serves(pod)}
        running, self.remarks = {}, []
        for key, pod in snapshot.pods.items():
            spec, uid = pod["spec"], pod["metadata"]["uid"]
            if pod["status"].get("phase") == "Running" and not spec.get("hostNetwork"):
                if network := self._nodes.network_of(spec.get("nodeName"), uid):
                    running[uid] = "/".join(key), network
        # A Pod whose first container was made anew has another network.
        gone = [uid for uid, (name, network, _) in self._serving.items()
                if running.get(uid) != (name, network)]
        for uid in gone:
            self._forget(uid)
        changed = bool(gone)
        for uid, (name, network) in running.items():
            wanted = _EVERYWHERE if name in own else ports.get(name, _EVERYWHERE)
            if self._serving.get(uid) != (name, network, wanted):
                self._serve(uid, name, network, wanted)
                changed = True
        return changed

    def _serve(self, uid, name, network, ports):
        if uid not in self._serving:
            os.symlink(network, self._path(name))
            self._say(f"{name} runs")
        self._serving[uid] = name, network, ports
        try:
            self._answers.serve(name, self._path(name), ports)
        except OSError as error:  # its network is gone: the next round shows what there is
            self.remarks.append(f"{name}: {error}")
            self._forget(uid)

    def pods(self):
        """Names of the Pods whose servers run, as namespace/name."""
        return sorted(name for name, _, _ in self._serving.values())

    def _path(self, name):
        """Where the probe finds a Pod's network."""
        return self._layout.folder.file("net", name.replace("/", ".")[:200])

    def _forget(self, uid):
        name, _, _ = self._serving.pop(uid)
        self._answers.forget(name)
        os.unlink(self._path(name))
        self._say(f"{name} has ended")

    def close(self):
        """Ends the servers."""
        self._answers.close()
