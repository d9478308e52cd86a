"""Writes to a real API server, which kubectl then shows."""

import json
import os
import unittest

from reflect import Reflect
from shared import OTHER_UID, ClusterTest

setUpModule, tearDownModule = ClusterTest.start_cluster, ClusterTest.stop_cluster


def without(item, *paths):
    """A copy of an object without the fields that a write may change."""
    item = json.loads(json.dumps(item))
    for path in [("metadata", "resourceVersion"), ("metadata", "managedFields"), *paths]:
        parent = item
        for key in path[:-1]:
            parent = parent.get(key, {})
        parent.pop(path[-1], None)
    return item


class Writes(ClusterTest):
    """A patch changes the fields that it names, and no others."""

    def setUp(self):
        self.program = Reflect(self.cluster.kubeconfig)
        self.addCleanup(self.program.end)

    def test_an_annotation_patch_keeps_volumes_owners_and_finalizers(self):
        self.cluster.kubectl("create", "deployment", "owned", "-n", "shop", "--image=x")
        self.cluster.kubectl("rollout", "status", "deployment/owned", "-n", "shop", "--timeout=60s")
        owned = json.loads(self.cluster.kubectl("get", "pods", "-n", "shop", "-l", "app=owned", "-o", "json"))["items"][0]
        self.assertTrue(owned["metadata"]["ownerReferences"])
        for name in ["plain", "host", owned["metadata"]["name"]]:
            before = self.one("pod", name)
            uid = before["metadata"]["uid"]
            done = self.program.ask("annotate", "shop", name, uid, "example.org/state", "x")
            after = self.one("pod", name)
            self.assertEqual(done, {"outcome": "done", "version": int(after["metadata"]["resourceVersion"]), "error": ""})
            self.assertEqual(after["metadata"]["annotations"].pop("example.org/state"), "x")
            if not after["metadata"]["annotations"]:
                del after["metadata"]["annotations"]
            self.assertEqual(without(after), without(before))
            self.assertEqual(self.program.ask("annotate", "shop", name, uid, "example.org/state")["outcome"], "done")
            self.assertEqual(without(self.one("pod", name)), without(before))
        self.assertIn("projected", json.dumps(self.one("pod", "plain")["spec"]["volumes"]))
        self.assertEqual(self.one("pod", "host")["metadata"]["finalizers"], ["example.org/hold"])

    def test_another_object_of_the_same_name_is_not_touched(self):
        for kind, name, command in [("pod", "plain", ["annotate", "shop", "plain", OTHER_UID, "example.org/state", "x"]),
                                    ("service", "front", ["ingress", "shop", "front", OTHER_UID, "192.0.2.1"])]:
            before = self.one(kind, name)
            answer = self.program.ask(*command)
            self.assertEqual(answer["outcome"], "gone", answer)
            self.assertEqual(self.one(kind, name), before)

    def test_the_load_balancer_status_is_set(self):
        before = self.one("service", "front")
        uid = before["metadata"]["uid"]
        for ips in [["192.0.2.1"], ["192.0.2.2", "192.0.2.3"], []]:
            answer = self.program.ask("ingress", "shop", "front", uid, *ips)
            self.assertEqual(answer["outcome"], "done", answer)
            after = self.one("service", "front")
            ingress = after["status"]["loadBalancer"].get("ingress", [])
            self.assertEqual([entry["ip"] for entry in ingress], ips)
            self.assertEqual(without(after, ("status", "loadBalancer")), without(before, ("status", "loadBalancer")))

    def test_removed_addresses_leave_other_entries(self):
        """Entries of other clients, and fields that the library does not know, stay."""
        before = self.one("service", "front")
        uid = before["metadata"]["uid"]
        foreign = [{"hostname": "lb.example.org"},
                  {"ip": "198.51.100.7", "ipMode": "Proxy", "ports": [{"port": 80, "protocol": "TCP"}]}]
        entries = [{"ip": "192.0.2.1"}, foreign[0], {"ip": "192.0.2.2"}, foreign[1]]
        self.cluster.kubectl("--namespace", "shop", "patch", "service", "front", "--subresource=status", "--type=merge",
                        "--patch", json.dumps({"status": {"loadBalancer": {"ingress": entries}}}))

        def take_out(*shown, uid=uid):
            return self.program.ask("take-out", "shop", "front", uid, "192.0.2.1", "192.0.2.2", "of", *shown)

        now = ["192.0.2.1", "lb.example.org", "192.0.2.2", "198.51.100.7"]
        for answer in (take_out("192.0.2.2", *now), take_out(*now, uid=OTHER_UID)):
            self.assertEqual(answer["outcome"], "invalid", answer)
        self.assertEqual(len(self.one("service", "front")["status"]["loadBalancer"]["ingress"]), 4)
        answer = take_out(*now)
        self.assertEqual(answer["outcome"], "done", answer)
        after = self.one("service", "front")["status"]["loadBalancer"]["ingress"]
        self.assertEqual([{**entry, "ipMode": None} for entry in after],
                         [{**entry, "ipMode": None} for entry in foreign])
        self.assertEqual(after[1]["ipMode"], "Proxy")
        self.assertEqual(self.program.ask("ingress", "shop", "front", uid)["outcome"], "done")

    def test_a_missing_object_is_gone_and_an_invalid_key_is_invalid(self):
        uid = self.one("pod", "plain")["metadata"]["uid"]
        self.assertEqual(self.program.ask("annotate", "shop", "none", uid, "a", "b")["outcome"], "gone")
        self.assertEqual(self.program.ask("annotate", "shop", "plain", uid, "not/a/key", "b")["outcome"], "invalid")
        self.assertEqual(self.program.ask("get", "/api/v1/namespaces/shop")["got"]["metadata"]["name"], "shop")

    def test_the_last_other_writer_of_an_annotation_is_named(self):
        uid = self.one("pod", "plain")["metadata"]["uid"]
        self.assertEqual(self.program.ask("annotate", "shop", "plain", uid, "example.org/written", "x")["outcome"], "done")
        self.assertEqual(self.program.ask("writer-of", "shop", "plain", uid, "example.org/written")["outcome"], "")
        self.cluster.kubectl("annotate", "--overwrite", "--field-manager=another", "-n", "shop", "pod/plain", "example.org/written=y")
        self.assertEqual(self.program.ask("writer-of", "shop", "plain", uid, "example.org/written")["outcome"], "another")

    def test_an_apply_creates_owns_and_takes_over_fields(self):
        path = "/api/v1/namespaces/shop/configmaps/applied"

        def apply(manager, value, *force):
            body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "applied"}, "data": {"key": value}}
            return self.program.ask("apply", path, manager, json.dumps(body, separators=(",", ":")), *force)

        answer = apply("first", "a")
        self.assertEqual(answer, {"outcome": "done", "error": "",
                                  "version": int(self.one("configmap", "applied")["metadata"]["resourceVersion"])})
        refused_answer = apply("second", "b")
        self.assertEqual(refused_answer["outcome"], "conflict")
        self.assertIn('"first"', refused_answer["error"])
        self.assertEqual(apply("second", "b", "force")["outcome"], "done")
        self.assertEqual(self.one("configmap", "applied")["data"], {"key": "b"})

    def test_patches_and_deletions_of_any_object(self):
        self.cluster.kubectl("create", "configmap", "patched", "-n", "shop", "--from-literal=key=a")
        path = "/api/v1/namespaces/shop/configmaps/patched"
        uid = self.one("configmap", "patched")["metadata"]["uid"]
        answer = self.program.ask("merge-patch", path, '{"data":{"more":"b"}}')
        self.assertEqual(answer["outcome"], "done", answer)
        failing = '[{"op":"test","path":"/data/key","value":"other"},{"op":"remove","path":"/data/key"}]'
        self.assertEqual(self.program.ask("json-patch", path, failing)["outcome"], "invalid")
        self.assertEqual(self.one("configmap", "patched")["data"], {"key": "a", "more": "b"})
        self.assertEqual(self.program.ask("json-patch", path, failing.replace("other", "a"))["outcome"], "done")
        self.assertEqual(self.one("configmap", "patched")["data"], {"more": "b"})
        self.assertEqual(self.program.ask("merge-patch", "/api/v1/namespaces/shop/services/front/status",
                                          '{"status":{"conditions":[]}}')["outcome"], "done")
        refused_answer = self.program.ask("remove", path, OTHER_UID)
        self.assertEqual(refused_answer["outcome"], "conflict", refused_answer)
        self.assertEqual(self.program.ask("remove", path, uid)["outcome"], "done")
        self.assertEqual(self.program.ask("remove", path, uid)["outcome"], "gone")

    def test_a_refused_write_names_the_permission(self):
        path = os.path.join(self.scratch, "nobody")
        self.cluster.write_account_kubeconfig(path, "shop", "default")
        with Reflect(path) as program:
            uid = self.one("pod", "plain")["metadata"]["uid"]
            answer = program.ask("annotate", "shop", "plain", uid, "a", "b")
            self.assertEqual(answer["outcome"], "forbidden")
            self.assertIn('cannot patch resource "pods/status"', answer["error"])


if __name__ == "__main__":
    unittest.main()
