"""A test case that calls the plugin on one node."""

import json
import os
import subprocess
import unittest

from controlplane import process
from layout.namespace import Namespace
from matrix.inside import inside

from .node import GATEWAY
from .pod_api import PodApi

_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
PLUGIN = os.path.join(os.path.abspath(os.environ.get("KNM_BIN", os.path.join(_ROOT, "bin"))),
                      "contrail-cni")
ANNOTATION = "opencontrail.org/pod-state"
# The UID of a Pod, the uuid that is derived from it (docs/formats.md), and the MAC.
UID = "7d2c9a10-55aa-4c1f-8b3e-9e0d4f6a1c77"
INTERFACE = "4e2e18ce-2043-536c-bc98-78adf6321775"
MAC = "02:4e:2e:18:ce:20"
SECONDS = 10  # for what must happen


def pod_state(uid, interface, mac, address):
    """The annotation of a Pod."""
    return {ANNOTATION: json.dumps({"uuid": interface, "macAddress": mac, "ipAddress": address,
                                     "gateway": GATEWAY, "podUid": uid})}


class OnNode(unittest.TestCase):
    """Calls the plugin on a node, beside an API server on that node's loopback interface."""

    @classmethod
    def use(cls, folder, machine, database):
        """Takes a node: its namespace, and the database of its Open vSwitch."""
        cls.folder, cls.machine, cls.database = folder, machine, database
        cls.api, cls.kubeconfig = cls.api_server(machine)

    @classmethod
    def api_server(cls, machine):
        """An API server on a node, and the path of its kubeconfig."""
        with inside(machine.path):
            api = PodApi()
        cls.addClassCleanup(api.close)
        path = cls.folder.file(f"kubeconfig-{machine.name}")
        with open(path, "w", encoding="utf-8") as file:
            file.write(api.kubeconfig)
        return api, path

    def setUp(self):
        self.api.requests.clear()
        self.api.put("web-1", UID, pod_state(UID, INTERFACE, MAC, "10.0.0.7"))
        self.addCleanup(self.call, "GC", **{"cni.dev/valid-attachments": []})

    def container(self, name):
        """A container's namespace."""
        made = Namespace(self.folder, name)
        self.addCleanup(made.close)
        return made

    def environment(self, command, container, netns, uid, name):
        """The variables of a call."""
        return {"PATH": os.environ["PATH"], "CNI_COMMAND": command, "CNI_CONTAINERID": container,
                "CNI_NETNS": netns, "CNI_IFNAME": "eth0", "CNI_PATH": "/opt/cni/bin",
                "CNI_ARGS": f"IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME={name};"
                            f"K8S_POD_UID={uid}"}

    def configuration(self, **more):
        """The standard input of a call."""
        return json.dumps({"cniVersion": "1.1.0", "name": "contrail", "type": "contrail-cni",
                           "kubeconfig": self.kubeconfig, "ovsDatabase": self.database,
                           "timeoutSeconds": SECONDS, **more})

    def call(self, command, container="c1", netns="", uid=UID, pod="web-1", **more):
        """(exit code, what it printed as an object; None: nothing)."""
        done = process.run(self.machine.command(PLUGIN), self.configuration(**more),
                           env=self.environment(command, container, netns, uid, pod))
        self.assertEqual(done.stderr, "")
        return done.returncode, json.loads(done.stdout) if done.stdout else None

    def succeed(self, command, *arguments, **more):
        """A call that must succeed; what it printed."""
        code, printed = self.call(command, *arguments, **more)
        self.assertEqual(code, 0, printed)
        return printed

    def fail_with(self, number, word, command, *arguments, **more):
        """A call that must fail with an error of this code, and `word` in its details."""
        code, printed = self.call(command, *arguments, **more)
        self.assertEqual(code, 1, printed)
        self.assertEqual(printed["code"], number, printed)
        self.assertIn(word, printed["details"])
        self.assertTrue(printed["msg"])
        self.assertEqual(printed["cniVersion"], "1.1.0")

    def in_background(self, *arguments, **more):
        """Starts ADD."""
        child = subprocess.Popen(self.machine.command(PLUGIN), text=True,
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 env=self.environment("ADD", *arguments))
        self.addCleanup(child.stdout.close)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        child.stdin.write(self.configuration(**more))
        child.stdin.close()
        return child
