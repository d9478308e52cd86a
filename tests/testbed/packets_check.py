#!/usr/bin/env python3
"""Real packets on the testbed: what labels say, and what changes of labels do.

Needs root, Open vSwitch and OVN (docs/testbed.md). `make soak` runs it:

    KNM_BIN=bin python3 tests/testbed/packets_check.py
"""

import unittest

import paths  # extends sys.path
from bed.case import OnGuestbook
from load.lifecycle import READY
from matrix.attempts import SECONDS
from matrix.flow import OPEN, OUTSIDE, SILENT
from matrix.matrix import Matrix
from matrix.wire import Wire

_MANY = 30  # connections; with two backends, one of them is missed by chance once in 2^29 runs
_SWITCH = "config-api-interfaces"  # the renderer's


class Packets(OnGuestbook):
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
        self.kubectl("annotate", "pod", leaving.partition("/")[2], f"{READY}=false")
        self.assertEqual({outcome.answerer for outcome in
                          self.tried(front, "redis-slave", _MANY)}, slaves - {leaving})
        self.assertEqual(established.ask(), leaving)
        self.assert_agrees()
        self.kubectl("annotate", "pod", leaving.partition("/")[2], f"{READY}-")
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


class BothFamilies(OnGuestbook):
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
