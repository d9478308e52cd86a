"""Each problem becomes one Event on the object. Repeated Events increase its count."""

import unittest

from rig import SystemTest, eventually

NS = "eventful"


def service(name, **spec):
    """A Service whose selector matches no Pod."""
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": NS, "labels": {"name": name}},
            "spec": {"selector": {"name": name}, "ports": [{"port": 80}], **spec}}


def pod(name):
    """A Pod of the tier `web`."""
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": NS, "labels": {"name": "web"}},
            "spec": {"containers": [{"name": "main", "image": "example.net/app:1"}]}}


class Events(SystemTest):
    """The controller writes Events with the permissions of its own ServiceAccount."""

    def setUp(self):
        super().setUp()
        self.apply([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NS}}])
        self.addCleanup(self.leave_namespace, NS)
        eventually(lambda: self.cluster.kubectl("get", "serviceaccounts", "-n", NS, "-o", "name"), "Pods are admitted")
        self.start_controller()
        self.wait_ready()

    def metric(self, result):
        """The number of Events with a result."""
        line = next(line for line in self.get("/metrics")[1].splitlines()
                    if line.startswith(f'knm_events_total{{result="{result}"}}'))
        return float(line.split()[-1])

    def restart(self):
        """Starts a new controller on the same cluster."""
        self.controller.stop()
        self.start_controller()
        self.wait_ready()

    def test_an_address_out_of_range_is_reported_once(self):
        """The Warning names the address and the range. A restart increases its count."""
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
        # kubectl describe reads Events through the older API.
        self.assertIn("AddressOutOfRange", self.cluster.kubectl("describe", "service", "bad", "-n", NS))
        self.assertEqual(self.metric("failed"), 0)

    def test_a_new_network_of_a_pod_is_reported_once(self):
        """The Event is written once. A restart does not repeat it."""
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

    def test_an_assigned_public_address_is_reported(self):
        """The Event is written when the address is assigned."""
        self.apply([service("good", externalIPs=["192.0.2.77"])])
        event = self.event("Service", "good", "ExternalAddressAssigned", NS)
        self.assertEqual(event["type"], "Normal")
        self.assertIn("192.0.2.77", event["note"])


if __name__ == "__main__":
    unittest.main()
