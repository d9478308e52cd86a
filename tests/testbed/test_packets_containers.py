"""The agent of Pods that real nodes run, with nodes and servers that only take notes."""

import os
import tempfile
import unittest
from types import SimpleNamespace

import paths  # extends sys.path
from bed.containers import Containers
from kubernetes_objects import KubernetesObjects
from matrix.expectation import EVERY_POD
from oracle.cluster import Snapshot
from oracle.settings import Settings

_EVERYWHERE = {("tcp", EVERY_POD), ("udp", EVERY_POD)}


class _Answers:
    """Notes who listens where: name → (what the path of the network leads to, ports)."""

    def __init__(self):
        self.serving, self.broken = {}, None

    def serve(self, name, namespace, ports):
        """All ports of a name."""
        if name == self.broken:
            raise OSError("no such network")
        self.serving[name] = os.readlink(namespace) if name != "outside" else namespace, ports

    def forget(self, name):
        """None any more."""
        self.serving.pop(name, None)


class Agent(unittest.TestCase):
    """Rounds of the agent over a cluster that changes."""

    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.root = place.name
        os.mkdir(os.path.join(self.root, "net"))
        self.objects, self.answers = KubernetesObjects(), _Answers()
        self.networks = {}  # UID → network, as of the nodes
        layout = SimpleNamespace(
            folder=SimpleNamespace(file=lambda *parts: os.path.join(self.root, *parts)),
            outside=SimpleNamespace(namespace=SimpleNamespace(path="outside")))
        nodes = SimpleNamespace(network_of=lambda node, uid: self.networks.get(uid))
        self.agent = Containers(layout, nodes, Settings(), lambda text: None, self.answers,
                                lambda pod: pod["metadata"]["name"] == "real-0")

    def _pod(self, name, network, **spec):
        made = self.objects.pod(name, "10.0.0.7", nodeName="node-01", **spec)
        self.networks[made["metadata"]["uid"]] = network
        return made

    def _follow(self):
        return self.agent.follow(Snapshot(self.objects))

    def _names(self):
        return os.listdir(os.path.join(self.root, "net"))

    def test_life(self):
        """Nothing before it has a network; then its servers and its name; nothing after its end."""
        self.assertEqual(self.answers.serving, {"outside": ("outside", _EVERYWHERE)})
        made = self._pod("web-0", None)
        self.assertFalse(self._follow())
        self.networks[made["metadata"]["uid"]] = "/proc/7/ns/net"
        self.assertTrue(self._follow())
        self.assertEqual(self.answers.serving["shop/web-0"], ("/proc/7/ns/net", _EVERYWHERE))
        self.assertEqual((self._names(), self.agent.pods()), (["shop.web-0"], ["shop/web-0"]))
        self.assertFalse(self._follow())
        self.objects.remove("Pod", "web-0")
        self.assertTrue(self._follow())
        self.assertEqual((self._names(), self.agent.pods()), ([], []))
        self.assertNotIn("shop/web-0", self.answers.serving)

    def test_ports(self):
        """A Service of a running Pod adds its port."""
        self._pod("web-0", "/proc/7/ns/net")
        self._follow()
        self.objects.service("web", "10.254.0.1", [("TCP", 80, 8080)], {"web-0": True})
        self.assertTrue(self._follow())
        self.assertEqual(self.answers.serving["shop/web-0"][1], _EVERYWHERE | {("tcp", 8080)})

    def test_real_program(self):
        """At the ports of its Services a Pod's own program answers."""
        for name in ("real-0", "web-0"):
            self._pod(name, f"/proc/{name}/ns/net")
        self.objects.service("web", "10.254.0.1", [("TCP", 80, 8080)],
                             {"web-0": True, "real-0": True})
        self._follow()
        ports = {name: ports for name, (_, ports) in self.answers.serving.items()}
        self.assertEqual(ports["shop/real-0"], _EVERYWHERE)
        self.assertEqual(ports["shop/web-0"], _EVERYWHERE | {("tcp", 8080)})

    def test_another_network(self):
        """The first container of a Pod was made anew: its servers are too."""
        made = self._pod("web-0", "/proc/7/ns/net")
        self._follow()
        self.networks[made["metadata"]["uid"]] = "/proc/8/ns/net"
        self.assertTrue(self._follow())
        self.assertEqual(self.answers.serving["shop/web-0"][0], "/proc/8/ns/net")
        self.assertFalse(self._follow())

    def test_it_ends_at_this_moment(self):
        """A network that is gone before the servers start is tried again, as long as nodes show
        it."""
        self._pod("web-0", "/proc/7/ns/net")
        self.answers.broken = "shop/web-0"
        self.assertTrue(self._follow())
        self.assertEqual(self.agent.remarks, ["shop/web-0: no such network"])
        self.assertEqual((self._names(), self.agent.pods()), ([], []))
        self.answers.broken = None
        self.assertTrue(self._follow())
        self.assertEqual((self.agent.remarks, self.agent.pods()), ([], ["shop/web-0"]))

    def test_no_network_of_its_own(self):
        """A Pod on the node's network, and one that is over."""
        self._pod("host-0", "/proc/7/ns/net", hostNetwork=True)
        self._pod("over-0", "/proc/8/ns/net")["status"]["phase"] = "Succeeded"
        self.assertFalse(self._follow())
        self.assertEqual(self.agent.pods(), [])


if __name__ == "__main__":
    unittest.main()
