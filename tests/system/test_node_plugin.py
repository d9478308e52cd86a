"""The node's plugin on a real API server: the user of a node reads the Pods of its node, and no
others. What the plugin does to a node's network is tested by tests/testbed/cni_check.py."""

import json
import os
import unittest

from rig import BIN, ROOT, eventually

from controlplane import Cluster, kubeconfig, process  # after rig, which sets the path

_NAMESPACE = "tenant"
_MANIFESTS = os.path.join(ROOT, "manifests", "node")
_NODES = ("node-a", "node-b")


def _node_user(cluster, node):
    """Makes a client certificate as a kubelet has it; (certificate, key)."""
    pki = os.path.join(cluster.folder, "pki")
    paths = {end: os.path.join(pki, f"{node}.{end}") for end in ("crt", "key", "csr")}
    for argv in (["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                  "-keyout", paths["key"], "-out", paths["csr"],
                  "-subj", f"/O=system:nodes/CN=system:node:{node}"],
                 ["x509", "-req", "-in", paths["csr"], "-CA", f"{pki}/ca.crt",
                  "-CAkey", f"{pki}/ca.key", "-days", "30", "-out", paths["crt"]]):
        done = process.run(["openssl", *argv])
        if done.returncode:
            raise RuntimeError(done.stderr)
    return paths["crt"], paths["key"]


class NodePlugin(unittest.TestCase):
    """Two nodes with a Pod each."""

    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster.start()
        cls.addClassCleanup(cls.cluster.stop)
        cls.cluster.kubectl("apply", "-k", _MANIFESTS)
        cls.cluster.kubectl("create", "namespace", _NAMESPACE)
        eventually(lambda: cls.cluster.kubectl("get", "serviceaccount", "default", "-o", "name",
                                               "-n", _NAMESPACE, check=False),
                   "Pods are admitted")
        cls.uids = {node: cls._pod(node) for node in _NODES}
        cls.users = {node: os.path.join(cls.cluster.folder, f"{node}.kubeconfig")
                     for node in _NODES}
        for node, path in cls.users.items():
            kubeconfig.write(path, cls.cluster.server, cls.cluster.ca_file, node,
                             cert=_node_user(cls.cluster, node))

    @classmethod
    def _pod(cls, node):
        """A Pod of that node, with the node's name; its UID."""
        cls.cluster.api.post("/api/v1/nodes", {"apiVersion": "v1", "kind": "Node",
                                               "metadata": {"name": node}})
        made = cls.cluster.api.post(f"/api/v1/namespaces/{_NAMESPACE}/pods", {
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"on-{node}"},
            "spec": {"nodeName": node,
                     "containers": [{"name": "main", "image": "example.net/app:1"}]}})
        return made["metadata"]["uid"]

    def _configuration(self, node):
        """As the container runtime makes it of the manifests' file."""
        text = self.cluster.api.get("/api/v1/namespaces/kube-system/configmaps/contrail-cni")
        whole = json.loads(text["data"]["10-contrail.conflist"])
        plugin, = whole["plugins"]
        return {**plugin, "name": whole["name"], "cniVersion": whole["cniVersion"],
                "kubeconfig": self.users[node], "timeoutSeconds": 3}

    def _add(self, user, pod_of, **more):
        """ADD for a Pod without the annotation, by the user of a node; its error."""
        done = process.run(
            [os.path.join(BIN, "contrail-cni")],
            json.dumps({**self._configuration(user), **more}),
            env={"PATH": os.environ["PATH"], "CNI_COMMAND": "ADD", "CNI_CONTAINERID": "c1",
                 "CNI_NETNS": "/proc/self/ns/net", "CNI_IFNAME": "eth0",
                 "CNI_ARGS": f"K8S_POD_NAMESPACE={_NAMESPACE};K8S_POD_NAME=on-{pod_of};"
                             f"K8S_POD_UID={self.uids[pod_of]}"})
        self.assertEqual(done.returncode, 1, done.stdout)
        return json.loads(done.stdout)

    def test_a_node_reads_its_own_pods(self):
        for node in _NODES:
            error = self._add(node, node)
            self.assertEqual(error["code"], 11, error)
            self.assertIn("does not have the annotation", error["details"])
            self.assertNotIn("Last failure", error["details"])

    def test_a_node_does_not_read_the_pods_of_other_nodes(self):
        error = self._add("node-a", "node-b")
        self.assertEqual(error["code"], 11, error)
        self.assertIn("it could not be read", error["details"])
        self.assertIn("forbidden", error["details"])

    def test_a_user_that_the_api_server_does_not_know_is_named(self):
        path = os.path.join(self.cluster.folder, "wrong.kubeconfig")
        kubeconfig.write(path, self.cluster.server, self.cluster.ca_file, "unknown",
                         token="wrong")
        error = self._add("node-a", "node-a", kubeconfig=path, timeoutSeconds=2)
        self.assertEqual(error["code"], 11, error)
        self.assertIn("Unauthorized", error["details"])


if __name__ == "__main__":
    unittest.main()
