"""The agent that plugs Pods, with a layout and servers that only take notes; the command lines."""

import json
import os
import subprocess
import sys
import unittest
from types import SimpleNamespace

import paths  # extends sys.path
from bed.node_agent import NodeAgent
from kubernetes_objects import KubernetesObjects
from layout.attachment import ANNOTATION
from matrix.expectation import EVERY_POD
from oracle.cluster import Snapshot
from oracle.settings import Settings

_EVERYWHERE = {("tcp", EVERY_POD), ("udp", EVERY_POD)}


class _Layout:
    """Notes who is plugged."""

    outside = SimpleNamespace(namespace=SimpleNamespace(path="outside"))

    def __init__(self):
        self.plugs = {}

    def plug(self, attachment):
        """A Pod; its namespace's path is its name."""
        self.plugs[attachment.uid] = SimpleNamespace(
            attachment=attachment, namespace=SimpleNamespace(path=attachment.pod))

    def unplug(self, uid):
        """It must be there."""
        del self.plugs[uid]


class _Answers:
    """Notes who listens where."""

    def __init__(self):
        self.ports = {}

    def serve(self, name, namespace, ports):
        """All ports of a name."""
        assert namespace == name
        self.ports[name] = ports

    def forget(self, name):
        """None any more."""
        del self.ports[name]


class Agent(unittest.TestCase):
    """Rounds of the agent over a cluster that changes."""

    def setUp(self):
        self.cluster, self.layout, self.answers = KubernetesObjects(), _Layout(), _Answers()
        self.said = []
        self.agent = NodeAgent(self.layout, Settings(), self.said.append, self.answers)

    def follow(self):
        """One round; whether it changed anything."""
        return self.agent.follow(Snapshot(self.cluster))

    def add(self, name, address, node="node-01"):
        """A Pod with an annotation."""
        made = self.cluster.pod(name, address, "web", nodeName=node)
        self.annotate(made, address)
        return made

    @staticmethod
    def annotate(pod, address, **members):
        """Writes the annotation, as the controller does."""
        pod["metadata"]["annotations"] = {ANNOTATION: json.dumps({
            "uuid": "4e2e18ce-2043-536c-bc98-78adf6321775", "macAddress": "02:4e:2e:18:ce:20",
            "ipAddress": address, "gateway": "10.0.255.254", "podUid": pod["metadata"]["uid"],
            **members})}

    def plugged(self):
        """Pod → its address."""
        return {plug.attachment.pod: str(plug.attachment.addresses[0])
                for plug in self.layout.plugs.values()}

    def test_pods_come_and_go(self):
        """A Pod is plugged once, when it has its annotation, and unplugged when it is gone."""
        waiting = self.cluster.pod("web-1", [], "web", nodeName="node-02")
        self.add("web-0", "10.0.0.10")
        self.assertTrue(self.follow())
        self.assertEqual(self.plugged(), {"shop/web-0": "10.0.0.10"})
        self.assertFalse(self.follow())
        self.annotate(waiting, "10.0.0.11")
        self.assertTrue(self.follow())
        self.assertEqual(self.plugged(), {"shop/web-0": "10.0.0.10", "shop/web-1": "10.0.0.11"})
        self.cluster.remove("Pod", "web-0")
        self.assertTrue(self.follow())
        self.assertEqual(self.plugged(), {"shop/web-1": "10.0.0.11"})
        self.assertEqual(set(self.answers.ports), {"shop/web-1", "outside"})
        self.assertEqual(self.said, ["plugged shop/web-0 on node-01: 10.0.0.10",
                                     "plugged shop/web-1 on node-02: 10.0.0.11",
                                     "unplugged shop/web-0"])

    def test_changed_annotation(self):
        """Another address is another attachment: unplugged, and plugged anew."""
        pod = self.add("web-0", "10.0.0.10")
        self.follow()
        self.annotate(pod, "10.0.0.20")
        self.assertTrue(self.follow())
        self.assertEqual(self.plugged(), {"shop/web-0": "10.0.0.20"})
        self.assertEqual(self.answers.ports["shop/web-0"], _EVERYWHERE)

    def test_pod_that_ends(self):
        """A Pod that has failed keeps no network."""
        pod = self.add("web-0", "10.0.0.10")
        self.follow()
        pod["status"]["phase"] = "Failed"
        self.assertTrue(self.follow())
        self.assertEqual(self.plugged(), {})

    def test_another_pods_annotation(self):
        """It is not plugged, and that is reported."""
        self.annotate(self.add("web-0", "10.0.0.10"), "10.0.0.10", podUid="another")
        self.assertFalse(self.follow())
        self.assertEqual(self.plugged(), {})
        self.assertEqual(self.agent.remarks, ["the annotation of shop/web-0 is another Pod's"])

    def test_ports_of_services(self):
        """A Pod listens at the ports of its Services as they come and go."""
        self.add("web-0", "10.0.0.10")
        self.follow()
        self.assertEqual(self.answers.ports["shop/web-0"], _EVERYWHERE)
        self.cluster.service("web", "10.254.0.1", [("TCP", 80, 8080)], {"web-0": True}, "web")
        self.assertTrue(self.follow())
        self.assertEqual(self.answers.ports["shop/web-0"], _EVERYWHERE | {("tcp", 8080)})
        self.assertFalse(self.follow())
        for kind, name in (("Service", "web"), ("EndpointSlice", "web-1")):
            self.cluster.remove(kind, name)
        self.assertTrue(self.follow())
        self.assertEqual(self.answers.ports["shop/web-0"], _EVERYWHERE)

    def test_ports_of_containers(self):
        """A Pod listens at the ports of its containers before any Service has it."""
        pod = self.add("web-0", "10.0.0.10")
        pod["spec"]["containers"] = [{"ports": [{"containerPort": 53, "protocol": "UDP"},
                                                {"containerPort": 8080}]}, {}]
        self.follow()
        self.assertEqual(self.answers.ports["shop/web-0"],
                         _EVERYWHERE | {("udp", 53), ("tcp", 8080)})


class CommandLines(unittest.TestCase):
    """Both commands explain themselves, without root and without any testbed."""

    def run_it(self, *words):
        """Exit code and output."""
        done = subprocess.run([sys.executable, os.path.join(paths.HERE, words[0]), *words[1:]],
                              capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def test_help(self):
        """--help names the options."""
        for program, options in (("packets", ("--once", "--app", "--dual-stack", "clean")),
                                 ("probe", ("--json", "--within", "--time-limit")),
                                 ("load-client", ("--every", "--output", "--time-limit"))):
            code, text = self.run_it(program, "--help")
            self.assertEqual(code, 0, text)
            for option in options:
                self.assertIn(option, text)

    def test_mistakes(self):
        """What is no folder, and no testbed."""
        code, text = self.run_it("packets", "--app", "/nowhere")
        self.assertEqual((code, "/nowhere is not a folder" in text), (2, True), text)
        code, text = self.run_it("probe", "--testbed", "/nowhere")
        self.assertEqual((code, text.startswith("probe: ")), (2, True), text)


if __name__ == "__main__":
    unittest.main()
