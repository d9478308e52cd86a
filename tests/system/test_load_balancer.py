"""LoadBalancer Services on a real API server: an address in the config API, and in the status."""

import json
import unittest

from rig import SystemTest, eventually

NS = "balanced"
POOL = "default-domain:default-project:Public:Public"
OURS = "example.com/public"


def service(name, **spec):
    """One of type LoadBalancer."""
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": NS, "labels": {"name": "web"}},
            "spec": {"type": "LoadBalancer", "selector": {"name": "web"}, "ports": [{"port": 80}], **spec}}


class LoadBalancers(SystemTest):
    """The status shows what the config API has, whatever happens."""

    more_config = f"load-balancer-class: {OURS}\n"

    def setUp(self):
        super().setUp()
        self.addCleanup(self.leave_namespace, NS)
        self.make_namespace(NS)
        self.start_controller()
        self.wait_ready()

    def status(self, name):
        """The addresses that kubectl shows."""
        found = json.loads(self.cluster.kubectl("get", "service", name, "-n", NS, "-o", "json"))
        return [item.get("ip") or item.get("hostname") for item in found["status"]["loadBalancer"].get("ingress", [])]

    def addresses(self, name):
        """Those in the public pool that are marked as this Service's."""
        def is_its(item):
            marks = item.get("annotations", {}).get("key_value_pair", [])
            return {"key": "opencontrail.org/object", "value": f"{NS}/{name}"} in marks
        return sorted(item["floating_ip_address"] for fq_name, item in self.api.list("floating-ips").items()
                      if fq_name.startswith(POOL + ":") and is_its(item))

    def wait_for(self, name, *addresses):
        """Until both say just these addresses."""
        wanted = sorted(addresses)
        eventually(lambda: self.addresses(name) == wanted and self.status(name) == wanted,
                   lambda: f"{self.addresses(name)}, {self.status(name)}\n{self.controller.output()[-4000:]}")

    def given(self, name):
        """Waits until it has an address."""
        eventually(lambda: self.status(name), self.controller.output)
        address, = self.status(name)
        self.wait_for(name, address)
        return address

    def test_an_address_is_given_shown_and_kept(self):
        """Over a restart, and whatever somebody writes into the status."""
        self.apply([service("web")])
        address = self.given("web")
        self.assertTrue(address.startswith("192.0.2."), address)
        self.assertIn(address, self.cluster.kubectl("get", "service", "web", "-n", NS))
        self.wait_quiet()
        writes = len(self.api.writes())
        self.controller.kill()
        forged = json.dumps({"status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.9"}]}}})
        self.cluster.kubectl("patch", "service", "web", "-n", NS, "--subresource=status", "--type=merge", "-p", forged)
        self.start_controller()
        self.wait_ready()
        self.wait_for("web", address)
        self.wait_quiet()
        self.assertEqual(len(self.api.writes()), writes)

    def test_a_requested_address(self):
        """It is honoured, and moved; where it cannot be, an Event says why."""
        self.apply([service("web", loadBalancerIP="192.0.2.77")])
        self.wait_for("web", "192.0.2.77")
        self.apply([service("web", loadBalancerIP="192.0.2.78")])
        self.wait_for("web", "192.0.2.78")
        self.apply([service("late", loadBalancerIP="192.0.2.78")])
        eventually(lambda: "AddressInUse" in self.cluster.kubectl("get", "events", "-n", NS), self.controller.output)
        self.assertEqual(self.status("late"), [])
        self.cluster.kubectl("delete", "service", "web", "-n", NS, "--wait=true")
        self.wait_for("late", "192.0.2.78")

    def test_classes(self):
        """Ours are served, and others left alone."""
        self.apply([service("ours", loadBalancerClass=OURS), service("theirs", loadBalancerClass="example.com/theirs")])
        self.given("ours")
        written = json.dumps({"status": {"loadBalancer": {"ingress": [{"ip": "198.51.100.1"}]}}})
        self.cluster.kubectl("patch", "service", "theirs", "-n", NS, "--subresource=status", "--type=merge", "-p", written)
        self.wait_quiet()
        self.assertEqual(self.status("theirs"), ["198.51.100.1"])
        self.assertEqual(self.addresses("theirs"), [])

    def test_another_type_releases_the_address(self):
        """And the status of a Service of another type shows none."""
        self.apply([service("web")])
        self.given("web")
        self.apply([service("web", type="ClusterIP")])
        self.wait_for("web")
        self.apply([service("web")])
        self.given("web")


if __name__ == "__main__":
    unittest.main()
