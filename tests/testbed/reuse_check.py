#!/usr/bin/env python3
"""A Pod that gets the address of a former Pod: no old rule and no old connection counts for it.

Needs root, Open vSwitch and OVN (docs/testbed.md). `make soak` runs it:

    KNM_BIN=bin python3 tests/testbed/reuse_check.py
"""

import unittest

import paths  # extends sys.path
from bed.case import OnTestbed
from load.bed import SmallTestbed
from load.case import namespace, pod, service
from load.datagrams import Endpoint, arrived
from matrix.attempts import SECONDS
from matrix.wire import Wire

_NAMESPACE, _PORT, _CLIENT_PORT = "rest", 7002, 40002
_FILLERS = 9  # with the DNS Pod, the database and its user the range is full


class Reuse(OnTestbed):
    """One address, two owners."""

    kind = SmallTestbed

    @classmethod
    def prepare(cls):
        cls.bed.apply_objects([
            namespace(_NAMESPACE),
            service("db", _NAMESPACE, 7000),
            cls.pod("db", "db", labels={"app": "db"}, port=7000),
            cls.pod("former", "user", uses="db"),
            *(cls.pod(f"filler-{number}", "filler") for number in range(_FILLERS))])
        cls.bed.sync()

    @staticmethod
    def pod(name, tier, **more):
        """A Pod as an object."""
        return pod(name, tier, namespace=_NAMESPACE, **more)

    def address_of(self, name):
        """The address of a Pod."""
        return self.bed.pod_address(f"{_NAMESPACE}/{name}")

    def endpoint(self, name, port):
        """A UDP socket in a Pod's namespace."""
        made = Endpoint(self.bed.running.namespace(f"{_NAMESPACE}/{name}"), port)
        self.addCleanup(made.close)
        return made

    def test_old_connections(self):
        """Neither the new owner reaches the peer of the former one by the connection that was
        there, nor the peer the new owner."""
        database, former = self.endpoint("db", _PORT), self.endpoint("former", _CLIENT_PORT)
        target, address = self.bed.service_address(f"{_NAMESPACE}/db"), self.address_of("former")
        former.send(target, _PORT)
        source = (str(address), _CLIENT_PORT)
        self.assertEqual(arrived([database], SECONDS), [(database, source)])
        database.send(*source)
        self.assertEqual(arrived([former], SECONDS), [(former, (str(target), _PORT))])
        former.close()

        self.bed.cluster.kubectl("--namespace", _NAMESPACE, "delete", "pod", "former")
        self.bed.apply_objects([self.pod("latter", "other")])
        self.bed.sync()
        self.assertEqual(self.address_of("latter"), address)
        latter, name = self.endpoint("latter", _CLIENT_PORT), f"{_NAMESPACE}/latter"
        with Wire({name: self.bed.running.namespace(name),
                   "db": self.bed.running.namespace(f"{_NAMESPACE}/db")}) as wire:
            latter.send(target, _PORT)
            latter.send(self.address_of("db"), _PORT)
            database.send(*source)
            self.assertEqual(arrived([database, latter], SECONDS), [])
            self.assertLessEqual({(name, "udp", target, _PORT),
                                  (name, "udp", self.address_of("db"), _PORT),
                                  ("db", "udp", address, _CLIENT_PORT)}, wire.sent())


if __name__ == "__main__":
    unittest.main(verbosity=2)
