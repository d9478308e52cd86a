"""Under each fault of the config API, the controller reaches the final state without a restart,
and needs few additional requests."""

import os
import unittest

from rig import ROOT, SystemTest, differences, eventually

APP = os.path.join(ROOT, "examples", "guestbook-go")
NS = "guestbook"


class Faults(SystemTest):
    """Guestbook's Pods are Ready; the config API is empty and has faults."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(lambda: cls.cluster.kubectl("delete", "namespace", NS, "--ignore-not-found"))

    def setUp(self):
        super().setUp()
        self.start_controller()
        self.wait_ready()
        self.apply(APP)
        self.wait_pods(NS, 6)
        self.wait_backends(NS, 6)
        self.wait_pods("kube-system", 1)
        self.wait_quiet()
        self.controller.stop()
        self.desired, self.undisturbed = self.rebuild()
        self.api.stop()
        self.api.start(self.folder)

    def rebuild(self):
        """Starts the controller on an empty config API without faults. Returns (the objects that
        it makes, its number of requests)."""
        api, self.api = self.api, type(self.api)(self.folder)
        try:
            self.start_controller()
            self.wait_ready()
            self.wait_quiet()
            self.assertEqual(self.controller.stop(), 0)
            return self.api.dump(), len(self.controller_requests())
        finally:
            self.api.stop()
            self.api = api

    def controller_requests(self):
        """The requests of the controller, without the requests of the test and the lists of
        everything: how many lists there are depends on how long a run takes."""
        all_read = ("/list-bulk-collection", "/watch?")
        return [r for r in self.api.requests() if "detail=true" not in r["target"] and r["target"] != "/"
                and not r["target"].startswith(all_read)]

    def injected(self):
        """The number of injected faults, by kind."""
        return {kind: count for kind, count in self.api.control("stats")["faults"].items() if count}

    def reaches_the_same_state(self, **faults):
        """Starts the controller under these faults. It must reach the same objects with few
        additional requests."""
        self.api.control("faults", dict(faults, seed=7), "PUT")
        before = len(self.controller_requests())
        self.start_controller()
        self.wait_ready()
        self.wait_quiet()
        injected = self.injected()
        self.api.control("faults", method="DELETE")
        self.assertTrue(injected, "faults were injected")
        self.assertEqual(differences(self.api.dump(), self.desired), [])
        used = len(self.controller_requests()) - before
        self.assertLessEqual(used, 1.2 * self.undisturbed + sum(injected.values()))
        print(f"\n  {injected}: {used} requests, {self.undisturbed} undisturbed")
        self.assertEqual(self.controller.stop(), 0)

    def test_errors_before_the_request_is_executed(self):
        """The server answers 500 and does not execute the request."""
        self.reaches_the_same_state(**{"error-before": 0.05})

    def test_errors_after_the_request_was_executed(self):
        """The server answers 500 after it executed the request."""
        self.reaches_the_same_state(**{"error-after": 0.05})

    def test_reset_connections(self):
        """The server resets connections before or after it executes the request."""
        self.reaches_the_same_state(**{"reset-before": 0.03, "reset-after": 0.03})

    def test_incomplete_answers(self):
        """The server sends half of the answer."""
        self.reaches_the_same_state(**{"half-answer": 0.05})

    def test_growing_latency(self):
        """The latency doubles every eight requests, up to 32 times."""
        self.api.control("faults", {"latency-ms": 5, "slowdown-factor": 2, "slowdown-every": 8, "slowdown-max": 32}, "PUT")
        before = len(self.controller_requests())
        self.start_controller()
        self.wait_ready()
        self.wait_quiet()
        self.assertGreaterEqual(self.api.control("stats")["latency_now_ms"], 5 * 32)
        self.api.control("faults", method="DELETE")
        self.assertEqual(differences(self.api.dump(), self.desired), [])
        self.assertLessEqual(len(self.controller_requests()) - before, 1.2 * self.undisturbed)

    def test_changes_while_the_server_is_down_are_made_afterwards(self):
        """The server is down for twenty seconds, while Pods and Services are created and
        deleted."""
        self.start_controller()
        self.wait_ready()
        self.wait_quiet()
        self.api.control("down", {"seconds": 20})
        cluster = self.cluster
        cluster.kubectl("scale", "deployment", "redis-slave", "-n", NS, "--replicas=4")
        cluster.kubectl("scale", "deployment", "guestbook", "-n", NS, "--replicas=1")
        cluster.kubectl("delete", "service", "redis-slave", "-n", NS)
        eventually(lambda: "does not answer" in self.controller.output(), self.controller.output)
        self.assertEqual(self.get("/readyz")[0], 200,
                         "the controller stays ready while the config API is down")
        self.apply(APP)  # creates the Service again, and restores the replicas
        cluster.kubectl("scale", "deployment", "redis-slave", "-n", NS, "--replicas=3")
        self.wait_pods(NS, 1 + 3 + 3)
        eventually(lambda: "answers again" in self.controller.output(), self.controller.output)
        self.wait_quiet()
        found = self.api.dump()
        self.assertEqual(self.controller.stop(), 0)
        self.assertEqual(differences(found, self.rebuild()[0]), [])


if __name__ == "__main__":
    unittest.main()
