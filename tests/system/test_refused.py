"""What the API server does not take from the controller: it is said whose fault that is, nothing is believed that is not there,
and once it is mended nothing else is to be done."""

import unittest

from rig import ACCOUNT, STATE, SystemTest, eventually

from controlplane.api import Api, ApiError  # noqa: E402  (rig has set the path)

NS, OTHER = "refused", "served"
NAME = "hinders.example.net"
_ROLE = "/apis/rbac.authorization.k8s.io/v1/clusterroles/kube-network-manager"
_METRIC = "knm_kubernetes_writes_refused"


def pod(name, namespace=NS):
    """One of the tier `web`."""
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "namespace": namespace, "labels": {"name": "web"}},
            "spec": {"containers": [{"name": "main", "image": "example.net/app:1"}]}}


class _Writes(SystemTest):
    """Two Namespaces, and a controller that has read everything."""

    def setUp(self):
        super().setUp()
        for name in (NS, OTHER):
            self.make_namespace(name)
            self.addCleanup(self.cluster.kubectl, "delete", "pods", "--all", "-n", name)
        self.start_controller()
        self.wait_ready()

    def metric(self, name):
        """Its lines."""
        return [line for line in str(self.get("/metrics")[1]).splitlines() if line.startswith(name + "{")]

    def state(self, name, namespace=NS):
        """What the Pod says of its network; None: nothing."""
        return self.pods(namespace)[name]["metadata"].get("annotations", {}).get(STATE)

    def wait_state(self, name, namespace=NS):
        """Until it says something."""
        return eventually(lambda: self.state(name, namespace),
                          lambda: f"{name} annotated:\n{self.controller.output()[-3000:]}")

    def serve(self, name, namespace=NS):
        """A Pod comes, and has its network."""
        self.apply([pod(name, namespace)])
        return self.wait_state(name, namespace)


class Refused(_Writes):
    """By a right that is missing, and by admission policies of somebody's."""

    def setUp(self):
        super().setUp()
        self.account = Api(self.cluster.server, self.cluster.ca_file, self.cluster.token(*ACCOUNT))
        self.serve("before")

    def tried(self):
        """What the API server makes of a patch as the controller sends it: the annotation that its answer shows, or its refusal.
        Nothing is written."""
        try:
            answer = self.account.merge(f"/api/v1/namespaces/{NS}/pods/before/status?dryRun=All",
                                        {"metadata": {"annotations": {STATE: "tried"}}})
        except ApiError as error:
            return str(error)
        return answer["metadata"].get("annotations", {}).get(STATE, "dropped")

    def grant(self, rules):
        """The controller has these rights, and no others."""
        self.cluster.api.merge(_ROLE, {"rules": rules})

    def hinder(self, kind, binding, **spec):
        """A policy of this kind about what is written to the status of Pods of one Namespace."""
        head = {"apiVersion": "admissionregistration.k8s.io/v1", "metadata": {"name": NAME}}
        about = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": NS}}, "resourceRules": [
            {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["UPDATE"], "resources": ["pods/status"]}]}
        self.addCleanup(self.hinder_no_more, kind)
        self.apply([{**head, "kind": kind, "spec": {"matchConstraints": about, **spec}},
                    {**head, "kind": f"{kind}Binding", "spec": {"policyName": NAME, **binding}}])

    def hinder_no_more(self, kind):
        """It goes."""
        self.cluster.kubectl("delete", f"{kind},{kind}Binding", NAME, "--ignore-not-found")

    def test_without_the_right(self):
        """It is the program's trouble and no Pod's, and over with the first patch that is taken."""
        rules = self.cluster.api.get(_ROLE)["rules"]
        self.addCleanup(self.grant, rules)
        self.grant([rule for rule in rules if "pods/status" not in rule["resources"]])
        eventually(lambda: "cannot patch" in self.tried(), "the right is gone")
        self.apply([pod("late")])

        def unready():
            status, text = self.get("/readyz")
            return status == 503 and text
        text = eventually(unready, lambda: f"not ready:\n{self.controller.output()[-3000:]}")
        self.assertIn("[-]pod-states failed: the API server refuses all patches of Pods", text)
        self.assertIn("[+]service-statuses ok", text)
        self.assertEqual(self.get("/livez")[0], 200)
        self.assertEqual(self.metric(_METRIC), [f'{_METRIC}{{kind="pod-state"}} 1'])
        event = self.event("Namespace", "kube-system", "WritesRefused", "default")
        self.assertEqual(event["type"], "Warning")
        self.assertIn('cannot patch resource "pods/status"', event["note"])
        self.assertEqual(self.events("Pod", "late", "RefusedByAPIServer", NS), [])
        self.assertIsNone(self.state("late"))

        self.grant(rules)
        self.wait_state("late")
        self.wait_ready()
        self.assertEqual(self.metric(_METRIC), [f'{_METRIC}{{kind="pod-state"}} 0'])

    def test_a_policy_takes_it_out(self):
        """What the API server accepts and does not show was not written."""
        kind = "MutatingAdmissionPolicy"
        self.hinder(kind, {}, reinvocationPolicy="Never",
                    matchConditions=[{"name": "has-it",
                                      "expression": f"'{STATE}' in object.metadata.?annotations.orValue({{}})"}],
                    mutations=[{"patchType": "JSONPatch", "jsonPatch": {"expression": (
                        "[JSONPatch{op: 'remove', path: '/metadata/annotations/' + "
                        f"jsonpatch.escapeKey('{STATE}')}}]")}}])
        eventually(lambda: self.tried() == "dropped", "the policy is in force")
        self.apply([pod("late")])
        event = self.event("Pod", "late", "DroppedByAPIServer", NS)
        self.assertEqual(event["type"], "Warning")
        self.assertIn("an admission policy or webhook removes it", event["note"])
        self.assertEqual(self.events("Pod", "late", "NetworkReady", NS), [])
        self.assertIsNone(self.state("late"))
        self.assertEqual(self.get("/readyz")[0], 200)

        self.hinder_no_more(kind)
        self.wait_state("late")
        self.event("Pod", "late", "NetworkReady", NS)

    def test_a_policy_denies_it(self):
        """It is told in the policy's words, and other Namespaces notice nothing."""
        kind = "ValidatingAdmissionPolicy"
        state = f"metadata.?annotations[?'{STATE}']"
        self.hinder(kind, {"validationActions": ["Deny"]},
                    validations=[{"expression": f"object.{state} == oldObject.{state}", "message": "nobody touches these"}])
        eventually(lambda: "nobody touches these" in self.tried(), "the policy is in force")
        late = [f"late-{i}" for i in range(5)]
        self.apply([pod(name) for name in late])
        for name in late:
            event = self.event("Pod", name, "RefusedByAPIServer", NS)
            self.assertEqual(event["type"], "Warning")
            self.assertIn("nobody touches these", event["note"])
        self.serve("late", OTHER)
        self.assertEqual([self.state(name) for name in late], [None] * len(late))
        self.assertEqual(self.get("/readyz")[0], 200)

        self.hinder_no_more(kind)
        for name in late:
            self.wait_state(name)


class Overwritten(_Writes):
    """By somebody who may."""

    policy = False  # others write the annotation here

    def test_another_writer_is_named(self):
        """It is put right each time, and told from the fourth time on: fewer may be chance."""
        right = self.serve("web")
        for _ in range(4):
            self.cluster.api.merge(f"/api/v1/namespaces/{NS}/pods/web?fieldManager=meddler",
                                   {"metadata": {"annotations": {STATE: "wrong"}}})
            eventually(lambda: self.state("web") == right and self.settled(),
                       lambda: f"put right:\n{self.controller.output()[-3000:]}")
        event = self.event("Pod", "web", "OverwrittenByOthers", NS)
        self.assertEqual(event["type"], "Warning")
        self.assertIn("meddler overwrites the annotation opencontrail.org/pod-state repeatedly", event["note"])
        self.assertEqual(self.metric("knm_overwritten_total"), ['knm_overwritten_total{kind="pod-state",manager="meddler"} 1'])


if __name__ == "__main__":
    unittest.main()
