#!/usr/bin/env python3
"""Flows that a switch has cached are as its rules say, also where they overlap.

Needs root and Open vSwitch (docs/testbed.md). `make test` runs it; a few seconds:

    python3 tests/testbed/caches_check.py
"""

import unittest

import paths  # extends sys.path
from controlplane import wait_for
from layout.caches import Caches
from layout.command import ip, run
from layout.folder import Folder
from layout.layout import require
from layout.namespace import Namespace, cable
from layout.openvswitch import DATAPATH, OpenVswitch
from layout.programs import Programs
from load.datagrams import Endpoint

_PORT = 7000


class Overlapping(unittest.TestCase):
    """A switch alone, with one port, and a source of packets."""

    def setUp(self):
        require()
        self.folder = Folder()
        self.addCleanup(self.folder.remove)
        machine, source = Namespace(self.folder, "switch"), Namespace(self.folder, "source")
        programs = Programs(self.folder)
        for made in machine, source:
            self.addCleanup(made.close)
        self.addCleanup(programs.stop)
        self.switch = OpenVswitch(self.folder, programs, machine)
        self.bridge = f"unix:{self.switch.rundir}/br0.mgmt"
        cable(machine, "source", source, "eth0")
        ip(source, "link set eth0 arp off", "addr add 10.9.9.9/32 dev eth0",
           "route add default dev eth0")
        self.switch.vsctl("add-br", "br0", "--", "set", "bridge", "br0", DATAPATH,
                          "fail-mode=secure", "--", "add-port", "br0", "source")
        self.source = Endpoint(source.path, _PORT)
        self.addCleanup(self.source.close)

    def rules(self, rules):
        """Replaces all rules: range → action."""
        path = self.folder.file("rules")
        with open(path, "w", encoding="ascii") as out:
            out.writelines(f"priority=10,udp,nw_dst={prefix},actions={action}\n"
                           for prefix, action in rules.items())
        run("ovs-ofctl", "replace-flows", self.bridge, path)
        self.switch.appctl("revalidator/wait")

    def cached(self, prefix):
        """Actions of the cached flows that were made for addresses that begin so."""
        lines = self.switch.appctl("dpctl/dump-flows").splitlines()
        return [line.rpartition("actions:")[2] for line in lines if f"dst={prefix}" in line]

    def send(self, address, count):
        """One datagram; then so many flows of its range are cached."""
        self.source.send(address, _PORT)
        prefix = address.rpartition(".")[0].rpartition(".")[0]
        wait_for(lambda: len(self.cached(prefix)) == count, 10, f"{count} cached flows")

    def test_change(self):
        """Two cached flows, one for a part of the other's range. Their rule changes."""
        beside = {"10.5.0.0/16": "LOCAL"}  # its cached flow lets the wider one be found first
        self.rules({**beside, "10.1.2.0/24": "LOCAL"})
        self.send("10.5.0.2", 1)
        self.send("10.1.2.2", 1)
        self.rules({**beside, "10.1.0.0/16": "LOCAL"})
        self.send("10.1.0.2", 2)
        self.rules({**beside, "10.1.0.0/16": "drop"})
        Caches([self.switch.control]).empty()
        self.source.send("10.1.2.2", _PORT)
        wait_for(lambda: self.cached("10.1"), 10, "a cached flow")
        self.assertEqual(set(self.cached("10.1")), {"drop"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
