"""Two API servers on one etcd, of which one lags. The controller deletes and repeats nothing because
of what that server does not know yet."""

import unittest

from rig import ACCOUNT, STATE, SystemTest, eventually
from faults.lagging_server import LaggingServer
from faults.tcp_proxy import Proxy

NS = "stale"
_PODS = f"/api/v1/namespaces/{NS}/pods"


def pod(name):
    """A Pod of the tier `web`, which has a Service."""
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": NS, "labels": {"name": "web"}},
            "spec": {"containers": [{"name": "main", "image": "example.net/app:1"}]}}


class StaleServer(SystemTest):
    """The controller reaches the first server. The second one does not know that a Pod has gone and
    that another one has come."""

    more_config = "audit-interval: 200ms\nwatch-silence-limit: 10s\n"

    def setUp(self):
        super().setUp()
        self.addCleanup(self.leave_namespace, NS)
        self.make_namespace(NS)
        self.apply([pod("stays"), pod("old"), {
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": NS, "labels": {"name": "web"}},
            "spec": {"selector": {"name": "web"}, "ports": [{"port": 80}]}}])
        self.lagging = LaggingServer(self.cluster)
        self.addCleanup(self.lagging.stop)
        self.balancer = Proxy(("127.0.0.1", self.cluster.ports["apiserver"]))
        self.addCleanup(self.balancer.close)
        self.start_behind_balancer()
        self.wait_pods(NS, 2)
        self.wait_quiet()
        self.lagging.lag()
        self.cluster.kubectl("delete", "pod", "old", "-n", NS, "--now")
        self.apply([pod("new")])
        self.wait_pods(NS, 2)
        self.wait_backends(NS, 2)
        self.wait_quiet()
        self.before, self.written = self.api.dump(), len(self.api.writes())
        self.assert_lags()

    def start_behind_balancer(self):
        """Starts the controller with a kubeconfig that leads to the balancer."""
        self.cluster.write_account_kubeconfig(self.path("direct"), *ACCOUNT)
        with open(self.path("direct"), encoding="utf-8") as file:
            text = file.read().replace(self.cluster.server, f"https://127.0.0.1:{self.balancer.port}")
        with open(self.path("balanced"), "w", encoding="utf-8") as file:
            file.write(text)
        self.start_controller(kubeconfig=self.path("balanced"))
        self.wait_ready()

    def assert_lags(self):
        """The second server shows the old state."""
        shown = self.lagging.shows(_PODS)
        self.assertIn("old", shown)
        self.assertNotIn("new", shown)

    def audits(self):
        """The number of audits that have started."""
        return len([request for request in self.api.requests()
                    if request["target"] == "/list-bulk-collection" and '"project"' in request["body"]])

    def assert_nothing_written(self):
        """Since the first server was left, nothing was written."""
        self.assertEqual(self.api.writes()[self.written:], [])
        self.assertEqual(self.api.dump(), self.before)

    def assert_goes_on(self):
        """The second server has caught up: a new Pod gets its network, and nothing else changes."""
        self.lagging.lag(False)
        self.apply([pod("next")])
        eventually(lambda: STATE in self.pods(NS)["next"]["metadata"].get("annotations", {}),
                   lambda: f"the network of the new Pod:\n{self.controller.output()[-4000:]}")
        self.wait_pods(NS, 3)
        self.wait_backends(NS, 3)
        self.wait_quiet()
        self.assertEqual([r for r in self.api.writes()[self.written:] if r["method"] == "DELETE"], [])
        after = self.api.dump()
        for kind in ("virtual-machines", "virtual-machine-interfaces", "instance-ips"):
            self.assertEqual({name: after[kind].get(name) for name in self.before[kind]}, self.before[kind])

    def test_a_running_controller_changes_nothing(self):
        """Its watches go on at the second server, which is silent, and its lists fail."""
        self.balancer.lead_to(self.lagging.address)
        eventually(lambda: "listing pods" in self.controller.output(), self.controller.output)
        audits = self.audits()
        eventually(lambda: self.audits() >= audits + 2, "audits meanwhile")
        self.assertGreaterEqual(self.balancer.connections[self.lagging.address], 4)
        self.assert_nothing_written()
        self.assert_goes_on()

    def test_a_controller_that_starts_there_waits(self):
        """A crash, and a start at the server that lags: it cannot list, so the controller waits."""
        self.controller.kill()
        self.balancer.lead_to(self.lagging.address)
        self.start_controller(kubeconfig=self.path("balanced"))
        eventually(lambda: "listing pods" in self.controller.output(), self.controller.output)
        self.assertEqual(self.get("/readyz")[0], 503)
        self.assert_nothing_written()
        self.assert_goes_on()
        self.wait_ready()


if __name__ == "__main__":
    unittest.main()
