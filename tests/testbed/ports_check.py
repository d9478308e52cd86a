#!/usr/bin/env python3
"""A source port that a former connection had, as the kernel chooses it again and again.

Needs root, Open vSwitch and OVN (docs/testbed.md). `make test` runs it:

    KNM_BIN=bin python3 tests/testbed/ports_check.py
"""

import unittest

import paths  # extends sys.path
from bed.case import OnTestbed
from controlplane import wait_for
from load.bed import LoadTestbed
from load.case import namespace, pod, service
from load.lifecycle import GRACEFUL
from matrix.attempts import SECONDS
from matrix.connection import Connection

_NAMESPACE, _PORT, _CLIENT_PORT = "ports", 7000, 45000
_SERVER = f"{_NAMESPACE}/server"
_MANY = 20


class SourcePorts(OnTestbed):
    """A Pod that reaches another one by its Service and by its own address: they are in one tier,
    which uses its Service."""

    kind = LoadTestbed

    @classmethod
    def prepare(cls):
        said = {"namespace": _NAMESPACE, "annotations": GRACEFUL}
        cls.bed.apply_objects([
            namespace(_NAMESPACE),
            service("server", _NAMESPACE, _PORT),
            pod("client", "server", uses="server", node="node-01", **said),
            pod("server", "server", node="node-02", labels={"app": "server"}, port=_PORT, **said)])
        cls.bed.sync()
        cls.client = cls.bed.running.namespace(f"{_NAMESPACE}/client")
        cls.service = cls.bed.service_address(_SERVER)
        cls.direct = cls.bed.pod_address(_SERVER)

    def assert_answered(self, address, source):
        """A new connection from this port is answered; then it ends."""
        connection = Connection(self.client, address, _PORT, SECONDS, source)
        self.addCleanup(connection.close)
        self.assertEqual(connection.ask(), _SERVER)
        connection.reset()
        self.bed.layout.check()

    def wait_until_forgotten(self, source):
        """No switch remembers a connection of this port, long before its 30 s by default."""
        wait_for(lambda: not any(f"port={source}," in line
                                 for switch in self.bed.layout.switches.values()
                                 for line in switch.connections()), 10, "the end of its memory")

    def test_same_destination(self):
        """The same port to the same address, while the former connection is remembered."""
        for _ in range(_MANY):
            self.assert_answered(self.direct, _CLIENT_PORT)
        for _ in range(_MANY):
            self.assert_answered(self.service, _CLIENT_PORT + 1)

    def test_by_the_service_and_without_it(self):
        """To the Service and to its backend, in turns: behind the load balancer both are one."""
        source = _CLIENT_PORT + 2
        for address in (self.service, self.direct) * 3:
            self.assert_answered(address, source)
            self.wait_until_forgotten(source)


if __name__ == "__main__":
    unittest.main(verbosity=2)
