"""The configurations of a node's programs, and the script of its machine."""

import json
import shlex
import tempfile
import tomllib
import unittest
from ipaddress import ip_address
from unittest import mock

import paths  # extends sys.path
from controlplane.say import QUIET
from layout.errors import LayoutError
from layout.folder import Folder
from nodes import containerd, kubelet, machine, plugin, requirements
from nodes.cluster import NodeCluster
from nodes.nodes import api_server_arguments

_OWN = ("/var/", "/run/")  # a machine's own folders; all others are of the whole machine


class Containerd(unittest.TestCase):
    """config.toml."""

    def test_values(self):
        """What nodes depend on."""
        found = tomllib.loads(containerd.config("localhost/pause:1", "native",
                                                ["/var/a", "/var/b"]))
        plugins = found["plugins"]
        runtime = plugins["io.containerd.cri.v1.runtime"]
        images = plugins["io.containerd.cri.v1.images"]
        self.assertEqual(images["pinned_images"]["sandbox"], "localhost/pause:1")
        self.assertEqual(images["snapshotter"], "native")
        self.assertEqual(runtime["cni"]["bin_dirs"], ["/var/a", "/var/b"])
        self.assertTrue(runtime["restrict_oom_score_adj"])
        runc = runtime["containerd"]["runtimes"]["runc"]
        self.assertIs(runc["options"]["SystemdCgroup"], False)

    def test_own_folders(self):
        """No path leads out of the machine."""
        text = containerd.config("localhost/pause:1", "native", ["/var/a"])
        named = [word.strip('"[],') for word in text.split() if word.startswith(('"/', '["/'))]
        self.assertGreater(len(named), 4)
        for path in named:
            self.assertTrue(path.startswith(_OWN), path)

    def test_snapshotter(self):
        """An overlay needs the kernel's support, and cannot lie on another."""
        self.assertEqual(containerd.snapshotter("nodev\tproc\nnodev\toverlay\n", "ext4"),
                         "overlayfs")
        self.assertEqual(containerd.snapshotter("nodev\toverlay\n", "overlay"), "native")
        self.assertEqual(containerd.snapshotter("nodev\tproc\n\text4\n", "ext4"), "native")


class Kubelet(unittest.TestCase):
    """config.yaml and the command line."""

    def test_values(self):
        """What nodes depend on."""
        found = json.loads(kubelet.config("172.31.254.11", "layout.node-01", ["10.254.0.10"]))
        self.assertEqual(found["address"], "172.31.254.11")
        self.assertEqual(found["cgroupRoot"], "/layout.node-01")
        self.assertEqual(found["clusterDNS"], ["10.254.0.10"])
        self.assertFalse(found["failCgroupV1"])
        self.assertTrue(found["protectKernelDefaults"])
        self.assertFalse(found["authentication"]["anonymous"]["enabled"])
        self.assertEqual(found["authorization"]["mode"], "Webhook")
        self.assertEqual(found["containerRuntimeEndpoint"], f"unix://{containerd.SOCKET}")

    def test_own_folders(self):
        """No path leads out of the machine."""
        found = json.loads(kubelet.config("172.31.254.11", "layout.node-01", []))
        flags = [word.partition("=")[2] for word in kubelet.arguments("node-01", "172.31.254.11")]
        named = [found["volumePluginDir"], found["authentication"]["x509"]["clientCAFile"],
                 *(value for value in flags if "/" in value)]
        self.assertEqual(len(named), 6)
        for path in named:
            self.assertTrue(path.startswith(_OWN), path)


class Others(unittest.TestCase):
    """The plugin, the machine, the API server's way to kubelets."""

    def test_plugin(self):
        """A node's own range."""
        found = json.loads(plugin.point_to_point("10.244.1.0/24").conflist)
        self.assertEqual(found["plugins"][0]["type"], "ptp")
        self.assertEqual(found["plugins"][0]["ipam"]["ranges"], [[{"subnet": "10.244.1.0/24"}]])

    def test_contrail(self):
        """The node's plugin finds its kubeconfig and the node's switch on the node."""
        made = plugin.contrail("/srv/bin/contrail-cni", "/run/layout/node-01",
                               [ip_address("10.0.255.254")])
        self.assertEqual(made.shared, {"plugin": "/srv/bin", "switch": "/run/layout/node-01"})
        self.assertEqual(made.programs, ("plugin",))
        found = json.loads(made.conflist)["plugins"][0]
        self.assertEqual(found["type"], "contrail-cni")
        self.assertEqual(found["gateways"], ["10.0.255.254"])
        self.assertIn(f"--kubeconfig={found['kubeconfig']}",
                      kubelet.arguments("node-01", "172.31.254.11"))
        self.assertEqual(found["ovsDatabase"], f"unix:{machine.shared_folder('switch')}/db.sock")

    def test_script(self):
        """Sources are mounted before /var and /run hide them, names are quoted, and every setting
        of the kernel that kubelet would change is covered."""
        lines = machine.setup("/tmp/a b/var", {"runtime": "/var/cache/it's"}).splitlines()
        words = [shlex.split(line) for line in lines]
        self.assertEqual(words[1], ["mount", "--bind", "/var/cache/it's",
                                    "/tmp/a b/var/shared/runtime"])
        covered = [line[3] for line in words if line[-1].startswith("/proc/sys/")]
        self.assertEqual(covered, [f"/proc/sys/{name}" for name in machine.SYSCTLS])
        hiding = words.index(["mount", "--rbind", "/tmp/a b/var", "/var"])
        self.assertGreater(hiding, max(map(words.index, (
            line for line in words if line[:2] == ["mount", "--bind"]))))
        self.assertEqual(words[-2], ["echo", "ready"])

    def test_egress(self):
        """The API server reaches kubelets by the gate's socket."""
        with tempfile.TemporaryDirectory() as root:
            folder = Folder(root)
            self.addCleanup(folder.remove)
            flag, path = api_server_arguments(folder)[0].split("=")
            self.assertEqual(flag, "--egress-selector-config-file")
            with open(path, encoding="utf-8") as text:
                selection = json.load(text)["egressSelections"][0]
            self.assertEqual(selection["name"], "cluster")
            self.assertTrue(selection["connection"]["transport"]["uds"]["udsName"]
                            .startswith(folder.path))

    def test_advice(self):
        """It names what is missing, and what works all the same."""
        said = requirements.advice(["root", "runc (package runc)"])
        self.assertIn("root, runc (package runc)", said)
        self.assertIn("`make demo`", said)

    def test_machine_that_lacks_something(self):
        """It is said before anything is started."""
        with mock.patch("nodes.requirements.lacks", lambda: ["root"]), mock.patch(
                "nodes.programs.build") as build:
            with self.assertRaisesRegex(LayoutError, "lacks: root.*make demo"):
                with NodeCluster(QUIET):
                    self.fail("it has started")
        build.assert_not_called()


if __name__ == "__main__":
    unittest.main()
