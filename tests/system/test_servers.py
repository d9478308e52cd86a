"""Several servers of one config API, of which one after another has a fault, while Pods come and go."""

import contextlib
import os
import sys
import unittest

from rig import STATE, ConfigApi, differences, eventually, in_soak
from served import NS, ServedTest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "access"))
from config_servers import ConfigServers, StaleReads  # noqa: E402  (needs the path above)

_SETTINGS = """\
request-timeout: 2s
audit-interval: 2s
"""


class _Servers(ServedTest):
    """Three servers, of which the controller uses one at a time."""

    def setUp(self):
        super().setUp()
        self.servers = ConfigServers(self.api)
        self.addCleanup(self.servers.close)

    def ports(self):
        return super().ports() | {"api_port": self.servers.port}

    notifications = ""  # lines of the configuration

    @property
    def more_config(self):
        """The lines about the config API."""
        return _SETTINGS + self.notifications

    def write_config(self, text=None):
        path = super().write_config(text)
        with open(path, encoding="utf-8") as file:
            lines = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(lines.replace("api-server: 127.0.0.1\n", f"api-server: [{', '.join(self.servers.hosts)}]\n"))
        return path

    def used(self):
        """The host of the server that the controller uses."""
        return self.get("/state")[1]["config_api"]["address"].split("//")[1].split(":")[0]

    def restarted(self, host):
        """The server is restarted at the begin of the block."""
        self.servers.restart(host)
        return contextlib.nullcontext()


class Servers(_Servers):
    """What a fault of one server means."""

    def faults(self, count):
        """Each server is killed, stalled and restarted; the same number of Pods without faults
        is the measure."""
        self.start()
        kinds = [self.servers.killed, self.servers.stalled, self.restarted]
        undisturbed = self.come_and_go([None] * len(kinds), count)
        bare, used = self.api.dump(), set()

        def of_the_used(kind):
            def begin():
                host = self.used()
                used.add(host)
                return kind(host)
            return begin
        disturbed = self.come_and_go([of_the_used(kind) for kind in kinds], count)
        self.assertGreaterEqual(len(used), 3, "each of the servers had a fault")
        self.assertEqual(differences(self.api.dump(), bare), [])
        print(f"\n  {disturbed}, {undisturbed} undisturbed", file=sys.stderr)
        # One verification for each request that a fault has met: eight connections for each fault.
        self.assertLessEqual(disturbed.requests, 1.2 * undisturbed.requests + 8 * len(kinds))
        self.assertEqual(self.controller.stop(), 0)

    def test_each_server_fails_while_pods_come_and_go(self):
        self.faults(8)

    @in_soak
    def test_each_server_fails_while_two_hundred_pods_come_and_go(self):
        self.faults(67)

    def test_after_the_last_server_comes_the_first(self):
        self.start()
        for host in self.servers.hosts:
            self.assertEqual(self.used(), host)
            with self.servers.killed(host):
                eventually(lambda host=host: self.used() != host, lambda: f"another server:\n{self.controller.output()[-3000:]}")
        self.assertEqual(self.used(), self.servers.hosts[0])
        self.wait_served(self.make_pods("one", 1))

    def test_an_empty_server_is_noticed_before_anything_is_written_or_believed(self):
        self.start()
        names = self.make_pods("kept", 4)
        self.wait_served(names)
        self.wait_quiet()
        empty = ConfigApi(self.folder, "--seed", "77")
        self.addCleanup(empty.stop)
        before = self.api.dump()
        host = self.used()
        with contextlib.ExitStack() as stack:
            for other in self.servers.hosts:
                stack.enter_context(self.servers.replaced(other, empty.port))
            eventually(lambda: self.get("/readyz")[0] == 503 and "another database" in self.get("/state")[1]["config_api"]["error"],
                       "the fault is shown")
            self.make_pods("new", 2)
            self.delete_pods(names[:1])
            eventually(lambda: "config API does not answer" in self.controller.output(), "the circuit breaker opens")
            self.assertGreaterEqual(self.servers.connections(host, empty), 1)
            self.assertEqual(empty.writes(), [])
            self.assertIn("another database", self.get("/state")[1]["config_api"]["error"])
            self.assertEqual(differences(self.api.dump(), before), [])
        self.wait_served(names[1:] + ["new-0", "new-1"])
        self.assert_whole(5)
        self.assertEqual(self.get("/readyz")[0], 200)

    def test_one_empty_server_is_left_for_the_next(self):
        self.start()
        names = self.make_pods("kept", 4)
        self.wait_served(names)
        empty = ConfigApi(self.folder, "--seed", "77")
        self.addCleanup(empty.stop)
        host = self.used()
        with self.servers.replaced(host, empty.port):
            eventually(lambda: self.used() != host, lambda: f"another server:\n{self.controller.output()[-3000:]}")
            names += self.make_pods("new", 2)
            self.wait_served(names)
            self.assertEqual(empty.writes(), [])
        self.assert_whole(6)

    def test_readings_that_are_older_than_the_last_writes_change_nothing(self):
        """Notifications and audits are of a server that has not heard of the last writes."""
        self.notifications = "watched-audit-factor: 1\n"
        self.read_old(followed=True)

    def test_audits_that_are_older_than_the_last_writes_change_nothing(self):
        """Audits read from a server that has not heard of the last writes."""
        self.notifications = "api-notifications: false\n"
        self.read_old(followed=False)

    def read_old(self, followed):
        """The controller is led to the old server and back, while Pods come. `followed`: the old one
        also sends it notifications."""
        self.use_api_with_state()
        self.servers.close()
        self.servers = ConfigServers(self.api)
        self.addCleanup(self.servers.close)
        self.start()
        first = self.make_pods("first", 3)
        self.wait_served(first)
        self.wait_quiet()
        old = self.snapshot()
        # What the old server does not know of, and what it still has.
        second = self.make_pods("second", 3)
        self.delete_pods(first[:2])
        kept = first[2:] + second
        self.wait_served(kept)
        self.wait_quiet()
        addresses, before = self.addresses(), self.api.dump()
        stale = StaleReads(self.api, old)
        self.addCleanup(stale.close)
        with self.servers.replaced(self.used(), stale.port):
            audits = self.audits(old)
            eventually(lambda: self.audits(old) >= audits + 2, "audits")
            third = self.make_pods("third", 2)
            self.wait_served(kept + third)
            self.assertGreater(stale.reads, 0)
            self.assertEqual(stale.streams > 0, followed)
            self.assertEqual({name: self.addresses()[name] for name in addresses}, addresses)
        self.wait_served(kept + third)
        self.wait_quiet()
        self.assert_whole(len(kept + third))
        self.delete_pods(third)
        self.wait_served(kept)
        self.wait_quiet()
        self.assertEqual(differences(self.api.dump(), before), [])

    def addresses(self):
        """The annotation of each Pod, which names its addresses."""
        return {name: pod["metadata"]["annotations"][STATE] for name, pod in self.pods(NS).items()}


if __name__ == "__main__":
    unittest.main()
