"""Pods come and go while servers of the config API have faults."""

import contextlib
import dataclasses
import itertools
import os
import time

from rig import STATE, ConfigApi, SystemTest, eventually

NS = "served"


@dataclasses.dataclass
class Course:
    """What Pods that came and went have cost. `requests`: of the controller, without audits.
    `gap`: the longest time without a successful write while writes were wanted, in seconds."""
    requests: int = 0
    gap: float = 0


class ServedTest(SystemTest):
    """A Namespace for Pods of one tier."""

    def setUp(self):
        super().setUp()
        self.make_namespace(NS)
        self.addCleanup(self.cluster.kubectl, "delete", "pods", "--all", "-n", NS)

    def start(self):
        """The controller has read everything. Returns the objects that are there without any Pod."""
        self.start_controller()
        self.wait_ready()
        self.wait_quiet()
        self.others = len(self.api.list("virtual-machines"))
        # The clock of the log of requests: the last one is of this moment.
        self.log_began = time.monotonic() - self.api.requests()[-1]["ms"] / 1000
        return self.api.dump()

    def use_api_with_state(self):
        """Replaces the stand-in by an empty one whose state is in a file, for `snapshot`."""
        self.api.stop()
        self.state_file = self.path("objects.json")
        self.api = ConfigApi(self.folder, "--state", self.state_file)
        self.addCleanup(self.api.stop)

    def snapshot(self):
        """A stand-in with the objects of now."""
        copy = self.path(f"old-{time.monotonic_ns()}.json")
        for end in ("", ".journal"):
            if os.path.exists(self.state_file + end):
                with open(self.state_file + end, "rb") as source, open(copy + end, "wb") as target:
                    target.write(source.read())
        old = ConfigApi(self.folder, "--state", copy)
        self.addCleanup(old.stop)
        return old

    @staticmethod
    def audits(api):
        """The number of audits that have begun at this stand-in."""
        return sum(r["target"] == "/list-bulk-collection" and '"project"' in r["body"] for r in api.requests())

    def requests_without_lists(self):
        """The number of the controller's requests, without those of audits, of the test and of
        health checks."""
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

    def gap(self, began, ended):
        """The longest time without a successful write between two moments of the steady clock, and
        between the first of them and the first write, in seconds."""
        times = [self.log_began + write["ms"] / 1000 for write in self.api.writes() if write["status"] == 200]
        times = [began, *(time for time in times if began <= time <= ended)]
        return max((after - before for before, after in itertools.pairwise(times)), default=0)

    def come_and_go(self, faults, count):
        """Pods come and go, `count` during each fault: a function that returns a context manager, or
        None. Returns a Course."""
        before, old, course = self.requests_without_lists(), [], Course()
        for number, fault in enumerate(faults):
            with fault() if fault else contextlib.nullcontext():
                new = self.make_pods(f"p{number}", count)
                began = time.monotonic()
                self.delete_pods(old)
                self.wait_served(new)
                course.gap = max(course.gap, self.gap(began, time.monotonic()))
            old = new
        self.assert_whole(count)
        self.delete_pods(old)
        self.wait_served([])
        self.wait_quiet()
        course.requests = self.requests_without_lists() - before
        return course
