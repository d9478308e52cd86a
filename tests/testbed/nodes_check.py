#!/usr/bin/env python3
"""Real nodes run Pods as containers, and leave nothing behind.

Needs root, namespaces, cgroups and runc (docs/testbed.md). `make soak` runs it:

    KNM_BIN=bin python3 tests/testbed/nodes_check.py
"""

import json
import os
import signal
import subprocess
import sys
import unittest

import paths  # extends sys.path
from controlplane import free_port, process, wait_for
from controlplane.say import QUIET
from layout.attachment import ANNOTATION
from machine_state import machine_state
from nodes import cgroups, images
from nodes.cluster import NodeCluster

from demo_steps.server import Server

_BIN = os.environ.get("KNM_BIN") or os.path.join(paths.ROOT, "bin")
_SECONDS = 60  # for what must happen
_WEB = "mkdir /www && echo {name} >/www/index.html && exec httpd -f -p 8080 -h /www"


def pod(name, node, command, **spec):
    """A Pod with one container of the image of tools, which runs a shell command."""
    container = {"name": "main", "image": images.TOOLS, "command": ["/bin/sh", "-c", command]}
    container.update(spec.pop("container", {}))
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
            "spec": {"nodeName": node, "containers": [container],
                     "terminationGracePeriodSeconds": 30, **spec}}


class OnNodes(unittest.TestCase):
    """Two nodes for all tests."""

    @classmethod
    def setUpClass(cls):
        port = free_port()
        cls.config_api = Server("contrail-config-api", [
            os.path.join(_BIN, "contrail-config-api"), "--listen", f"127.0.0.1:{port}"], port,
            os.devnull)
        cls.addClassCleanup(cls.config_api.stop)
        cls.config_api.wait_for("/virtual-networks", _SECONDS)
        cls.bed = cls.enterClassContext(NodeCluster(
            QUIET, count=2, ports={8082: port},
            controller=os.path.join(_BIN, "kube-network-manager")))
        cls.api, cls.kubectl = cls.bed.cluster.api, cls.bed.cluster.kubectl

    def _status(self, name):
        return self.api.get(f"/api/v1/namespaces/default/pods/{name}")["status"]

    def _run(self, made):
        """Makes a Pod, and waits until it is Ready; its status."""
        name = made["metadata"]["name"]
        self.api.post("/api/v1/namespaces/default/pods", made)
        self.addCleanup(self.kubectl, "delete", "pod", name, "--ignore-not-found", "--now")

        def status():
            self.bed.check()
            found = self._status(name)
            return found if any(each["type"] == "Ready" and each["status"] == "True"
                                for each in found.get("conditions", [])) else None

        try:
            return wait_for(status, _SECONDS, f"the Pod {name}")
        except TimeoutError:
            self.fail(self.kubectl("describe", "pod", name))

    def test_nodes(self):
        """They say what they are made of."""
        for name, address in (("node-01", "172.31.254.11"), ("node-02", "172.31.254.12")):
            status = self.api.get(f"/api/v1/nodes/{name}")["status"]
            self.assertIn({"type": "InternalIP", "address": address}, status["addresses"])
            self.assertTrue(status["nodeInfo"]["containerRuntimeVersion"].startswith(
                "containerd://"), status["nodeInfo"])

    def test_host_network(self):
        """A Pod on the node's own network: its log, a command in it, and its end: it is asked to
        end, and has the time to do so."""
        status = self._run(pod(
            "host", "node-01", "trap 'echo ended >/out/said; exit 0' TERM; echo begun; "
            "sleep 600 & wait", hostNetwork=True,
            container={"volumeMounts": [{"name": "out", "mountPath": "/out"}]},
            volumes=[{"name": "out", "hostPath": {"path": "/var/tmp/out",
                                                  "type": "DirectoryOrCreate"}}]))
        self.assertEqual(status["podIP"], "172.31.254.11")
        self.assertEqual(self.kubectl("logs", "host"), "begun\n")
        said = self.kubectl("exec", "host", "--", "sh", "-c", "echo $((6 * 7)); ip -o addr")
        self.assertEqual(said.splitlines()[0], "42")
        self.assertIn("172.31.254.11/24", said)
        self.kubectl("delete", "pod", "host")  # returns when the Pod is gone
        with open(self.bed.folder.file("node-01", "var", "tmp", "out", "said"),
                  encoding="ascii") as text:
            self.assertEqual(text.read(), "ended\n")

    def test_network_of_pods(self):
        """Pods have addresses of their nodes' ranges; they reach one another, and the API server
        by its Service's address. Kubelet's probes reach them."""
        probe = {"httpGet": {"port": 8080, "path": "/"}, "periodSeconds": 1}
        addresses = {}
        for name, node in (("one", "node-01"), ("two", "node-02")):
            made = pod(name, node, _WEB.format(name=name), container={"readinessProbe": probe})
            addresses[name] = self._run(made)["podIP"]
        self.assertRegex(addresses["one"], r"^10\.244\.0\.")
        self.assertRegex(addresses["two"], r"^10\.244\.1\.")
        for source, target in (("one", "two"), ("two", "one"), ("one", "one")):
            page = self.kubectl("exec", source, "--", "timeout", "10", "wget", "-q", "-O-",
                                f"http://{addresses[target]}:8080/")
            self.assertEqual(page, f"{target}\n")
        self.kubectl("exec", "one", "--", "nc", "-w", "10", "10.254.0.1", "443")

    def test_restart(self):
        """A container that fails is started again; the Pod's volume stays."""
        self._run(pod(
            "fails", "node-02", "[ -e /state/failed ] && exec sleep 600; "
            "touch /state/failed; exit 7",
            container={"volumeMounts": [{"name": "state", "mountPath": "/state"}]},
            volumes=[{"name": "state", "emptyDir": {}}]))

        def again():
            found = self._status("fails")["containerStatuses"][0]
            return found if found["restartCount"] and found["ready"] else None

        found = wait_for(again, _SECONDS, "the second start")
        self.assertEqual(found["lastState"]["terminated"]["exitCode"], 7)

    def test_controller(self):
        """The Deployment as it is in manifests/base: it reads the cluster with the token of its
        ServiceAccount, and gives a Pod its address."""
        self.kubectl("label", "node", "node-01", "node-role.kubernetes.io/control-plane=")
        self.kubectl("apply", "-k", os.path.join(paths.ROOT, "manifests", "base"))
        self.kubectl("rollout", "status", "deployment/kube-network-manager",
                     "--namespace=kube-system", f"--timeout={_SECONDS}s")
        labelled = pod("labelled", "node-02", "exec sleep 600")
        labelled["metadata"]["labels"] = {"name": "web"}
        self._run(labelled)
        state = wait_for(lambda: self.api.get("/api/v1/namespaces/default/pods/labelled")[
            "metadata"].get("annotations", {}).get(ANNOTATION), _SECONDS, "the annotation")
        interface = json.loads(state)["uuid"]
        self.assertIsNotNone(self.config_api.get(f"/virtual-machine-interface/{interface}"))


class NothingLeft(unittest.TestCase):
    """However the owner of a cluster ends, nothing of it is left, though a Pod runs."""

    _OWNER = """
import contextlib, json, signal, sys, time
sys.path[:0] = sys.argv[2:]
from nodes.cluster import NodeCluster
say = lambda text, passing=False: print(text, flush=True)
with contextlib.suppress(KeyboardInterrupt), NodeCluster(say) as bed:
    bed.cluster.api.post("/api/v1/namespaces/default/pods", json.loads(sys.argv[1]))
    bed.cluster.kubectl("wait", "--for=condition=Ready", "pod/stays", "--timeout=60s")
    print("the Pod runs", flush=True)
    signal.pause()
"""

    _LAST = "the Pod runs"

    @staticmethod
    def _machine():
        """What a cluster must not change of the machine."""
        return {**machine_state(),
                "cgroups": cgroups.folders("knm-testbed-", cgroups.mounted_here())}

    @staticmethod
    def _processes(owner):
        """All that the owner has started, and what these have: by the parents of each."""
        parents, found = {}, {owner}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
                    parents[int(pid)] = int(stat.read().rpartition(")")[2].split()[1])
            except OSError:
                pass  # it has ended meanwhile
        while more := {pid for pid, parent in parents.items() if parent in found} - found:
            found |= more
        return {pid: process.start_time(pid) for pid in found - {owner}}

    def _end(self, step, number):
        """Starts a cluster, and ends its owner by a signal when it says `step`."""
        before = self._machine()
        made = pod("stays", "node-01", "exec sleep 600")
        owner = subprocess.Popen([sys.executable, "-c", self._OWNER, json.dumps(made), *paths.ALL],
                                 stdout=subprocess.PIPE, text=True, start_new_session=True)
        self.addCleanup(owner.stdout.close)
        said = ""
        for line in owner.stdout:
            said += line
            if step in line:
                break
        else:
            self.fail(f"it never came to {step!r}: {said}")
        started = self._processes(owner.pid)
        names = [name for name in os.listdir(_temporary()) if f"-{owner.pid}." in name]
        self.assertEqual(len(names), 1)
        if step == self._LAST:
            names_of = {_name(pid) for pid in started}
            self.assertLessEqual({"containerd", "containerd-shim", "kubelet", "pause"}, names_of)
            self.assertNotEqual(self._machine(), before)
        owner.send_signal(number)
        owner.wait()
        wait_for(lambda: not [pid for pid, time in started.items() if process.is_alive(pid, time)],
                 _SECONDS, "the end of all processes")
        wait_for(lambda: self._machine() == before, _SECONDS, "the machine as it was before")
        wait_for(lambda: not os.path.exists(os.path.join(_temporary(), names[0])), _SECONDS,
                 "the end of its folder")

    def test_interrupted(self):
        """Ctrl-C, at each step."""
        for step in ("starting Kubernetes", "starting containerd", "waiting for", self._LAST):
            with self.subTest(step=step):
                self._end(step, signal.SIGINT)

    def test_killed(self):
        """SIGKILL."""
        for step in ("starting containerd", "waiting for", self._LAST):
            with self.subTest(step=step):
                self._end(step, signal.SIGKILL)


def _name(pid):
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8") as name:
            return name.read().strip()
    except OSError:
        return None  # it has ended meanwhile


def _temporary():
    return os.environ.get("TMPDIR", "/tmp")


if __name__ == "__main__":
    unittest.main(verbosity=2)
