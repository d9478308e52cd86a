#!/usr/bin/env python3
"""Real packets on the testbed: what labels say, and what changes of labels do.

Needs root, Open vSwitch and OVN (docs/testbed.md). It is not among the tests of CI: run it as

    KNM_BIN=bin python3 tests/testbed/packets_check.py
"""

import os
import unittest
from ipaddress import ip_address

import paths  # extends sys.path
from bed.testbed import Testbed
from matrix.attempts import attempt
from matrix.connection import Connection
from matrix.flow import OPEN, OUTSIDE, SILENT, Flow, observed
from matrix.matrix import Matrix
from matrix.table import counts, table
from matrix.wire import Wire

SECONDS = 3.5  # for what is dropped: the third SYN of a connection is sent after 3 s
_MANY = 30  # connections; with two backends, one of them is missed by chance once in 2^29 runs
_READY = "test.opencontrail.org/ready"
_NAMESPACE = "guestbook"
_SWITCH = "config-api-interfaces"  # the renderer's


class OnTestbed(unittest.TestCase):
    """guestbook-go on one testbed for all tests of a class; each leaves it as it found it."""

    kind, dual_stack = Testbed, False

    @classmethod
    def setUpClass(cls):
        cls.bed = cls.enterClassContext(cls.kind(lambda text, passing=False: None,
                                                 cls.dual_stack))
        cls.bed.apply(os.path.join(paths.ROOT, "examples", "guestbook-go"))
        cls.bed.sync()

    def tearDown(self):
        """A switch that has ended answers nothing: its end is said beside what it looks like."""
        self.bed.check()

    # ---- what the tests say ----

    def kubectl(self, *arguments):
        """kubectl in the Namespace of guestbook, and the network that comes of it."""
        self.bed.cluster.kubectl("--namespace", _NAMESPACE, *arguments)
        self.bed.sync()

    def pods(self, tier):
        """Names of the Pods of a tier, as namespace/name."""
        found = self.bed.cluster.api.get(f"/api/v1/namespaces/{_NAMESPACE}/pods"
                                         f"?labelSelector=name%3D{tier}")["items"]
        self.assertTrue(found, f"no Pod is in the tier {tier}")
        return sorted(f"{_NAMESPACE}/{pod['metadata']['name']}" for pod in found)

    def address(self, service, version=4, namespace=_NAMESPACE):
        """Its ClusterIP of a family."""
        spec = self.bed.cluster.api.get(
            f"/api/v1/namespaces/{namespace}/services/{service}")["spec"]
        return next(found for found in map(ip_address, spec["clusterIPs"])
                    if found.version == version)

    def tried(self, source, service, count=1):
        """Outcomes of new connections to a Service's address, each seen on the wire."""
        path, found = self.bed.running.namespace(source), []
        for _ in range(count):
            flow = Flow(source, service, "tcp", self.address(service), 6379)
            with Wire({source: path}) as wire:
                outcome = attempt([flow], {source: path}, SECONDS)[flow]
                found.append(observed(flow, outcome, wire.sent()))
        return found

    def connect(self, source, service):
        """An established connection, which has answered once."""
        made = Connection(self.bed.running.namespace(source), self.address(service), 6379, SECONDS)
        self.addCleanup(made.close)
        self.assertTrue(made.ask(), "the connection was never open")
        return made

    def assert_agrees(self):
        """The whole matrix is as the labels say, and it has open and closed connections."""
        matrix = Matrix(self.bed.running, SECONDS)
        self.assertEqual(matrix.differences, [], table(
            matrix.expected, matrix.outcomes, matrix.differences))
        kinds = {outcome.kind for outcome in matrix.outcomes.values()}
        self.assertLessEqual({OPEN, SILENT}, kinds, counts(matrix.expected, matrix.differences))
        return matrix


class Packets(OnTestbed):
    """One family."""

    def test_guestbook(self):
        """Every connection of guestbook is as its labels say; some of the matrix by name."""
        matrix = self.assert_agrees()
        front, master = self.pods("guestbook")[0], self.pods("redis-master")[0]
        seen = {(flow.source, flow.target, flow.protocol): matrix.outcomes[flow]
                for flow in matrix.expected}
        self.assertEqual(seen[front, "Service guestbook/redis-master", "tcp"].answerer, master)
        self.assertEqual(seen[front, master, "icmp"].kind, SILENT)
        self.assertEqual(seen[master, "Service guestbook/redis-slave", "tcp"].kind, SILENT)
        self.assertIn(seen[OUTSIDE, "Service guestbook/guestbook external", "tcp"].answerer,
                      self.pods("guestbook"))
        self.assertEqual(seen[front, self.pods("guestbook")[1], "icmp"].kind, OPEN)
        self.assertEqual(seen[front, "Service kube-system/kube-dns", "udp"].kind, OPEN)
        self.assertEqual(seen[front, OUTSIDE, "tcp"].kind, SILENT)

    def test_uses_of_running_pods(self):
        """`uses` removed closes an established and a new connection; added, it opens."""
        slave = self.pods("redis-slave")[0]
        established = self.connect(slave, "redis-master")
        self.kubectl("label", "pods", "--selector=name=redis-slave", "uses-")
        with Wire({slave: self.bed.running.namespace(slave)}) as wire:
            self.assertIsNone(established.ask(), "the established connection still answers")
            self.assertIn((slave, "tcp", self.address("redis-master"), 6379), wire.sent())
        self.assertEqual([outcome.kind for outcome in self.tried(slave, "redis-master")], [SILENT])
        self.assert_agrees()
        self.kubectl("label", "pods", "--selector=name=redis-slave", "uses=redis-master")
        self.assertEqual([outcome.kind for outcome in self.tried(slave, "redis-master")], [OPEN])
        self.assert_agrees()

    def test_uses_of_a_deployment(self):
        """The same by the Pod template: its new Pods are other namespaces, with other addresses."""
        before = self.pods("guestbook")
        self._patch_uses("redis-slave")
        without = self.pods("guestbook")
        self.assertFalse(set(before) & set(without))
        self.assertEqual([outcome.kind for outcome in self.tried(without[0], "redis-master")],
                         [SILENT])
        self.assertEqual([outcome.kind for outcome in self.tried(without[0], "redis-slave")],
                         [OPEN])
        self.assert_agrees()
        self._patch_uses("redis-master,redis-slave")
        again = self.pods("guestbook")
        self.assertEqual([outcome.kind for outcome in self.tried(again[0], "redis-master")], [OPEN])
        self.assert_agrees()

    def _patch_uses(self, value):
        self.kubectl("patch", "deployment", "guestbook", "--patch",
                     '{"spec":{"template":{"metadata":{"annotations":{"uses":"%s"}}}}}' % value)

    def test_readiness(self):
        """A backend that is not ready gets no new connection, and finishes its open ones."""
        front, slaves = self.pods("guestbook")[0], set(self.pods("redis-slave"))
        self.assertEqual({outcome.answerer for outcome in
                          self.tried(front, "redis-slave", _MANY)}, slaves)
        established = self.connect(front, "redis-slave")
        leaving = established.ask()
        self.kubectl("annotate", "pod", leaving.partition("/")[2], f"{_READY}=false")
        self.assertEqual({outcome.answerer for outcome in
                          self.tried(front, "redis-slave", _MANY)}, slaves - {leaving})
        self.assertEqual(established.ask(), leaving)
        self.assert_agrees()
        self.kubectl("annotate", "pod", leaving.partition("/")[2], f"{_READY}-")
        self.assertEqual({outcome.answerer for outcome in
                          self.tried(front, "redis-slave", _MANY)}, slaves)

    def test_scale(self):
        """New Pods are connected, former ones are not any more."""
        connected = len(self.bed.pods())
        self.kubectl("scale", "deployment", "redis-slave", "--replicas=3")
        self.assertEqual(len(self.bed.pods()), connected + 1)
        self.assert_agrees()
        self.kubectl("scale", "deployment", "redis-slave", "--replicas=2")
        self.assertEqual(len(self.bed.pods()), connected)
        self.assert_agrees()

    def test_differences(self):
        """The probe finds what is open and closed against the labels: rules of another client in
        the switch, which the renderer leaves alone."""
        for direction in ("from-lport", "to-lport"):
            self._rule("acl-add", direction, "ip", "allow-related")
        found = {(each.flow.source, each.flow.target): each
                 for each in Matrix(self.bed.running, SECONDS).differences}
        front, master = self.pods("guestbook")[0], self.pods("redis-master")[0]
        for target in (front, "Service guestbook/redis-slave", OUTSIDE):
            self.assertEqual(found[master, target].expected, frozenset())
            self.assertEqual(found[master, target].outcome.kind, OPEN)
        self.assertNotIn((front, "Service guestbook/redis-slave"), found)
        for direction in ("from-lport", "to-lport"):
            self._rule("acl-del", direction, "ip")
        self._rule("acl-add", "from-lport", "udp", "drop")
        different = Matrix(self.bed.running, SECONDS).differences
        self.assertEqual({each.flow.protocol for each in different}, {"udp"})
        self.assertEqual({each.outcome.kind for each in different}, {SILENT})
        self.assertIn((front, "Service kube-system/kube-dns"),
                      {(each.flow.source, each.flow.target) for each in different})
        self._rule("acl-del", "from-lport", "udp")
        self.assert_agrees()

    def _rule(self, command, direction, match, *action):
        """Adds or deletes a rule that is not the renderer's. Without a match acl-del would delete
        the renderer's rules as well."""
        self.bed.layout.central.nbctl("--wait=hv", command, _SWITCH, direction, "20000", match,
                                      *action)
        if command == "acl-add":
            self.addCleanup(self._rule, "acl-del", direction, match)


class BothFamilies(OnTestbed):
    """Two addresses for each Pod and each Service of guestbook."""

    dual_stack = True

    def test_guestbook(self):
        """Both families are as the labels say."""
        for name in ("guestbook", "redis-master", "redis-slave"):
            self.kubectl("patch", "service", name, "--patch",
                         '{"spec":{"ipFamilyPolicy":"RequireDualStack"}}')
        self.kubectl("patch", "service", "guestbook", "--type=merge", "--patch",
                     '{"spec":{"externalIPs":["192.0.2.10","2001:db8:2::10"]}}')
        matrix = self.assert_agrees()
        opened = {(flow.target, flow.address.version) for flow, outcome in matrix.outcomes.items()
                  if outcome.kind == OPEN}
        for version in (4, 6):
            for name in ("Service guestbook/redis-master", "Service guestbook/redis-slave",
                         "Service guestbook/guestbook external"):
                self.assertIn((name, version), opened)


if __name__ == "__main__":
    unittest.main(verbosity=2)
