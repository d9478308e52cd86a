"""LoadBalancer Services on a real API server: their addresses in the config API and in their
statuses."""

import json
import unittest

from rig import SystemTest, eventually

NS = "balanced"
POOL = "default-domain:default-project:Public:Public"
OURS = "example.com/public"


def service(name, **spec):
    """A Service of type LoadBalancer."""
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": NS, "labels": {"name": "web"}},
            "spec": {"type": "LoadBalancer", "selector": {"name": "web"}, "ports": [{"port": 80}], **spec}}


class LoadBalancers(SystemTest):
    """The status of a Service shows the address that the config API has."""

    more_config = f"load-balancer-class: {OURS}\n"

    def setUp(self):
        super().setUp()
        self.addCleanup(self.leave_namespace, NS)
        self.make_namespace(NS)
        self.start_controller()
        self.wait_ready()

    def status(self, name):
        """The addresses in the status."""
        found = json.loads(self.cluster.kubectl("get", "service", name, "-n", NS, "-o", "json"))
        return [item.get("ip") or item.get("hostname") for item in found["status"]["loadBalancer"].get("ingress", [])]

    def addresses(self, name):
        """The addresses in the public pool whose owner annotations name this Service."""
        def is_its(item):
            pairs = item.get("annotations", {}).get("key_value_pair", [])
            return {"key": "opencontrail.org/object", "value": f"{NS}/{name}"} in pairs
        return sorted(item["floating_ip_address"] for fq_name, item in self.api.list("floating-ips").items()
                      if fq_name.startswith(POOL + ":") and is_its(item))

    def wait_for(self, name, *addresses):
        """Waits until both status and pool have exactly these addresses."""
        expected = sorted(addresses)
        eventually(lambda: self.addresses(name) == expected and self.status(name) == expected,
                   lambda: f"{self.addresses(name)}, {self.status(name)}\n{self.controller.output()[-4000:]}")

    def wait_given(self, name):
        """Waits until the Service has an address, and returns it."""
        eventually(lambda: self.status(name), self.controller.output)
        address, = self.status(name)
        self.wait_for(name, address)
        return address

    def test_an_address_is_assigned_shown_and_kept(self):
        """The address stays over a restart, and replaces any other address in the status."""
        self.apply([service("web")])
        address = self.wait_given("web")
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

    def test_a_requested_address_is_honoured(self):
        """A request is honoured and can change. An Event reports a request that cannot be met."""
        self.apply([service("web", loadBalancerIP="192.0.2.77")])
        self.wait_for("web", "192.0.2.77")
        self.apply([service("web", loadBalancerIP="192.0.2.78")])
        self.wait_for("web", "192.0.2.78")
        self.apply([service("late", loadBalancerIP="192.0.2.78")])
        eventually(lambda: "AddressInUse" in self.cluster.kubectl("get", "events", "-n", NS), self.controller.output)
        self.assertEqual(self.status("late"), [])
        self.cluster.kubectl("delete", "service", "web", "-n", NS, "--wait=true")
        self.wait_for("late", "192.0.2.78")

    def test_services_of_another_class_are_left_alone(self):
        """Services of the configured class are served. The status of another class is left
        alone."""
        self.apply([service("ours", loadBalancerClass=OURS), service("theirs", loadBalancerClass="example.com/theirs")])
        self.wait_given("ours")
        written = json.dumps({"status": {"loadBalancer": {"ingress": [{"ip": "198.51.100.1"}]}}})
        self.cluster.kubectl("patch", "service", "theirs", "-n", NS, "--subresource=status", "--type=merge", "-p", written)
        self.wait_quiet()
        self.assertEqual(self.status("theirs"), ["198.51.100.1"])
        self.assertEqual(self.addresses("theirs"), [])

    def test_another_type_releases_the_address(self):
        """The status of a Service of another type shows no address."""
        self.apply([service("web")])
        self.wait_given("web")
        self.apply([service("web", type="ClusterIP")])
        self.wait_for("web")
        self.apply([service("web")])
        self.wait_given("web")


if __name__ == "__main__":
    unittest.main()
