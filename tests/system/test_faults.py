"""A config API that fails in every way it knows: nothing missing, nothing leaked, nobody restarts."""

import os
import unittest

from rig import ROOT, SystemTest, differences, eventually

APP = os.path.join(ROOT, "examples", "guestbook-go")
NS = "guestbook"


class Faults(SystemTest):
    """Guestbook's pods are there and Ready; the config API is empty and troubled."""

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
        self.wanted, self.undisturbed = self.rebuild()
        self.api.stop()
        self.api.start(self.folder)

    def rebuild(self):
        """(what an undisturbed start makes of the cluster as it is, in how many requests)."""
        api, self.api = self.api, type(self.api)(self.folder)
        try:
            self.start_controller()
            self.wait_ready()
            self.wait_quiet()
            self.assertEqual(self.controller.stop(), 0)
            return self.api.dump(), len(self.of_controller())
        finally:
            self.api.stop()
            self.api = api

    def of_controller(self):
        """The requests that are not the test's own."""
        return [r for r in self.api.requests() if "detail=true" not in r["target"] and r["target"] != "/"]

    def injected(self):
        """How many faults there were, by kind."""
        return {kind: count for kind, count in self.api.control("stats")["faults"].items() if count}

    def survive(self, **faults):
        """Starts under these faults, to the same end, in not many more requests."""
        self.api.control("faults", dict(faults, seed=7), "PUT")
        before = len(self.of_controller())
        self.start_controller()
        self.wait_ready()
        self.wait_quiet()
        injected = self.injected()
        self.api.control("faults", method="DELETE")
        self.assertTrue(injected, "the faults happened")
        self.assertEqual(differences(self.api.dump(), self.wanted), [])
        used = len(self.of_controller()) - before
        self.assertLessEqual(used, 1.2 * self.undisturbed + sum(injected.values()))
        print(f"\n  {injected}: {used} requests, {self.undisturbed} undisturbed")
        self.assertEqual(self.controller.stop(), 0)

    def test_errors_before(self):
        """500, not carried out."""
        self.survive(**{"error-before": 0.05})

    def test_errors_after(self):
        """500, carried out."""
        self.survive(**{"error-after": 0.05})

    def test_resets(self):
        """Connections die before and after."""
        self.survive(**{"reset-before": 0.03, "reset-after": 0.03})

    def test_half_answers(self):
        """Answers end in their middle."""
        self.survive(**{"half-answer": 0.05})

    def test_ever_slower(self):
        """Latency doubles again and again, up to 32 times: slow is not broken."""
        self.api.control("faults", {"latency-ms": 5, "slowdown-factor": 2, "slowdown-every": 8, "slowdown-max": 32}, "PUT")
        before = len(self.of_controller())
        self.start_controller()
        self.wait_ready()
        self.wait_quiet()
        self.assertGreaterEqual(self.api.control("stats")["latency_now_ms"], 5 * 32)
        self.api.control("faults", method="DELETE")
        self.assertEqual(differences(self.api.dump(), self.wanted), [])
        self.assertLessEqual(len(self.of_controller()) - before, 1.2 * self.undisturbed)

    def test_down_while_things_change(self):
        """Twenty seconds without a server, while pods and Services come and go."""
        self.start_controller()
        self.wait_ready()
        self.wait_quiet()
        self.api.control("down", {"seconds": 20})
        cluster = self.cluster
        cluster.kubectl("scale", "deployment", "redis-slave", "-n", NS, "--replicas=4")
        cluster.kubectl("scale", "deployment", "guestbook", "-n", NS, "--replicas=1")
        cluster.kubectl("delete", "service", "redis-slave", "-n", NS)
        eventually(lambda: "does not answer" in self.controller.output(), self.controller.output)
        self.assertEqual(self.get("/readyz")[0], 200, "ready while the config API is down")
        self.apply(APP)  # the Service comes back, the numbers too
        cluster.kubectl("scale", "deployment", "redis-slave", "-n", NS, "--replicas=3")
        self.wait_pods(NS, 1 + 3 + 3)
        eventually(lambda: "answers again" in self.controller.output(), self.controller.output)
        self.wait_quiet()
        found = self.api.dump()
        self.assertEqual(self.controller.stop(), 0)
        self.assertEqual(differences(found, self.rebuild()[0]), [])


if __name__ == "__main__":
    unittest.main()
