"""Tests of the oracle itself: the controller is halted, an object is damaged, and the oracle
must complain."""

import json
import unittest

import oracle
from random_outside import OutsideSteps
from random_world import LEGACY, OURS, THEIRS, TWO_FAMILIES
from rig import STATE, SystemTest, call, eventually

NS = "red"
PUBLIC = "default-domain:default-project:Public:Public"
BOTH = {"ipFamilyPolicy": "RequireDualStack", "ipFamilies": ["IPv6", "IPv4"]}


def service(name, **spec):
    """A Service in the tier of the Pod."""
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": NS, "labels": {"name": "web"}},
            "spec": {"selector": {"name": "web"}, "ports": [{"port": 80}], **spec}}


class Judge(SystemTest):
    """A Namespace with one object of many kinds."""

    policy = False  # this test writes the annotation itself
    cluster_parameters = {"service_range": ",".join(TWO_FAMILIES.settings.service_ranges)}

    def write_config(self, text=None):
        """Writes the configuration of the world."""
        return super().write_config(text or TWO_FAMILIES.config(**self.ports()))

    def setUp(self):
        super().setUp()
        OutsideSteps.prepare(self.api)
        self.untouched = oracle.baseline(self.api)
        self.create("virtual-network", f"{LEGACY}:backbone", "project")
        self.addCleanup(self.leave_namespace, NS)
        self.make_namespace(NS)
        self.apply([
            {"apiVersion": "v1", "kind": "Pod",
             "metadata": {"name": "web", "namespace": NS, "labels": {"name": "web", "uses": "oracle"}},
             "spec": {"containers": [{"name": "main", "image": "example.net/app:1"}]}},
            service("balanced", type="LoadBalancer", loadBalancerClass=OURS, **BOTH),
            service("theirs", type="LoadBalancer", loadBalancerClass=THEIRS),
            service("public", externalIPs=["192.0.2.4", "2001:db8::4", "203.0.113.9"])])
        self.start_controller()
        self.wait_ready()
        self.wait_pods(NS, 1)
        self.chronicle = oracle.Chronicle()
        self.chronicle.note(self.cluster.api)
        found = []

        def good():
            at_rest = oracle.Snapshot(self.cluster.api).at_rest()
            found[:] = [at_rest] if at_rest else [] if self.settled() else ["busy"]
            found.extend(self.complaints())
            return not found
        eventually(good, lambda: "\n".join([*found, self.controller.output()[-2000:]]))
        self.chronicle.look(self.judgement)

    def create(self, kind, name, parent, **fields):
        """Creates an object as another client does."""
        status, answer = call(f"{self.api.url}/{kind}s", {kind: {"fq_name": name.split(":"), "parent_type": parent, **fields}})
        self.assertEqual(status, 200, answer)

    def change(self, kind, name, method="PUT", **fields):
        """Changes or deletes one object of the config API."""
        uuid = self.api.list(f"{kind}s")[name]["uuid"]
        status, answer = call(f"{self.api.url}/{kind}/{uuid}", {kind: fields} if fields else None, method)
        self.assertEqual(status, 200, answer)

    def complaints(self):
        """The current complaints of the oracle."""
        self.judgement = oracle.Judgement(oracle.Snapshot(self.cluster.api), self.api, TWO_FAMILIES.settings, self.untouched)
        events = oracle.Events(self.cluster.api)
        return (self.judgement.complaints + self.chronicle.complaints(self.judgement, events)
                + events.missing(self.judgement.told) + events.unfounded(self.judgement.told))

    def sees(self, *words):
        """Asserts that one complaint contains all these words."""
        found = self.complaints()
        self.assertTrue(any(all(word in line for word in words) for line in found), (words, found))

    def write_status(self, name, *addresses):
        """Writes a status as a load-balancer implementation does."""
        self.cluster.api.merge(f"/api/v1/namespaces/{NS}/services/{name}/status", {
            "status": {"loadBalancer": {"ingress": [{"ip": address} for address in addresses]}}})

    def pod_uid(self):
        """The UID of the only Pod."""
        return self.pods(NS)["web"]["metadata"]["uid"]

    def test_damage_around_external_networks_is_found(self):
        """The oracle checks references, rules, and objects that must not exist."""
        network, policy = f"default-domain:{NS}:web", f"{LEGACY}:__net_backbone"
        with self.controller.halted():
            references = self.api.list("virtual-networks")[network]["network_policy_refs"]
            self.change("virtual-network", network, network_policy_refs=[
                {"to": item["to"], "attr": {"sequence": {"major": 9, "minor": 0}}} for item in references])
            self.sees(network, "at {'major': 9")
            self.change("virtual-network", f"{LEGACY}:backbone", network_policy_refs=[])
            self.sees(f"{LEGACY}:backbone", "policies is set()")
            for name in (policy, f"default-domain:{NS}:__svc_oracle"):
                self.change("network-policy", name, network_policy_entries={"policy_rule": []})
                self.sees(name, "rules is set()")
            self.change("virtual-network", network, network_policy_refs=[])
            self.change("network-policy", policy, method="DELETE")
            self.sees(policy, "is missing")
            self.create("network-policy", f"{LEGACY}:__net_other", "project", network_policy_entries={"policy_rule": []})
            self.sees(f"{LEGACY}:__net_other", "must not be there")
            self.change("virtual-network", f"{LEGACY}:backbone", display_name="theirs", annotations={
                "key_value_pair": [{"key": "opencontrail.org/kind", "value": "PodTier"}]})
            self.sees(f"{LEGACY}:backbone", "PodTier")

    def test_damage_to_second_addresses_is_found(self):
        """The oracle checks the second addresses of Pods and Services."""
        pool = f"default-domain:{NS}:service-web:service-web"
        state = json.loads(self.pods(NS)["web"]["metadata"]["annotations"][STATE])
        with self.controller.halted():
            self.change("instance-ip", f"{NS}_web_v6", method="DELETE")
            self.sees(f"{NS}_web_v6", "is missing")
            self.change("instance-ip", self.pod_uid() + "_v6", method="DELETE")
            self.sees(self.pod_uid() + "_v6", "is missing")
            for name in ("balanced", "balanced_v4"):
                self.change("floating-ip", f"{pool}:{name}", method="DELETE")
                self.sees(f"{pool}:{name}", "is missing")

        def restored():
            return json.loads(self.pods(NS)["web"]["metadata"]["annotations"][STATE]) == state
        eventually(lambda: not self.complaints(), self.controller.output)
        self.assertTrue(restored())
        with self.controller.halted():
            for wrong in (dict(state, ipAddresses=state["ipAddresses"][:1]), dict(state, ipAddresses=state["ipAddresses"][::-1])):
                self.cluster.api.merge(f"/api/v1/namespaces/{NS}/pods/web", {
                    "metadata": {"annotations": {STATE: json.dumps(wrong)}}})
                self.sees("('red', 'web') has the pod state")
        eventually(restored, "the annotation is restored")

    def test_damage_to_load_balancers_is_found(self):
        """The oracle checks statuses, addresses that must last, and short names."""
        given = {str(address) for address in self.judgement.meaning.ingress(self.judgement.meaning.services[NS, "balanced"])}
        self.assertEqual(len(given), 2)
        old = next(address for address in given if ":" not in address)
        new = "192.0.2.2" if old != "192.0.2.2" else "192.0.2.1"
        with self.controller.halted():
            self.write_status("balanced", *(given - {old}))
            self.sees("balanced", "no address of IPv4")
            self.write_status("balanced", *given, new)
            self.sees("balanced", "of the families")
            self.write_status("balanced", *(given - {old}), "203.0.113.8")
            self.sees("balanced", "cannot have")
            self.write_status("theirs", "198.51.100.1")
            self.sees("theirs", "belongs to another implementation")
            self.chronicle.note(self.cluster.api)
            self.write_status("balanced", *(given - {old}), new)
            self.sees("balanced", "has lost its load-balancer address", old)
            self.write_status("balanced", *given)
            names = [name for name in self.api.list("floating-ips") if f"{PUBLIC}:{NS}_public" in name]
            for name in names:
                self.change("floating-ip", name, method="DELETE")
            self.sees("public", "has lost the short name of 192.0.2.4")
            self.assertEqual(len(names), 2)

    def test_missing_and_unfounded_events_are_found(self):
        """The oracle reports a missing Event, an unfounded one, and one that the documentation
        lacks."""
        path = f"/apis/events.k8s.io/v1/namespaces/{NS}/events"
        events = {event["reason"]: event for event in self.cluster.api.get(path)["items"]}
        with self.controller.halted():
            for reason in ("AddressOutOfRange", "NetworkReady", "ExternalAddressAssigned"):
                self.assertIn(reason, events)
            warning = events["AddressOutOfRange"]
            self.cluster.kubectl("delete", "events", "-n", NS, "--all")
            self.sees("no Event says", "AddressOutOfRange", "203.0.113.9")
            for name, reason, said in (("other", "AddressReserved", "unfounded Event"),
                                       ("odd", "Strange", "docs/events.md does not list"),
                                       ("wrong", "InvalidUses", "docs/events.md does not list")):
                self.cluster.api.post(path, {"apiVersion": "events.k8s.io/v1", "kind": "Event", **{key: warning[key] for key in (
                    "eventTime", "type", "action", "note", "regarding", "reportingController",
                    "reportingInstance")}, "reason": reason, "metadata": {"name": name, "namespace": NS}})
                self.sees(said, reason)


if __name__ == "__main__":
    unittest.main()
