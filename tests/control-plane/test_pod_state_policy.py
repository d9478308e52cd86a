"""Only the controller writes the annotation that nodes plug a Pod's interface from: manifests/policy, on a real API
server."""

import json
import os
import sys
import unittest

_HERE = os.path.dirname(os.path.abspath(__file__))
_ROOT = os.path.dirname(os.path.dirname(_HERE))
sys.path.insert(0, _HERE)

from controlplane import Cluster, wait_for  # noqa: E402
from controlplane.api import Api, ApiError  # noqa: E402

KEY = "opencontrail.org/pod-state"
NS = "tenant"
_PODS = f"/api/v1/namespaces/{NS}/pods"
_MERGE, _STRATEGIC = "application/merge-patch+json", "application/strategic-merge-patch+json"
_JSON_PATCH, _APPLY = "application/json-patch+json", "application/apply-patch+yaml"
_FORGED = '{"uuid":"11111111-2222-4333-8444-555555555555","ipAddress":"10.0.0.7"}'


def pod(name, state=None, **spec):
    """It is not scheduled."""
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "annotations": {KEY: state} if state is not None else {}},
            "spec": {"schedulerName": "none", "containers": [{"name": "main", "image": "example.net/app:1"}], **spec}}


class PodStatePolicy(unittest.TestCase):
    """As a tenant with `edit` in its Namespace, as an administrator, and as the controller."""

    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster.start()
        cls.addClassCleanup(cls.cluster.stop)
        cls.cluster.kubectl("apply", "-k", os.path.join(_ROOT, "manifests", "base"))
        cls.cluster.kubectl("create", "namespace", NS)
        cls.cluster.kubectl("create", "serviceaccount", "author", "-n", NS)
        cls.cluster.kubectl("create", "rolebinding", "author", "-n", NS, "--clusterrole=edit",
                            f"--serviceaccount={NS}:author")
        cls.admin = cls.cluster.api
        cls.tenant = cls.client(NS, "author")
        cls.controller = cls.client("kube-system", "kube-network-manager")
        wait_for(lambda: cls.cluster.kubectl("get", "serviceaccount", "default", "-n", NS, "-o", "name", check=False),
                 30, "pods are admitted")
        # The API server looks for new policies once a second.
        wait_for(lambda: cls.is_refused(cls.admin, "POST", _PODS + "?dryRun=All", pod("first", _FORGED)), 30,
                 "the policy is in force")

    @classmethod
    def client(cls, namespace, account):
        """With the rights of a ServiceAccount."""
        return Api(cls.cluster.server, cls.cluster.ca_file, cls.cluster.token(namespace, account))

    @staticmethod
    def is_refused(client, method, path, body, content="application/json"):
        """Whether the policy, and nothing else, is against it."""
        try:
            client.text(method, path, body, content)
        except ApiError as error:
            return error.code == 403 and "pod-state.opencontrail.org" in str(error) \
                and "written by kube-network-manager alone" in str(error)
        return False

    def assert_refused(self, client, method, path, body, content="application/json"):
        """By the policy."""
        try:
            client.text(method, path, body, content)
        except ApiError as error:
            self.assertEqual(error.code, 403, error)
            self.assertIn("written by kube-network-manager alone", str(error))
        else:
            self.fail(f"{method} {path} {body} passed")

    def make(self, name, state=None, **spec):
        """A Pod of the tenant's, with what the controller says of it."""
        self.tenant.post(_PODS, pod(name, **spec))
        self.addCleanup(self.admin.text, "DELETE", f"{_PODS}/{name}?gracePeriodSeconds=0")
        if state is not None:
            self.say(name, state)
        return self.admin.get(f"{_PODS}/{name}")

    def say(self, name, state):
        """As the controller does it."""
        uid = self.admin.get(f"{_PODS}/{name}")["metadata"]["uid"]
        return self.controller.merge(f"{_PODS}/{name}/status",
                                     {"metadata": {"uid": uid, "annotations": {KEY: state}}})

    def state(self, name):
        """What the Pod says."""
        return self.admin.get(f"{_PODS}/{name}")["metadata"].get("annotations", {}).get(KEY)

    def test_a_pod_is_not_created_with_it(self):
        """By no author; and what is empty is there, too."""
        for client in (self.tenant, self.admin):
            for state in (_FORGED, "", "-"):
                self.assert_refused(client, "POST", _PODS, pod("forged", state))
        apply = dict(pod("forged", _FORGED))
        self.assert_refused(self.tenant, "PATCH", f"{_PODS}/forged?fieldManager=me", apply, _APPLY)
        self.assert_refused(self.admin, "POST", _PODS, pod("forged", _FORGED, hostNetwork=True))

    def test_a_mirror_of_a_static_pod_is_not_created_with_it(self):
        """What a node's own file says is no other matter."""
        mirror = pod("static-node", _FORGED, nodeName="k8s-node-01")
        mirror["metadata"]["annotations"]["kubernetes.io/config.mirror"] = "x"
        self.assert_refused(self.admin, "POST", _PODS, mirror)
        del mirror["metadata"]["annotations"][KEY]
        self.admin.post(_PODS, mirror)
        self.admin.text("DELETE", f"{_PODS}/static-node?gracePeriodSeconds=0")

    def test_pods_of_a_template_with_it_are_refused(self):
        """The Deployment is taken; its Pods are not, and its status says why."""
        template = {"metadata": {"labels": {"app": "d"}, "annotations": {KEY: _FORGED}}, "spec": pod("x")["spec"]}
        self.tenant.post(f"/apis/apps/v1/namespaces/{NS}/deployments", {
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"},
            "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "d"}}, "template": template}})
        self.addCleanup(self.admin.text, "DELETE", f"/apis/apps/v1/namespaces/{NS}/deployments/d")

        def said():
            status = self.admin.get(f"/apis/apps/v1/namespaces/{NS}/deployments/d").get("status", {})
            return [c["message"] for c in status.get("conditions", []) if c["type"] == "ReplicaFailure"]
        wait_for(said, 60, "the Deployment says that its Pod was refused")
        self.assertIn("written by kube-network-manager alone", said()[0])

    def test_it_is_not_changed_by_others(self):
        """Set, changed, emptied, removed; by every kind of write that a tenant has."""
        for name, before in (("bare", None), ("told", '{"uuid":"mine"}')):
            there = self.make(name, before)
            for value in (_FORGED, "") if before is None else (_FORGED, "", None):
                patch = {"metadata": {"annotations": {KEY: value}}}
                for content in (_MERGE, _STRATEGIC):
                    self.assert_refused(self.tenant, "PATCH", f"{_PODS}/{name}", patch, content)
                whole = json.loads(json.dumps(there))
                whole["metadata"]["annotations"] = {KEY: value} if value is not None else {}
                for version in (self.admin.get(f"{_PODS}/{name}")["metadata"]["resourceVersion"], ""):
                    whole["metadata"]["resourceVersion"] = version
                    self.assert_refused(self.tenant, "PUT", f"{_PODS}/{name}", whole)
            path = "/metadata/annotations" if before is None else "/metadata/annotations/opencontrail.org~1pod-state"
            value = {KEY: _FORGED} if before is None else _FORGED
            self.assert_refused(self.tenant, "PATCH", f"{_PODS}/{name}", [{"op": "add", "path": path, "value": value}],
                                _JSON_PATCH)
            self.assert_refused(self.tenant, "PATCH", f"{_PODS}/{name}?fieldManager=me&force=true",
                                {"apiVersion": "v1", "kind": "Pod", "metadata": {"annotations": {KEY: _FORGED}}}, _APPLY)
            self.assertEqual(self.state(name), before)

    def test_no_subresource_lets_it_through(self):
        """Nor for an administrator. A tenant may write none of these."""
        self.make("sub")
        patch = {"metadata": {"annotations": {KEY: _FORGED}}}
        self.assert_refused(self.admin, "PATCH", f"{_PODS}/sub/status", patch, _MERGE)
        whole = self.admin.get(f"{_PODS}/sub")
        whole["metadata"]["annotations"] = {KEY: _FORGED}
        self.assert_refused(self.admin, "PUT", f"{_PODS}/sub/status", whole)
        binding = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": "sub", "annotations": {KEY: _FORGED}},
                   "target": {"kind": "Node", "name": "k8s-node-01"}}
        self.assert_refused(self.admin, "POST", f"{_PODS}/sub/binding", binding)
        self.assert_refused(self.admin, "POST", f"/api/v1/namespaces/{NS}/bindings", binding)
        for subresource, body in (("ephemeralcontainers", {"spec": {"ephemeralContainers": [
                {"name": "debug", "image": "example.net/debug:1"}]}}), ("resize", {})):
            # These take no metadata at all, so that nothing is to be refused.
            self.admin.text("PATCH", f"{_PODS}/sub/{subresource}", {**body, **patch}, _STRATEGIC)
            self.assertIsNone(self.state("sub"), subresource)
        for subresource in ("status", "ephemeralcontainers", "resize", "binding"):
            with self.assertRaises(ApiError) as refused:
                self.tenant.text("POST" if subresource == "binding" else "PATCH", f"{_PODS}/sub/{subresource}",
                                 binding if subresource == "binding" else patch,
                                 "application/json" if subresource == "binding" else _MERGE)
            self.assertEqual(refused.exception.code, 403)

    def test_the_controller_writes_it(self):
        """By the status, with the UID as precondition; it stays when others write the Pod, and goes when it says so."""
        there = self.make("ours")
        self.assertEqual(self.say("ours", "one")["metadata"]["annotations"][KEY], "one")
        self.say("ours", "two")
        # As a kubelet does: of the status alone, and later of the whole object.
        ready = {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}
        self.admin.text("PATCH", f"{_PODS}/ours/status", {"metadata": {"uid": there["metadata"]["uid"]}, **ready}, _STRATEGIC)
        whole = self.admin.get(f"{_PODS}/ours")
        whole["status"]["message"] = "rolls on"
        self.admin.text("PUT", f"{_PODS}/ours/status", whole)
        # As users and controllers do.
        self.tenant.merge(f"{_PODS}/ours", {"metadata": {"labels": {"name": "web"}, "annotations": {"uses": "db"}}})
        whole = self.tenant.get(f"{_PODS}/ours")
        whole["metadata"]["labels"]["name"] = "db"
        self.tenant.text("PUT", f"{_PODS}/ours", whole)
        self.tenant.text("PATCH", f"{_PODS}/ours?fieldManager=me", {
            "apiVersion": "v1", "kind": "Pod", "metadata": {"labels": {"more": "yes"}}}, _APPLY)
        after = self.admin.get(f"{_PODS}/ours")
        self.assertEqual(after["metadata"]["annotations"], {KEY: "two", "uses": "db"})
        self.assertEqual((after["status"]["phase"], after["status"]["message"]), ("Running", "rolls on"))
        self.say("ours", None)
        self.assertIsNone(self.state("ours"))

    def test_the_controllers_token_changes_no_spec(self):
        """What a thief of it may do is to write statuses, labels and annotations of Pods."""
        self.make("prey")
        with self.assertRaises(ApiError) as of_another:
            self.controller.merge(f"{_PODS}/prey/status", {"metadata": {
                "uid": "11111111-2222-4333-8444-555555555555", "annotations": {KEY: "x"}}})
        self.assertEqual(of_another.exception.code, 422)
        image = {"spec": {"containers": [{"name": "main", "image": "example.net/evil:1"}]}}
        self.controller.merge(f"{_PODS}/prey/status", image)
        self.assertEqual(self.admin.get(f"{_PODS}/prey")["spec"]["containers"][0]["image"], "example.net/app:1")
        with self.assertRaises(ApiError) as whole:
            self.controller.merge(f"{_PODS}/prey", image)
        self.assertEqual(whole.exception.code, 403)
        with self.assertRaises(ApiError) as forged:
            self.controller.post(_PODS, pod("new", _FORGED))
        self.assertEqual(forged.exception.code, 403)

    def test_the_scheduler_binds_a_pod_that_has_it(self):
        """A binding that says nothing of it passes."""
        self.make("bound", "state")
        self.admin.post(f"{_PODS}/bound/binding", {
            "apiVersion": "v1", "kind": "Binding", "metadata": {"name": "bound", "annotations": {"a": "b"}},
            "target": {"kind": "Node", "name": "k8s-node-01"}})
        self.assertEqual(self.state("bound"), "state")


if __name__ == "__main__":
    unittest.main()
