#!/usr/bin/env python3
"""The guestbook from the outside to Redis and back: real programs in real Pods.

Needs root and all that docs/testbed.md lists. `make soak` runs it:

    KNM_BIN=bin python3 tests/testbed/guestbook_check.py

With `KNM_SCREENSHOT=docs/guestbook.png` the picture of the page is kept there.
"""

import os
import unittest

import paths  # extends sys.path
import ending_check
from bed import walk_report
from bed.case import NAMESPACE, OnGuestbook
from bed.deployed_testbed import DeployedTestbed
from browser import Browser
from controlplane import ClusterError
from oracle.cluster import is_ready

_SECONDS = 60  # for what must happen
_ENTRY = "Labels decide what packets do."
_NAME = "redis-master.guestbook.svc.cluster.local"


class Guestbook(OnGuestbook):
    """With its own programs."""

    kind = DeployedTestbed

    def inside(self, pod, *command):
        """Runs a command in a Pod (namespace/name); its output."""
        namespace, _, name = pod.partition("/")
        return self.bed.cluster.kubectl("--namespace", namespace, "exec", name, "--", *command)

    def external(self):
        """The address that the controller has assigned to the front."""
        front = self.bed.cluster.api.get(f"/api/v1/namespaces/{NAMESPACE}/services/guestbook")
        return front["status"]["loadBalancer"]["ingress"][0]["ip"]

    def test_packets(self):
        """The real programs are reached as the labels say."""
        self.assert_agrees()

    def test_page(self):
        """A browser outside opens the page by the gateway, and writes an entry. It is read back
        from a copy, which has it by replication."""
        with Browser(self.bed.layout.outside.namespace) as browser:
            browser.open(f"http://{self.external()}/")
            browser.wait("document.title == 'Guestbook'", _SECONDS)
            # The page asks a copy for all entries, and says so until there is an answer.
            shown = "document.querySelector('#guestbook-entries').innerText"
            browser.wait(f"!{shown}.includes('Waiting')", _SECONDS)
            self.assertNotIn(_ENTRY, browser.evaluate(shown))
            browser.click("#guestbook-entry-content")
            browser.type(_ENTRY)
            browser.click("#guestbook-submit")
            browser.wait(f"{shown}.includes({_ENTRY!r}) && !{shown}.includes('...')", _SECONDS)
            picture = browser.screenshot()
        self.assertTrue(picture.startswith(b"\x89PNG"))
        if path := os.environ.get("KNM_SCREENSHOT"):
            with open(path, "wb") as out:
                out.write(picture)
        for pod in [*self.pods("redis-master"), *self.pods("redis-slave")]:
            entries = self.inside(pod, "redis-cli", "lrange", "guestbook", "0", "-1")
            self.assertEqual(entries.splitlines(), [_ENTRY])

    def test_replication(self):
        """The copies know the master by its Service's name, and nothing else writes to them."""
        for pod in self.pods("redis-slave"):
            role = self.inside(pod, "redis-cli", "role").splitlines()
            self.assertEqual(role[:4], ["slave", "redis-master", "6379", "connected"])
            self.assertIn("READONLY", self.inside(pod, "redis-cli", "set", "a", "b"))

    def test_names(self):
        """Pods of each tier find a Service by its short name, by the cluster's own DNS."""
        address = str(self.address("redis-master"))
        dns = self.address("kube-dns", namespace="kube-system")
        for tier in ("guestbook", "redis-slave", "redis-master"):
            pod = self.pods(tier)[0]
            self.assertIn(f"nameserver {dns}\n", self.inside(pod, "cat", "/etc/resolv.conf"))
            said = self.inside(pod, "nslookup", _NAME)
            self.assertIn(address, said)
        with self.assertRaisesRegex(ClusterError, "NXDOMAIN|exit code 1"):
            self.inside(pod, "nslookup", f"no-{_NAME}")

    def test_api_server(self):
        """The API server answers Pods at the address of default/kubernetes. Other ports of the
        node do not."""
        pod = self.pods("redis-master")[0]
        address = str(self.address("kubernetes", namespace="default"))
        self.inside(pod, "nc", "-w", "10", address, "443")
        for where, port in ((address, "80"), ("169.254.1.1", "443"), ("169.254.1.1", "10250")):
            with self.assertRaisesRegex(ClusterError, "timed out"):
                self.inside(pod, "nc", "-w", "3", where, port)

    def test_checks(self):
        """What the seed looks at: all nodes and Pods of kube-system are Ready, among them the
        controller and the DNS Pods, which kubelet probes; a session of each chassis; an interface
        for each Pod."""
        api = self.bed.cluster.api
        nodes = api.get("/api/v1/nodes")["items"]
        system = api.get("/api/v1/namespaces/kube-system/pods")["items"]
        self.assertEqual(len(nodes), 2)
        self.assertEqual({pod["metadata"]["name"].rpartition("-")[0].rpartition("-")[0]
                          for pod in system}, {"kube-network-manager", "kube-dns"})
        for item in [*nodes, *system]:
            self.assertTrue(is_ready(item), item["metadata"]["name"])
        self.assertEqual(walk_report.sessions(self.bed.layout),
                         {"gateway": 1, "node-01": 1, "node-02": 1})
        networks = set(self.bed.networks())
        for tier in ("guestbook", "redis-master", "redis-slave"):
            self.assertLessEqual({f"default-domain:guestbook:{tier}",
                                  f"default-domain:guestbook:service-{tier}"}, networks)
        plugged = {uuid for name in self.bed.layout.nodes
                   for uuid in walk_report.interfaces(self.bed.layout.switches[name]).values()}
        wanted = {walk_report.interface(pod) for pod in api.get("/api/v1/pods")["items"]}
        self.assertLessEqual(wanted - {None}, plugged)
        self.assertEqual(len(wanted - {None}), len(self.bed.pods()))


class Ending(ending_check.Packets):
    """The command, ended at each of its steps, leaves nothing."""

    options = ["--real"]
    steps = ("Kubernetes", "starting containerd on node-02", "the config API,", "runs",
             "Running until Ctrl-C")


if __name__ == "__main__":
    unittest.main(verbosity=2)
