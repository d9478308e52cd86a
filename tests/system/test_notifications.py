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


class _Following(SystemTest):
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

    def metric(self, name):
        """The value of a metric."""
        lines = [line for line in str(self.get("/metrics")[1]).splitlines() if line.startswith(name + " ")]
        self.assertEqual(len(lines), 1, name)
        return float(lines[0].split()[-1])

    def address(self):
        """The address of an interface."""
        return next(item for item in self.api.list("instance-ips").values() if item.get("virtual_machine_interface_refs"))

    def delete_address(self):
        """Another client deletes an address. Returns whether it is there again, as a function."""
        address = self.address()
        self.assertEqual(call(f"{self.api.url}/instance-ip/{address['uuid']}", method="DELETE")[0], 200)
        return lambda: address["uuid"] in [item["uuid"] for item in self.api.list("instance-ips").values()]


class Notifications(_Following):
    """The controller follows the notifications, and no audit comes."""

    def test_the_first_lists_are_those_of_the_stream(self):
        self.assertEqual(self.lists(), [])
        self.assertEqual(self.notifications()["streams"], 1)

    def test_a_deleted_object_is_created_again(self):
        eventually(self.delete_address(), self.controller.output)
        self.assertEqual(self.lists(), [])

    def test_an_external_network_is_connected_when_it_appears(self):
        uuid = self.create("virtual-network", "project", BACKBONE)

        def connected():
            refs = self.api.list("virtual-networks")[BACKBONE].get("network_policy_refs", [])
            return [":".join(ref["to"]) for ref in refs] == [GLOBAL_POLICY]
        eventually(connected, self.controller.output)
        log = self.api.requests()
        made = next(r for r in log if r["method"] == "POST" and r["target"] == "/virtual-networks" and '"backbone"' in r["body"])
        last = next(r for r in log if r["sequence"] > made["sequence"] and r["method"] != "GET" and uuid in r["target"] + r["body"])
        self.assertLessEqual(last["ms"] - made["ms"], 1000, "by the clock of the config API")
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


    def test_metrics_show_the_stream(self):
        self.assertEqual(self.metric("knm_config_watch_alive"), 1)
        self.assertEqual(self.metric("knm_config_watch_streams_total"), 1)
        self.assertEqual(self.metric("knm_config_watch_missed_total"), 0)
        self.assertLess(self.metric("knm_config_watch_last_heard_seconds"), 90)
        self.assertGreater(self.metric('knm_config_watch_events_total{result="known"}'), 0)
        self.api.control("watches/stop", method="POST")
        eventually(lambda: self.metric("knm_config_watch_streams_total") == 2, self.controller.output)


class Missed(_Following):
    """A change whose events are lost is found by the next audit, which counts it."""

    more_config = "audit-interval: 2s\nwatched-audit-factor: 3\n"

    def test_a_lost_event_is_counted(self):
        self.api.control("faults", {"event-loss": {"probability": 1}}, "PUT")
        is_there = self.delete_address()
        self.api.control("faults", method="DELETE")
        eventually(is_there, self.controller.output)
        eventually(lambda: self.notifications()["missed"] == 1, self.controller.output)
        self.assertEqual(self.metric("knm_config_watch_missed_total"), 1)


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
