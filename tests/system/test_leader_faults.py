"""The leader is cut off from the API server, or a wall clock is set: the other instance takes over,
or nothing happens. The config API never has two writers."""

import datetime
import glob
import os
import unittest

from led import Instance, LeaderTest
from rig import ACCOUNT, in_soak
from faults.http_proxy import HttpProxy
from faults.tcp_proxy import Proxy

_DAY = 24 * 3600


class CutOff(LeaderTest):
    """The leader reaches the API server through a proxy, and the config API directly."""

    def start_first(self):
        self.proxy = Proxy(("127.0.0.1", self.cluster.ports["apiserver"]))
        self.addCleanup(self.proxy.close)
        with open(self.path("controller.kubeconfig"), encoding="utf-8") as file:
            text = file.read()
        with open(self.path("proxied.kubeconfig"), "w", encoding="utf-8") as file:
            file.write(text.replace(self.cluster.server, f"https://127.0.0.1:{self.proxy.port}"))
        return Instance("first", self, self.path("proxied.kubeconfig"))

    def assert_gave_up(self):
        """The first instance has ended, because it lost the lease."""
        self.assertEqual(self.first.program.wait(), 4, self.first.program.output()[-4000:])
        self.assertIn("leadership lost", self.first.program.output())

    def test_a_leader_without_a_connection_has_a_successor(self):
        self.proxy.refuse()
        self.assertGreater(self.proxy.cuts, 0)
        self.assert_gave_up()
        self.assert_followed()

    @in_soak
    def test_a_leader_whose_packets_are_lost_has_a_successor(self):
        """Its connections stay open, and nothing arrives."""
        self.proxy.stall()
        self.assertGreater(self.proxy.open(), 0)
        self.assert_gave_up()
        self.assert_followed()

    def test_a_short_cut_changes_nothing(self):
        """The leader renews its lease over another connection, in time."""
        holder, transitions = self.holder(), self.lease().get("leaseTransitions")
        for _ in range(3):
            cuts, renewed = self.proxy.cuts, self.lease()["renewTime"]
            self.proxy.cut()
            self.assertGreater(self.proxy.cuts, cuts)
            self.first.wait(lambda was=renewed: self.lease()["renewTime"] > was)
            self.cause_a_write()
        self.assertEqual((self.holder(), self.lease().get("leaseTransitions")), (holder, transitions))
        self.assertEqual(self.writers(), ["first"])
        self.assertTrue(self.first.leads())


class WallClock:
    """The wall clock of a program, which a test sets; the steady clock goes on."""

    def __init__(self, test, name):
        self._path = test.path(f"{name}.clock")
        self.set(0)
        libraries = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
        assert libraries, "the Debian package faketime is missing"
        self.environment = {"LD_PRELOAD": libraries[0], "FAKETIME_TIMESTAMP_FILE": self._path, "FAKETIME_NO_CACHE": "1",
                            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}

    def set(self, seconds):
        """Sets the clock forward, or back, from the true time."""
        with open(self._path + ".new", "w", encoding="ascii") as file:
            file.write(f"{seconds:+d}")
        os.replace(self._path + ".new", self._path)


class Clocks(LeaderTest):
    """Both instances have wall clocks of their own. They reach the API server without TLS, whose
    certificates have dates."""

    def start(self, name):
        """An instance, and its clock."""
        proxy = HttpProxy(self.cluster.server, self.cluster.ca_file)
        self.addCleanup(proxy.stop)
        proxy.write_kubeconfig(self.path(f"{name}.kubeconfig"), self.cluster, ACCOUNT)
        clock = WallClock(self, name)
        return Instance(name, self, self.path(f"{name}.kubeconfig"), clock.environment), clock

    def start_first(self):
        first, self.first_clock = self.start("first")
        return first

    def start_second(self):
        second, self.second_clock = self.start("second")
        return second

    def wait_renewed(self, days):
        """Waits until the lease was renewed at a clock that is so many days ahead."""
        def ahead():
            renewed = datetime.datetime.fromisoformat(self.lease()["renewTime"].replace("Z", "+00:00"))
            return round((renewed - datetime.datetime.now(datetime.timezone.utc)).total_seconds() / _DAY)
        self.first.wait(lambda: ahead() == days)

    def assert_unchanged(self, transitions):
        """The first instance has led all the time, and writes."""
        self.cause_a_write()
        self.assertTrue(self.first.leads())
        self.assertFalse(self.second.leads())
        self.assertEqual(self.lease().get("leaseTransitions"), transitions)
        self.assertEqual(self.writers(), ["first"])

    def test_the_clock_of_the_leader_is_set(self):
        """It leads on. Its successor does not wait for a time that the lease names."""
        transitions = self.lease().get("leaseTransitions")
        for days in (1, -1, 0, 2):
            self.first_clock.set(days * _DAY)
            self.wait_renewed(days)
            self.assert_unchanged(transitions)
        self.first.program.kill()
        self.assert_followed()

    @in_soak
    def test_the_clock_of_the_standby_is_set(self):
        """It does not take the lease for expired, and it follows when the leader is gone."""
        transitions = self.lease().get("leaseTransitions")
        for days in (1, -1):
            self.second_clock.set(days * _DAY)
            for _ in range(3):
                renewed = self.lease()["renewTime"]
                self.first.wait(lambda was=renewed: self.lease()["renewTime"] > was)
            self.assert_unchanged(transitions)
        self.first.program.kill()
        self.assert_followed()
        self.first = self.second
        self.wait_renewed(-1)


if __name__ == "__main__":
    unittest.main()
