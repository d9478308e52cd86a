"""Changes by other clients are noticed by the notifications of the config API. No audit runs while
they are followed."""

import unittest

from rig import SystemTest, call, eventually

NS = "notified"
PROJECT = f"default-domain:{NS}"
LEGACY = "default-domain:legacy"
BACKBONE = f"{LEGACY}:backbone"
GLOBAL_POLICY = f"{LEGACY}:__net_backbone"


def pod(name):
    """A Pod whose tier has the Pod's name."""
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "namespace": NS, "labels": {"name": name}},
            "spec": {"containers": [{"name": "main", "image": "example.net/app:1"}]}}


class Notifications(SystemTest):
    """A Namespace with two Pods, and an external network that does not exist yet."""

    more_config = f"audit-interval: 24h\nglobal-network: {BACKBONE}\n"

    def setUp(self):
        super().setUp()
        self.addCleanup(self.leave_namespace, NS)
        self.create("project", "domain", LEGACY)
        self.make_namespace(NS)
        self.apply([pod("web"), pod("db")])
        self.start_controller()
        self.wait_ready()
        eventually(lambda: self.following() and len(self.network_names()) == 2 and self.settled(),
                   self.controller.output)

    def create(self, kind, parent, name):
        """Creates an object as another client does."""
        status, answer = call(f"{self.api.url}/{kind}s", {kind: {"fq_name": name.split(":"), "parent_type": parent}})
        self.assertEqual(status, 200, answer)
        return answer[kind]["uuid"]

    def network_names(self):
        return [name for name in self.api.list("virtual-networks") if name.startswith(PROJECT + ":")]

    def notifications(self):
        """What /state says of them."""
        status, state = self.get("/state")
        return state["config_api"]["notifications"] if status == 200 else {}

    def following(self):
        return self.notifications().get("state") == "following"

    def lists(self):
        """The requests that list objects."""
        return [r for r in self.api.requests() if r["target"] == "/list-bulk-collection"]

    def test_the_first_lists_are_those_of_the_stream(self):
        self.assertEqual(self.lists(), [])
        self.assertEqual(self.notifications()["streams"], 1)

    def test_a_deleted_object_is_created_again(self):
        interface, *_ = self.api.list("virtual-machine-interfaces").values()
        address = next(item for item in self.api.list("instance-ips").values()
                       if item["virtual_machine_interface_refs"][0]["uuid"] == interface["uuid"])
        self.assertEqual(call(f"{self.api.url}/instance-ip/{address['uuid']}", method="DELETE")[0], 200)
        eventually(lambda: address["uuid"] in [item["uuid"] for item in self.api.list("instance-ips").values()],
                   self.controller.output)
        self.assertEqual(self.lists(), [])

    def test_an_external_network_is_connected_when_it_appears(self):
        uuid = self.create("virtual-network", "project", BACKBONE)

        def connected():
            refs = self.api.list("virtual-networks")[BACKBONE].get("network_policy_refs", [])
            return [":".join(ref["to"]) for ref in refs] == [GLOBAL_POLICY]
        eventually(connected, self.controller.output)
        self.assertEqual(call(f"{self.api.url}/virtual-network/{uuid}", method="DELETE")[0], 200)
        eventually(lambda: GLOBAL_POLICY not in self.api.list("network-policys"), self.controller.output)
        self.assertEqual(self.lists(), [])

    def test_a_stream_that_ends_is_begun_again(self):
        self.api.control("watches/stop", method="POST")
        eventually(lambda: self.notifications().get("streams") == 2 and self.following(), self.controller.output)
        self.assertIn("injected fault: stop", self.controller.output())
        self.test_a_deleted_object_is_created_again()

    def test_own_writes_cause_no_reads(self):
        before = self.api.requests()[-1]["sequence"]
        self.apply([pod("third")])
        eventually(lambda: len(self.network_names()) == 3 and self.settled(), self.controller.output)
        reads = [r for r in self.api.requests() if r["sequence"] > before and r["method"] == "GET"
                 and "exclude_hrefs" in r["target"]]
        self.assertEqual(reads, [])


class Without(SystemTest):
    """A server without notifications is read as before."""

    def test_a_server_without_notifications_is_listed(self):
        self.api.control("faults", {"refuse": {"probability": 1, "status": 404, "type": "watch"}}, method="PUT")
        self.start_controller()
        self.wait_ready()
        self.assertIn("the config API offers no notifications", self.controller.output())
        self.assertEqual(self.get("/state")[1]["config_api"]["notifications"]["state"], "not offered")


if __name__ == "__main__":
    unittest.main()
