"""External networks: another client creates them in the config API, and the configuration names
them."""

import unittest

from rig import SystemTest, call, eventually

NS = "outside"
PROJECT = f"default-domain:{NS}"
LEGACY = "default-domain:legacy"
BACKBONE, ORACLE = f"{LEGACY}:backbone", f"{LEGACY}:oracle-db"
GLOBAL_POLICY, EXTERNAL_POLICY = f"{LEGACY}:__net_backbone", f"{PROJECT}:__svc_oracle"


def pod(name, uses=None):
    """A Pod whose tier has the Pod's name."""
    labels = {"name": name, **({"uses": uses} if uses else {})}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": NS, "labels": labels},
            "spec": {"containers": [{"name": "main", "image": "example.net/app:1"}]}}


class Outside(SystemTest):
    """An external network is connected by the audit after its creation, and disconnected by the
    audit after its deletion."""

    more_config = f"""\
api-notifications: false
audit-interval: 1s
global-network: {BACKBONE}
external-service:
  oracle: {ORACLE}
"""

    def setUp(self):
        super().setUp()
        self.addCleanup(self.leave_namespace, NS)
        self.create("project", "domain", LEGACY)
        self.make_namespace(NS)
        self.apply([pod("web"), pod("billing", uses="oracle")])
        self.start_controller()
        self.wait_ready()

    def create(self, kind, parent, name):
        """Creates an object as another client does."""
        status, answer = call(f"{self.api.url}/{kind}s", {kind: {"fq_name": name.split(":"), "parent_type": parent}})
        self.assertEqual(status, 200, answer)
        return answer[kind]["uuid"]

    def policies(self, network):
        """The policies on a network; None if the network does not exist."""
        found = self.api.list("virtual-networks").get(network)
        return found and sorted(":".join(ref["to"]) for ref in found.get("network_policy_refs", []))

    def users(self, policy, network):
        """The networks with a rule to `network`; None if the policy does not exist."""
        found = self.api.list("network-policys").get(policy)
        if not found:
            return None
        rules = found["network_policy_entries"]["policy_rule"]
        self.assertEqual({rule["dst_addresses"][0]["virtual_network"] for rule in rules}, {network})
        return {rule["src_addresses"][0]["virtual_network"] for rule in rules}

    def test_a_global_network_is_connected_while_it_exists(self):
        """Every tier is connected to the network while it exists."""
        eventually(lambda: self.policies(f"{PROJECT}:web") is not None, "the tiers are there")
        self.assertIsNone(self.users(GLOBAL_POLICY, BACKBONE))
        uuid = self.create("virtual-network", "project", BACKBONE)
        eventually(lambda: self.policies(BACKBONE) == [GLOBAL_POLICY], self.controller.output)
        tiers = {f"{PROJECT}:web", f"{PROJECT}:billing"}
        eventually(lambda: tiers <= (self.users(GLOBAL_POLICY, BACKBONE) or set()), self.controller.output)
        for tier in tiers:
            eventually(lambda network=tier: GLOBAL_POLICY in self.policies(network), self.controller.output)
        self.assertNotIn("annotations", self.api.list("virtual-networks")[BACKBONE])
        self.assertIn("external network has only policies of this controller", self.controller.output())
        _, state = self.get("/state")
        shown = {item["network"]: item for item in state["external_networks"]}
        self.assertTrue(shown[BACKBONE]["exists"])
        self.assertFalse(shown[ORACLE]["exists"])

        self.assertEqual(call(f"{self.api.url}/virtual-network/{uuid}", method="DELETE")[0], 200)
        eventually(lambda: self.users(GLOBAL_POLICY, BACKBONE) is None, self.controller.output)
        self.assertNotIn(GLOBAL_POLICY, self.policies(f"{PROJECT}:web"))

    def test_an_external_service_is_reached_by_its_users_only(self):
        """Only the tiers that use the external service reach its network."""
        self.create("virtual-network", "project", ORACLE)
        eventually(lambda: self.policies(ORACLE) == [EXTERNAL_POLICY], self.controller.output)
        eventually(lambda: EXTERNAL_POLICY in self.policies(f"{PROJECT}:billing"), self.controller.output)
        self.assertEqual(self.users(EXTERNAL_POLICY, ORACLE), {f"{PROJECT}:billing"})
        self.assertNotIn(EXTERNAL_POLICY, self.policies(f"{PROJECT}:web"))
        self.cluster.kubectl("delete", "pod", "billing", "-n", NS, "--wait=true")
        eventually(lambda: self.policies(ORACLE) == [] and self.users(EXTERNAL_POLICY, ORACLE) is None,
                   self.controller.output)


if __name__ == "__main__":
    unittest.main()
