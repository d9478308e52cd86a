#!/usr/bin/env python3
"""Changes of a cluster while clients send requests all the time: what is closed and what opens,
and that nothing else stops.

Needs root, Open vSwitch and OVN (docs/testbed.md). `make test` runs three of them, `make soak` all;
one class by hand:

    KNM_BIN=bin python3 tests/testbed/load_check.py Changes
"""

import os
import signal
import time
import unittest

import paths  # extends sys.path
from controlplane import wait_for
from load import database
from load.case import CLIENT, ENOUGH, NAMESPACE, UnderLoad, namespace, pod, service
from load.first import start
from load.lifecycle import GRACEFUL, LINGER, READY
from load.record import (KEPT, NEW, answerers, failed, figures, first_answer,
                         last_answer, of_kind, silent)
from load.renumber import renumber
from matrix.flow import OPEN, Outcome

_TIERS = ("guestbook", "redis-master", "redis-slave")
_MANY = 1000  # requests
_STARTS = int(os.environ.get("KNM_STARTS") or 200)
_ROUNDS = 20 if os.environ.get("KNM_SOAK") else 2


class Changes(UnderLoad):
    """One change of each kind."""

    def test_matrix(self):
        """All of guestbook is as its labels say."""
        self.assert_agrees()

    def test_uses(self):
        """`uses` removed closes new and established connections, `uses` added opens them."""
        slave, master = self.pods("redis-slave")[0], self.address("redis-master")
        load = self.load(slave, "redis-master")
        began = min(self.change(name, {"labels": {"uses": None}})
                    for name in self.pods("redis-slave"))
        self.bed.sync()
        self.assert_closed(load, slave, master)
        last = last_answer(load.records())
        self.figure(f"closed {(last - began) * 1000:.0f} ms after the API call")
        began = min(self.change(name, {"labels": {"uses": "redis-master"}})
                    for name in self.pods("redis-slave"))
        self.bed.sync()
        self.assert_open(load)
        first = first_answer(of_kind(load.records(), NEW), began)
        self.figure(f"open {(first - began) * 1000:.0f} ms after the API call")

    def test_readiness_before_the_end(self):
        """A backend that is first made unready and then killed costs no request."""
        leaving, staying = self.pods("redis-slave")
        load = self.load(CLIENT, "redis-slave", every=0.01)
        load.wait_until(lambda: answerers(load.records()) == {leaving, staying}, 30, "both answer")
        self.annotate(leaving, **{READY: "false"})
        self.bed.sync()
        drained = time.monotonic()
        self.assertEqual(answerers(self.assert_open(load)), {staying})
        self.annotate(leaving, **{LINGER: None})
        killed = time.monotonic()
        self.bed.cluster.kubectl("--namespace", NAMESPACE, "delete", "pod", "--grace-period=0",
                                 "--force", leaving.partition("/")[2])
        self.bed.sync()
        self.assertNotIn(leaving, self.pods("redis-slave"))
        load.wait(_MANY, 0)
        seen = of_kind(load.end(), NEW)
        self.assertEqual(failed(seen), [])
        self.assertNotIn(leaving, answerers([one for one in seen if one.begun > drained]))
        early = [one for one in of_kind(load.records(), KEPT) if one.ended < killed]
        self.assertEqual(failed(early), [], "it finishes the connections that it has")
        self.figure(figures(seen))

    def test_rolling_update(self):
        """A rolling update of all three tiers costs no request."""
        loads = {"guestbook": self.load(CLIENT, "guestbook", 80, every=0.05),
                 **{tier: self.load(CLIENT, tier, every=0.05) for tier in _TIERS[1:]},
                 "the external address": self.outside(every=0.05)}
        before = {name for tier in _TIERS for name in self.pods(tier)}
        for tier in _TIERS:
            self.bed.cluster.api.merge(
                f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{tier}",
                {"spec": {"template": {"metadata": {"annotations": {
                    "release": str(time.monotonic_ns())}}}}})
        self.bed.sync(300)
        after = {name for tier in _TIERS for name in self.pods(tier)}
        self.assertFalse(before & after)
        for what, load in loads.items():
            with self.subTest(to=what):
                self.assertLessEqual(answerers(self.assert_open(load)), after)
                seen = load.end()
                self.assertTrue(before & answerers(seen))
                self.assertEqual(failed(of_kind(seen, NEW)), [])
                self.assertEqual(silent(of_kind(seen, KEPT)), [], "connections end by a packet")
                self.figure(f"{what}: {figures(of_kind(seen, NEW))}")

    def test_label(self):
        """A Pod that moves to another tier and back, again and again, leaves the inside of its
        former one and comes back; others do not notice."""
        moved, peer = self.pods("redis-slave")
        address = self.bed.pod_address(peer)
        others = self.load(CLIENT, "redis-master")
        for _ in range(_ROUNDS):
            inside = self.load(moved, address)
            self.change(moved, {"labels": {"name": "elsewhere"}})
            self.bed.sync()
            self.assert_closed(inside, moved, address)
            self.assert_agrees()
            self.change(moved, {"labels": {"name": "redis-slave"}})
            self.bed.sync()
            self.assert_open(inside)
            inside.end()
        self.assert_agrees()
        self.assert_never_stopped(others, "another tier")

    def test_controller_killed(self):
        """SIGKILL, and a new instance that goes on."""
        loads = [self.load(CLIENT, "redis-master"), self.outside()]
        os.kill(self.bed.controller.pid, signal.SIGKILL)
        self.bed.controller.stop()
        loads[0].wait(ENOUGH)
        self.bed.controller = self.bed.start_controller()
        self.show_that_it_works()
        for load in loads:
            self.assert_never_stopped(load, "killed")

    def test_controller_upgraded(self):
        """A rolling update: the new instance is a standby until the old one has ended."""
        loads = [self.load(CLIENT, "redis-master"), self.outside()]
        old, self.bed.controller = self.bed.controller, self.bed.start_controller()
        old.stop()
        self.show_that_it_works()
        for load in loads:
            self.assert_never_stopped(load, "upgraded")

    def test_underlay(self):
        """Other addresses for all machines: no Pod and no config object notices."""
        load = self.load(CLIENT, "redis-slave")
        pods, objects, writes = self.addresses(), self.bed.config_objects(), self.bed.writes()
        renumber(self.bed.layout)
        self.assert_open(load)
        self.assertEqual(self.addresses(), pods)
        self.assertEqual(self.bed.config_objects(), objects)
        self.assertEqual(self.bed.writes(), writes)
        seen = of_kind(load.end(), NEW)
        self.assertEqual(failed(seen), [])
        self.figure(figures(seen))
        self.assert_agrees()

    def test_external_service(self):
        """A database outside of the cluster is reached by the tier that uses it, by no other, and
        no policy has an address."""
        self.bed.leave_alone(database.Database.made)
        self.enterContext(database.Database(self.bed.layout, self.bed.config_api.url, "node-02"))
        began = self.annotate(CLIENT, uses=f"{self.uses},{database.TIER}")
        self.bed.sync()
        load = self.load(CLIENT, database.ADDRESS, database.PORT)
        self.assertEqual(answerers(self.assert_open(load)), {database.NAME})
        for tier in _TIERS:
            name = self.pods(tier)[0]
            self.assertEqual(self.reached(name, database.ADDRESS, database.PORT), "no answer", name)
        self.assertEqual(self.bed.subnets_in_policies(), [])
        began = self.annotate(CLIENT, uses=self.uses)
        self.bed.sync()
        self.assert_closed(load, CLIENT, database.ADDRESS, database.PORT)
        self.figure(f"closed {(last_answer(load.records()) - began) * 1000:.0f} ms after the API "
                    "call")

    def test_node_lost(self):
        """While a node is cut off, Pods of the other node go on; when Kubernetes has noticed, so
        do all Services with a backend there."""
        self.bed.apply_objects(_two_nodes())
        self.addCleanup(self.delete_namespace, "lost")
        self.bed.sync()
        address = self.address("server", namespace="lost")
        load = self.load("lost/client", address, 7000)
        beside = self.load("lost/beside", self.bed.pod_address("lost/near"), 7000)
        load.wait_until(lambda: answerers(load.records()) == {"lost/near", "lost/far"}, 30,
                        "both answer")
        self.bed.cut_off("node-02")
        load.wait_until(lambda: silent(load.records()), 60, "a request to the lost node")
        began = self.annotate("lost/far", **{READY: "false"})
        mended = wait_for(lambda: self.moment_of_no_failure(load), 120, "an end of the failures")
        self.assertEqual(answerers(self.assert_open(load, 200)), {"lost/near"})
        self.figure(f"no failure {(mended - began) * 1000:.0f} ms after the readiness")
        self.assert_never_stopped(beside, "beside the lost node")
        self.bed.cut_off("node-02", False)
        self.annotate("lost/far", **{READY: "true"})
        self.bed.sync()
        self.assertEqual(answerers(self.assert_open(load)), {"lost/near", "lost/far"})

    # ---- what the tests say ----

    def show_that_it_works(self):
        """The controller follows changes."""
        before = len(self.bed.pods())
        for count, more in ((3, 1), (2, 0)):
            self.scale("redis-slave", count)
            self.bed.sync()
            self.assertEqual(len(self.bed.pods()), before + more)

    def delete_namespace(self, name):
        """With its Pods, which end only while the agents of their nodes run."""
        self.bed.cluster.kubectl("delete", "namespace", name, "--wait=false")
        self.bed.sync()

    def moment_of_no_failure(self, load):
        """A moment from which on many requests have been answered; None: not so far."""
        moment = time.monotonic()
        return None if failed(of_kind(load.wait(ENOUGH, moment), NEW)) else moment


def _two_nodes():
    """A Service with a backend on each node; a client, and a Pod of the Service's tier beside."""
    said = {"namespace": "lost", "annotations": GRACEFUL}
    behind = {"labels": {"app": "server"}, "port": 7000}
    return [namespace("lost"),
            service("server", "lost", 7000),
            pod("client", "client", uses="server", node="node-01", **said),
            pod("near", "server", node="node-01", **said, **behind),
            pod("far", "server", node="node-02", **said, **behind),
            pod("beside", "server", node="node-01", **said)]


class FirstConnections(UnderLoad):
    """A Pod connects at once after its start."""

    def test_first_connections(self):
        """The config API has the connection before a node may plug the Pod, and the first
        connection is answered."""
        self.bed.apply_objects([
            namespace("starts"),
            pod("db", "db", namespace="starts", port=6379, labels={"app": "db"}),
            pod("web", "web", namespace="starts"),
            *(service(name, "starts", 6379, app="db")
              for name in sorted({used for _, used in _tiers(_STARTS)}))])
        self.bed.sync()
        seen = [start(self.bed, pod(f"start-{number}", tier, namespace="starts", uses=used),
                      f"starts/{used}", 6379, waits=True)
                for number, (tier, used) in enumerate(_tiers(_STARTS))]
        closed = [one for one in seen if not one.is_open]
        for what in ("told", "answered"):
            times = sorted(getattr(one, what) for one in seen)
            self.figure(f"{what}: half within {times[len(times) // 2] * 1000:.0f} ms, "
                        f"the last one {times[-1] * 1000:.0f} ms")
        self.figure(f"{len(seen)} starts, {len(closed)} before their policies, "
                    f"{sum(one.resent > 0 for one in seen)} with packets sent again")
        self.assertEqual(closed, [])
        self.assertEqual([one for one in seen if one.outcome != Outcome(OPEN, "starts/db")], [])


def _tiers(count):
    """(tier, service tier that it uses) of Pods: new tiers that use one service tier, in turns
    with the first users of others in an existing tier."""
    return [(f"tier-{number}", "db") if number % 2 else ("web", f"db-{number}")
            for number in range(count)]


class Absent(UnderLoad):
    """The controller is away for a minute."""

    def test_a_minute_without_a_controller(self):
        """Traffic goes on, and what changed meanwhile is done afterwards."""
        loads = [self.load(CLIENT, "redis-master"), self.outside()]
        self.bed.controller.stop()
        stopped = time.monotonic()
        self.scale("redis-slave", 3)
        loads[0].wait_until(lambda: loads[0].records(stopped + 60), 120, "a minute of requests")
        self.bed.controller = self.bed.start_controller()
        self.bed.sync()
        self.assert_agrees()
        for load in loads:
            self.assert_never_stopped(load, "absent")


if __name__ == "__main__":
    unittest.main(verbosity=2)
