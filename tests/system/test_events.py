"""Events: what cannot be honoured is said on the object, once, and counted on."""

import unittest

from rig import SystemTest, eventually

NS = "eventful"


def service(name, **spec):
    """Of no pod in particular."""
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": NS, "labels": {"name": name}},
            "spec": {"selector": {"name": name}, "ports": [{"port": 80}], **spec}}


def pod(name):
    """One of the tier `web`."""
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": NS, "labels": {"name": "web"}},
            "spec": {"containers": [{"name": "main", "image": "example.net/app:1"}]}}


class Events(SystemTest):
    """Written under the controller's own ServiceAccount: its RBAC must do."""

    def setUp(self):
        super().setUp()
        self.apply([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NS}}])
        self.addCleanup(self.leave_namespace, NS)
        eventually(lambda: self.cluster.kubectl("get", "serviceaccounts", "-n", NS, "-o", "name"), "pods are admitted")
        self.start_controller()
        self.wait_ready()

    def metric(self, result):
        """How many Events had this result."""
        line = next(line for line in self.get("/metrics")[1].splitlines()
                    if line.startswith(f'knm_events_total{{result="{result}"}}'))
        return float(line.split()[-1])

    def restart(self):
        """A new controller on the same cluster."""
        self.controller.stop()
        self.start_controller()
        self.wait_ready()

    def test_a_bad_address(self):
        """One Warning with the way out; a restart counts it on."""
        self.apply([service("bad", externalIPs=["203.0.113.7"])])
        event = self.event("Service", "bad", "AddressOutOfRange", NS)
        self.assertEqual(event["type"], "Warning")
        self.assertIn("203.0.113.7", event["note"])
        self.assertIn("192.0.2.0/24", event["note"])
        self.assertNotIn("series", event)
        uid = self.cluster.kubectl("get", "service", "bad", "-n", NS, "-o", "jsonpath={.metadata.uid}")
        self.assertEqual(event["regarding"]["uid"], uid)
        for run in (2, 3):
            self.restart()
            again = self.event("Service", "bad", "AddressOutOfRange", NS, count=run)
            self.assertEqual(again["metadata"]["uid"], event["metadata"]["uid"])
            self.assertEqual(again["series"]["count"], run)
            self.assertGreater(again["series"]["lastObservedTime"], event["eventTime"])
        # kubectl describe looks for Events by another API, and shows them all the same.
        self.assertIn("AddressOutOfRange", self.cluster.kubectl("describe", "service", "bad", "-n", NS))
        self.assertEqual(self.metric("failed"), 0)

    def test_a_pods_network(self):
        """Told when it is there, and not again by a restart."""
        self.apply([pod("web-1")])
        event = self.event("Pod", "web-1", "NetworkReady", NS)
        self.assertEqual(event["type"], "Normal")
        self.assertIn("default-domain:eventful:web", event["note"])
        self.restart()
        self.apply([pod("web-2")])
        self.event("Pod", "web-2", "NetworkReady", NS)
        self.wait_quiet()
        self.assertEqual(self.event("Pod", "web-1", "NetworkReady", NS), event)
        self.assertEqual(self.metric("failed"), 0)

    def test_a_public_address(self):
        """Told when it is set up."""
        self.apply([service("good", externalIPs=["192.0.2.77"])])
        event = self.event("Service", "good", "ExternalAddressAssigned", NS)
        self.assertEqual(event["type"], "Normal")
        self.assertIn("192.0.2.77", event["note"])


if __name__ == "__main__":
    unittest.main()
