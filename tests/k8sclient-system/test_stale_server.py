"""Two API servers on one etcd, of which one lags: what it does not know yet is neither deleted nor
brought back."""

import unittest

from reflect import Reflect
from shared import KEEP, ClusterTest, OracleTest, objects_of

from faults.lagging_server import LaggingServer
from faults.tcp_proxy import Proxy

setUpModule, tearDownModule = ClusterTest.start_cluster, ClusterTest.stop_cluster

_PODS = "/api/v1/namespaces/shop/pods"


class StaleServer(OracleTest):
    """The library reaches the first server, and later the second one, which lags."""

    def setUp(self):
        self.lagging = LaggingServer(self.cluster)
        self.addCleanup(self.lagging.stop)
        self.balancer = Proxy(("127.0.0.1", self.cluster.ports["apiserver"]))
        self.addCleanup(self.balancer.close)
        self.kubeconfig = self.admin_kubeconfig("balanced", server=f"https://127.0.0.1:{self.balancer.port}")

    def run_pod(self, name):
        """Makes a Pod, and waits until it is ready."""
        self.cluster.kubectl("run", name, "-n", "shop", "--image=x")
        self.cluster.kubectl("wait", "-n", "shop", "--for=condition=Ready", f"pod/{name}")

    def delete_pod(self, name):
        """Deletes a Pod at once."""
        self.cluster.kubectl("delete", "pod", name, "-n", "shop", "--now")

    def fall_behind(self, old, new):
        """The second server does not see that a Pod goes and another one comes."""
        self.lagging.lag()
        self.delete_pod(old)
        self.run_pod(new)
        self.label(new)

    def assert_lags(self, old, new):
        """The second server shows the old state."""
        shown = self.lagging.shows(_PODS)
        self.assertIn(old, shown)
        self.assertNotIn(new, shown)

    def test_a_watch_goes_on_at_a_server_that_lags(self):
        """The server has nothing to tell, and cannot list. Nothing is undone meanwhile, and nothing
        is missed when it has caught up."""
        for arguments in [[], ["--json"], ["--streaming-list"]]:
            with self.subTest(arguments):
                self.run_pod("old")
                self.balancer.lead_to(("127.0.0.1", self.cluster.ports["apiserver"]))
                with Reflect(self.kubeconfig, *KEEP, "--watch-seconds=1", *arguments) as program:
                    program.expect_synced()
                    self.fall_behind("old", "new")
                    self.assert_agrees(program)
                    before = program.dump()
                    self.assert_lags("old", "new")
                    self.balancer.lead_to(self.lagging.address)
                    # Two watches without an event, and then a list that the server cannot answer.
                    program.until(lambda dump, was=before: all(
                        dump[kind]["failures"] >= was[kind]["failures"] + 3 for kind in dump), "failed lists", 120)
                    after = program.dump()
                    self.assert_lags("old", "new")
                    self.assertGreaterEqual(self.balancer.connections[self.lagging.address], 4)
                    self.assertEqual(objects_of(after), objects_of(before))
                    for kind, content in after.items():
                        self.assertEqual((content["upserts"], content["deletes"]),
                                         (before[kind]["upserts"], before[kind]["deletes"]), kind)
                    self.lagging.lag(False)
                    self.label("caught-up")
                    self.assert_agrees(program, 120)
                    self.assertEqual(program.deleted(), ["shop/old"])
                self.delete_pod("new")

    def test_a_start_at_a_server_that_lags_waits(self):
        """A list is a consistent read: the server that cannot make one does not answer with its old
        state."""
        self.run_pod("old")
        self.fall_behind("old", "new")
        self.assert_lags("old", "new")
        self.balancer.lead_to(self.lagging.address)
        with Reflect(self.kubeconfig, *KEEP) as program:
            program.until(lambda dump: dump["pods"]["failures"] >= 2, "failed lists", 120)
            self.assert_lags("old", "new")
            self.assertFalse(any(content["synced"] for content in program.dump().values()))
            self.lagging.lag(False)
            self.assert_agrees(program, 120)
            self.assertNotIn("shop/old", program.dump()["pods"]["objects"])
        self.delete_pod("new")


if __name__ == "__main__":
    unittest.main()
