"""All nodes of a cluster, and the way between them and the API server."""

import contextlib
import json
import os
import subprocess
import sys
import time
from ipaddress import ip_network
from urllib.parse import urlsplit

from controlplane import process, readiness
from layout.command import ip
from layout.errors import LayoutError

from . import cgroups, leftovers
from .node import Node

_GATE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "gate.py")
_DEADLINE = 90  # seconds for what must happen


def api_server_arguments(folder):
    """More arguments of the API server of a cluster with nodes, by which it reaches kubelets."""
    path = folder.file("egress.json")
    with open(path, "w", encoding="utf-8") as out:
        json.dump({"apiVersion": "apiserver.k8s.io/v1beta1", "kind": "EgressSelectorConfiguration",
                   "egressSelections": [{"name": "cluster", "connection": {
                       "proxyProtocol": "HTTPConnect",
                       "transport": {"uds": {"udsName": _socket(folder)}}}}]}, out)
    return [f"--egress-selector-config-file={path}"]


def _socket(folder):
    return folder.file("gate.sock")


class Nodes:
    """A context manager. Use it from the main thread only: the kernel ends the children of a
    thread with that thread.

    `cluster`: started with api_server_arguments(folder), and without simulated nodes; `networks`:
    node's address → layout's Namespace, which has the address; `service_range`: the cluster's, of
    IPv4; `say`: takes progress; `ports`: port on each node's loopback interface → port on that of
    this machine, for servers that Pods of the nodes' network use; `also`: more addresses of each
    node at which the API server is served."""

    def __init__(self, folder, cluster, networks, service_range, say, ports=None, also=()):
        self._folder, self._cluster, self._say = folder, cluster, say
        self._networks, self._ports, self._also = networks, ports or {}, also
        services = ip_network(service_range)
        # The first is that of the API server; the tenth is the usual one for DNS.
        self._api_server, self._dns = str(services[1]), str(services[10])
        self._nodes = []
        self._gate = None
        self._stack = contextlib.ExitStack()

    def start(self, programs, sandbox, images, plugins):
        """Starts all nodes and waits until they are Ready. `programs`: those of programs.build();
        `sandbox`: name of the image of a Pod's first container; `images`: paths of tar files;
        `plugins`: node's address → plugin.Plugin. After a failure, close() removes what is there
        already."""
        self._start_janitor()
        self._open_gate()
        for address, network in self._networks.items():
            self._say(f"starting containerd on {network.name}")
            node = Node(self._folder, network, address, programs, sandbox, plugins[address])
            self._stack.callback(node.close)
            self._nodes.append(node)
            for image in images:
                node.load(image)
            node.join(self._cluster, f"https://{self._api_server}:443", [self._dns])
        self._wait_until_ready()

    def _start_janitor(self):
        """It removes the cgroups if this process is killed: the kernel does not."""
        with process.undisturbed():
            janitor = subprocess.Popen(
                [sys.executable, cgroups.__file__, leftovers.prefix(self._folder)],
                stdin=subprocess.PIPE, start_new_session=True)
            self._stack.callback(janitor.communicate)  # ends its input, and waits for its end

    def _open_gate(self):
        api = urlsplit(self._cluster.server)
        forwards = [*([[address, 443], [api.hostname, api.port]]
                      for address in (self._api_server, *self._also)),
                    *([["127.0.0.1", there], ["127.0.0.1", here]]
                      for there, here in self._ports.items())]
        for network in self._networks.values():
            ip(network, f"addr add {self._api_server}/32 dev lo")
        self._gate_log = self._folder.file("logs", "gate.log")
        configuration = self._folder.file("gate.json")
        with open(configuration, "w", encoding="utf-8") as out:
            json.dump({"forwards": forwards, "socket": _socket(self._folder),
                       "nodes": {address: network.path
                                 for address, network in self._networks.items()}}, out)
        self._gate = process.spawn([sys.executable, _GATE, configuration], self._gate_log)
        self._stack.callback(process.stop, self._gate)
        self._folder.note(self._gate)
        self._wait(lambda: "" if os.path.exists(_socket(self._folder)) else "the gate")

    def _wait_until_ready(self):
        self._wait(lambda: readiness.pods_lack(self._cluster.api, [
            network.name for network in self._networks.values()]))

    def _wait(self, lacks):
        """Until `lacks()` is empty."""
        end = time.monotonic() + _DEADLINE
        while missing := lacks():
            self.check()
            if time.monotonic() > end:
                words = "\n".join(node.last_words() for node in self._nodes)
                raise LayoutError(f"not ready after {_DEADLINE} s: {missing}\n{words}")
            self._say(f"waiting for {missing}", passing=True)
            time.sleep(0.05)

    def load(self, image):
        """Imports an image on all nodes: a tar file, by its path."""
        for node in self._nodes:
            node.load(image)

    def network_of(self, node, uid):
        """The path of the network namespace of a Pod; None if the node does not run it."""
        return next((found.network_of(uid) for found in self._nodes if found.name == node), None)

    def check(self):
        """LayoutError if a program has ended by itself."""
        if process.exit_code(self._gate) is not None:
            raise LayoutError(f"the gate to the API server has ended:\n"
                              f"{process.tail(self._gate_log)}")
        for node in self._nodes:
            node.check()

    def close(self):
        """Removes all nodes with their Pods, however far they were made."""
        self._stack.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
