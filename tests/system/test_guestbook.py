"""The example guestbook-go on a real control plane, from its creation to its deletion."""

import json
import os
import unittest

from rig import ACCOUNT, ROOT, STATE, SystemTest, differences, eventually

from controlplane.api import Api

APP = os.path.join(ROOT, "examples", "guestbook-go")
NS = "guestbook"
PROJECT = f"default-domain:{NS}"


def names(references):
    """The names in a list of references."""
    return sorted(":".join(ref["to"]) for ref in references or [])


class Guestbook(SystemTest):
    """The objects of guestbook in the config API and in Kubernetes."""

    def setUp(self):
        super().setUp()
        self.addCleanup(self.leave_namespace, NS)

    def bring_up(self):
        """Applies guestbook and waits until the controller has nothing left to do."""
        self.start_controller()
        self.wait_ready()
        self.apply(APP)
        self.wait_pods(NS, 6)
        self.wait_backends(NS, 6)
        self.wait_quiet()

    def reaches(self, tier):
        """The pod tiers that reach a service tier: they have a rule in the policy, and the
        policy is attached to their networks."""
        policy = self.api.list("network-policys")[f"{PROJECT}:__svc_{tier}"]
        networks = self.api.list("virtual-networks")
        sources = set()
        for rule in policy["network_policy_entries"]["policy_rule"]:
            self.assertEqual(rule["dst_addresses"][0]["virtual_network"], f"{PROJECT}:service-{tier}")
            self.assertEqual((rule["protocol"], rule["direction"], rule["action_list"]["simple_action"]),
                             ("any", "<>", "pass"))
            sources.add(rule["src_addresses"][0]["virtual_network"])
        attached = {name for name, network in networks.items()
                    if f"{PROJECT}:__svc_{tier}" in names(network.get("network_policy_refs"))}
        self.assertEqual(attached, sources | {f"{PROJECT}:service-{tier}"})
        return {name.rsplit(":", 1)[1] for name in sources}

    def test_what_comes_out(self):
        """The policies, the addresses and the external IP are as guestbook asks for."""
        self.bring_up()
        self.assertEqual(self.reaches("redis-master"), {"redis-slave", "guestbook"})
        self.assertEqual(self.reaches("redis-slave"), {"guestbook"})
        dns = self.api.list("network-policys")["default-domain:kube-system:__svc_default"]
        users = {rule["src_addresses"][0]["virtual_network"]
                 for rule in dns["network_policy_entries"]["policy_rule"]}
        self.assertEqual(users, {f"{PROJECT}:{tier}" for tier in ("redis-master", "redis-slave", "guestbook")}
                         | {"default-domain:kube-system:default-network"})
        addresses = self.api.list("floating-ips")
        public = addresses[f"default-domain:default-project:Public:Public:{NS}_guestbook"]
        service = json.loads(self.cluster.kubectl("get", "service", "guestbook", "-n", NS, "-o", "json"))
        self.assertEqual([public["floating_ip_address"]], service["spec"]["externalIPs"])
        interfaces = sorted(f"{PROJECT}:{name}" for name in self.pods(NS) if name.startswith("guestbook"))
        self.assertEqual(names(public["virtual_machine_interface_refs"]), interfaces)
        cluster_ip = addresses[f"{PROJECT}:service-guestbook:service-guestbook:guestbook"]
        self.assertEqual(cluster_ip["floating_ip_address"], service["spec"]["clusterIP"])
        self.assertEqual(cluster_ip["floating_ip_port_mappings"], public["floating_ip_port_mappings"])

    def test_pod_annotations_have_the_values_of_the_config_api(self):
        """The annotation has the values of the config API."""
        self.bring_up()
        interfaces = self.api.list("virtual-machine-interfaces")
        uses = self.api.list("instance-ips")
        for name, pod in self.pods(NS).items():
            state = json.loads(pod["metadata"]["annotations"][STATE])
            interface = interfaces[f"{PROJECT}:{name}"]
            self.assertEqual(state["uuid"], interface["uuid"])
            self.assertEqual([state["macAddress"]],
                             interface["virtual_machine_interface_mac_addresses"]["mac_address"])
            self.assertEqual(state["ipAddress"], uses[f"{NS}_{name}"]["instance_ip_address"])
            self.assertEqual(state["ipAddress"], pod["status"]["podIP"])
            self.assertEqual(state["podUid"], pod["metadata"]["uid"])

    def test_a_restart_writes_nothing(self):
        """A restarted controller finds all objects in sync."""
        self.bring_up()
        before = len(self.api.requests())
        versions = {name: pod["metadata"]["resourceVersion"] for name, pod in self.pods(NS).items()}
        self.assertEqual(self.controller.stop(), 0)
        self.start_controller()
        self.wait_ready()
        self.wait_quiet()
        added = self.api.requests()[before:]
        self.assertEqual([r for r in self.api.writes() if r in added], [])
        self.assertTrue(added, "the controller has read the inventory")
        self.assertEqual(versions, {name: pod["metadata"]["resourceVersion"]
                                    for name, pod in self.pods(NS).items()})

    def test_one_write_per_object(self):
        """With an empty config API and Ready Pods, the controller sends one create for each
        object and no other write. It reads only which database the server has and the first lists
        of the notifications."""
        self.bring_up()
        self.controller.stop()
        self.api.stop()
        self.api = type(self.api)(self.folder)
        self.addCleanup(self.api.stop)
        untouched = self.api.dump()
        self.start_controller()
        self.wait_ready()
        self.wait_quiet()
        made = sum(len(objects) - len(untouched[kind]) for kind, objects in self.api.dump().items())
        controllers = [r for r in self.api.requests() if "detail=true" not in r["target"] and r["target"] != "/"]
        writes = [r for r in controllers if r in self.api.writes()]
        reads = [r for r in controllers if r not in writes]
        self.assertEqual((len(writes), {r["method"] for r in writes}), (made, {"POST"}))
        self.assertEqual({r["target"].split("?")[0] for r in reads}, {"/fqname-to-id", "/watch"})
        self.assertEqual(len([r for r in reads if r["target"] != "/fqname-to-id"]), 1)
        print(f"\n  {made} objects, {len(writes)} writes, {len(reads)} reads")

    def test_an_unready_pod_is_removed_from_its_service_address(self):
        """A Service address does not forward to a Pod while the Pod is not Ready."""
        self.bring_up()
        pod = next(name for name in self.pods(NS) if name.startswith("guestbook"))
        address = f"{PROJECT}:service-guestbook:service-guestbook:guestbook"

        def members():
            return names(self.api.list("floating-ips")[address].get("virtual_machine_interface_refs"))
        members_before = members()
        self.cluster.kubectl("annotate", "pod", "-n", NS, pod, "test.opencontrail.org/ready=false")
        others = [m for m in members_before if m != f"{PROJECT}:{pod}"]
        eventually(lambda: members() == others, "the Pod is removed from the address")
        self.cluster.kubectl("annotate", "pod", "-n", NS, pod, "test.opencontrail.org/ready-")
        eventually(lambda: members() == members_before, "the Pod is added to the address again")

    def test_a_deleted_namespace_leaves_no_objects(self):
        """All config objects of the Namespace are deleted."""
        self.start_controller()
        self.wait_ready()
        self.wait_pods("kube-system", 1)  # the DNS Pod, which stays
        self.wait_quiet()
        before = self.api.dump()
        self.apply(APP)
        self.wait_pods(NS, 6)
        self.wait_backends(NS, 6)
        self.wait_quiet()
        self.assertNotEqual(self.api.dump(), before)
        self.delete_namespace(NS)
        eventually(lambda: self.api.dump() == before, lambda: differences(self.api.dump(), before))

    def test_a_forged_annotation_is_restored(self):
        """A forged annotation cannot give a Pod the interface of another Pod."""
        self.bring_up()
        pod, victim = sorted(self.pods(NS))[:2]
        states = {name: self.pods(NS)[name]["metadata"]["annotations"][STATE] for name in (pod, victim)}
        # The policy refuses the annotation of other clients. It does not help against a stolen
        # token of the controller.
        thief = Api(self.cluster.server, self.cluster.ca_file, self.cluster.token(*ACCOUNT))
        thief.merge(f"/api/v1/namespaces/{NS}/pods/{pod}/status", {"metadata": {"annotations": {STATE: states[victim]}}})
        eventually(lambda: self.pods(NS)[pod]["metadata"]["annotations"].get(STATE) == states[pod], "repaired")


if __name__ == "__main__":
    unittest.main()
