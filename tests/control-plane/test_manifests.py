"""A real API server accepts the manifests and examples. The controller has the permissions that
it needs, and no others."""

import glob
import os
import sys
import unittest

_HERE = os.path.dirname(os.path.abspath(__file__))
_ROOT = os.path.dirname(os.path.dirname(_HERE))
sys.path.insert(0, _HERE)

from controlplane import Cluster  # noqa: E402

_ACCOUNT = "system:serviceaccount:kube-system:kube-network-manager"
_ALLOWED = [
    "list pods", "watch pods", "patch pods --subresource=status", "list services", "watch services",
    "list namespaces", "watch namespaces", "list endpointslices.discovery.k8s.io",
    "watch endpointslices.discovery.k8s.io", "patch services --subresource=status",
    "create events.events.k8s.io", "patch events.events.k8s.io",
    "get validatingadmissionpolicies.admissionregistration.k8s.io/pod-state.opencontrail.org",
    "get validatingadmissionpolicybindings.admissionregistration.k8s.io/pod-state.opencontrail.org",
    "create leases.coordination.k8s.io -n kube-system",
    "get leases.coordination.k8s.io/kube-network-manager -n kube-system",
    "update leases.coordination.k8s.io/kube-network-manager -n kube-system"]
_REFUSED = [
    "update pods", "delete pods", "create pods", "patch pods", "update pods --subresource=status", "get pods",
    "patch services", "update services", "patch namespaces", "get secrets", "list secrets",
    "list configmaps", "list nodes", "get namespaces/default", "get namespaces/kube-system",
    "list validatingadmissionpolicies.admissionregistration.k8s.io",
    "get validatingadmissionpolicies.admissionregistration.k8s.io/another", "create events", "get leases",
    "get leases.coordination.k8s.io/another -n kube-system", "list leases.coordination.k8s.io -n kube-system",
    "delete leases.coordination.k8s.io/kube-network-manager -n kube-system", "create leases.coordination.k8s.io",
    "create tokenreviews.authentication.k8s.io"]


class Manifests(unittest.TestCase):
    """The manifests on one cluster."""

    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster.start()
        cls.addClassCleanup(cls.cluster.stop)
        # Both have the rights. What the tests see is those of base, which kustomize has changed most.
        cls.cluster.kubectl("apply", "-k", os.path.join(_ROOT, "manifests", "demo"))
        cls.cluster.kubectl("apply", "-k", os.path.join(_ROOT, "manifests", "base"))

    def can(self, question):
        return self.cluster.kubectl("auth", "can-i", *question.split(), f"--as={_ACCOUNT}",
                                    check=False).strip()

    def test_the_controller_has_the_permissions_that_it_needs(self):
        for question in _ALLOWED:
            with self.subTest(question=question):
                self.assertEqual(self.can(question), "yes")

    def test_the_controller_has_no_other_permissions(self):
        for question in _REFUSED:
            with self.subTest(question=question):
                self.assertEqual(self.can(question), "no")

    def test_the_controller_is_scheduled_beside_the_api_server(self):
        pod = self.cluster.api.get(
            "/apis/apps/v1/namespaces/kube-system/deployments/kube-network-manager"
        )["spec"]["template"]["spec"]
        self.assertTrue(pod["hostNetwork"])
        self.assertEqual(pod["serviceAccountName"], "kube-network-manager")
        mounted = pod["volumes"][0]["configMap"]["name"]
        self.assertIn("config.yaml", self.cluster.api.get(
            f"/api/v1/namespaces/kube-system/configmaps/{mounted}")["data"])

    def test_dns_has_the_address_that_pods_expect(self):
        self.assertEqual(self.cluster.kubectl(
            "get", "service", "kube-dns", "-n", "kube-system", "-o",
            "jsonpath={.spec.clusterIP}"), "10.254.0.10")

    def test_each_example_has_all_service_tiers(self):
        examples = [example for example in sorted(os.listdir(os.path.join(_ROOT, "examples")))
                    if glob.glob(os.path.join(_ROOT, "examples", example, "*.yaml"))]
        self.assertIn("guestbook-go", examples)
        for example in examples:
            with self.subTest(example=example):
                folder = os.path.join(_ROOT, "examples", example)
                self.cluster.kubectl("apply", "-f", folder)
                self.assertEqual(_unresolved(self.cluster), [])


def _unresolved(cluster):
    """The tiers that Pod templates use and that no Service of their Namespace has."""
    tiers = {(service["metadata"]["namespace"], service["metadata"].get("labels", {}).get("name"))
             for service in cluster.api.get("/api/v1/services")["items"]}
    missing = []
    for deployment in cluster.api.get("/apis/apps/v1/deployments")["items"]:
        template = deployment["spec"]["template"]["metadata"]
        namespace = deployment["metadata"]["namespace"]
        for holder in (template.get("labels", {}), template.get("annotations", {})):
            for tier in filter(None, holder.get("uses", "").split(",")):
                if (namespace, tier.strip()) not in tiers:
                    missing.append(f"{namespace}/{tier}")
    return missing


if __name__ == "__main__":
    unittest.main()
