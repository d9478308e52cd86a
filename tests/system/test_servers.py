"""Several servers of one config API, of which one after another has a fault, while Pods come and go."""

import contextlib
import os
import sys
import unittest

from rig import ConfigApi, STATE, SystemTest, differences, eventually, in_soak

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "access"))
from config_servers import ConfigServers, StaleReads  # noqa: E402  (needs the path above)

NS = "servers"
_SETTINGS = """\
request-timeout: 2s
audit-interval: 2s
"""


class _Servers(SystemTest):
    """Three servers, of which the controller uses one at a time."""

    def setUp(self):
        super().setUp()
        self.servers = ConfigServers(self.api)
        self.addCleanup(self.servers.close)
        self.make_namespace(NS)
        self.addCleanup(self.cluster.kubectl, "delete", "pods", "--all", "-n", NS)

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

    def start(self):
        """The controller has read everything. Returns the objects that are there without any Pod."""
        self.start_controller()
        self.wait_ready()
        self.wait_quiet()
        self.others = len(self.api.list("virtual-machines"))
        return self.api.dump()

    def used(self):
        """The host of the server that the controller uses."""
        return self.get("/state")[1]["config_api"]["address"].split("//")[1].split(":")[0]

    def requests_without_lists(self):
        """The number of the controller's requests, without those of audits and of the test."""
        return sum("detail=true" not in r["target"] and r["target"] not in ("/", "/list-bulk-collection")
                   for r in self.api.requests())

    def make_pods(self, prefix, count):
        """Creates Pods of one tier, and returns their names."""
        names = [f"{prefix}-{number}" for number in range(count)]
        self.apply([{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": NS, "labels": {"name": "web"}},
                     "spec": {"containers": [{"name": "main", "image": "example.net/app:1"}]}} for name in names])
        return names

    def delete_pods(self, names):
        """Deletes Pods at once."""
        if names:
            self.cluster.kubectl("delete", "pods", "-n", NS, "--now", "--wait=false", *names)

    def wait_served(self, names):
        """Waits until these Pods and no others are there, and all have their network."""
        def served():
            pods = self.pods(NS)
            return set(pods) == set(names) and all(STATE in pod["metadata"].get("annotations", {}) for pod in pods.values())
        eventually(served, lambda: f"{names} served:\n{self.controller.output()[-4000:]}")

    def assert_whole(self, count):
        """Each of `count` Pods has an interface and an address of its own, and nothing else is
        there than at the start."""
        self.wait_quiet()
        addresses = [item["instance_ip_address"] for item in self.api.list("instance-ips").values()
                     if item.get("virtual_machine_interface_refs")]
        self.assertEqual(len(set(addresses)), len(addresses), addresses)
        for plural in ("virtual-machines", "virtual-machine-interfaces"):
            self.assertEqual(len(self.api.list(plural)), self.others + count, plural)

    def come_and_go(self, faults, count):
        """Pods come and go, `count` with each fault of the server in use. Returns the number of
        requests."""
        before, old = self.requests_without_lists(), []
        for number, fault in enumerate(faults):
            with fault(self.used()) if fault else contextlib.nullcontext():
                new = self.make_pods(f"p{number}", count)
                self.delete_pods(old)
                self.wait_served(new)
            old = new
        self.assert_whole(count)
        self.delete_pods(old)
        self.wait_served([])
        self.wait_quiet()
        return self.requests_without_lists() - before

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

        def noted(kind):
            def begin(host):
                used.add(host)
                return kind(host)
            return begin
        disturbed = self.come_and_go([noted(kind) for kind in kinds], count)
        self.assertGreaterEqual(len(used), 3, "each of the servers had a fault")
        self.assertEqual(differences(self.api.dump(), bare), [])
        print(f"\n  {disturbed} requests, {undisturbed} undisturbed", file=sys.stderr)
        # One verification for each request that a fault has met: eight connections for each fault.
        self.assertLessEqual(disturbed, 1.2 * undisturbed + 8 * len(kinds))
        self.assertEqual(self.controller.stop(), 0)

    def test_each_server_fails_while_pods_come_and_go(self):
        self.faults(8)

    @in_soak
    def test_each_server_fails_while_two_hundred_pods_come_and_go(self):
        self.faults(67)

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
        state = self.path("objects.json")
        self.api.stop()
        self.api = ConfigApi(self.folder, "--state", state)
        self.addCleanup(self.api.stop)
        self.servers.close()
        self.servers = ConfigServers(self.api)
        self.addCleanup(self.servers.close)
        self.start()
        first = self.make_pods("first", 3)
        self.wait_served(first)
        self.wait_quiet()
        old = self.snapshot(state)
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

    @staticmethod
    def audits(old):
        """The number of audits that have begun at this stand-in."""
        return sum(r["target"] == "/list-bulk-collection" and '"project"' in r["body"] for r in old.requests())

    def addresses(self):
        """The annotation of each Pod, which names its addresses."""
        return {name: pod["metadata"]["annotations"][STATE] for name, pod in self.pods(NS).items()}

    def snapshot(self, state):
        """A stand-in with the objects of now, whose state is kept in this file and its journal."""
        copy = self.path("old.json")
        for end in ("", ".journal"):
            if os.path.exists(state + end):
                with open(state + end, "rb") as source, open(copy + end, "wb") as target:
                    target.write(source.read())
        old = ConfigApi(self.folder, "--state", copy)
        self.addCleanup(old.stop)
        return old


if __name__ == "__main__":
    unittest.main()
