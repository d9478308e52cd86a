"""kubeconfig files as common tools write them: the library reads the same values as kubectl."""

import base64
import json
import os
import subprocess
import sys
import tempfile
import textwrap
import unittest

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(_HERE, "..", "control-plane"))

from controlplane import binaries  # noqa: E402

READ = os.environ.get("K8S_KUBECONFIG", os.path.join(_HERE, "..", "..", "build", "release", "tests", "k8s_kubeconfig"))


def b64(text):
    """Base64, as these files contain certificates and keys."""
    return base64.b64encode(text.encode()).decode()


CA, CERT, KEY = b64("-----BEGIN CERTIFICATE-----\nca\n"), b64("-----BEGIN CERTIFICATE-----\nme\n"), b64("-----BEGIN KEY-----\nk\n")

# Complete files in the format of each tool, with invented data.
STYLES = {
    "kind": f"""
        apiVersion: v1
        clusters:
        - cluster:
            certificate-authority-data: {CA}
            server: https://127.0.0.1:41863
          name: kind-kind
        contexts:
        - context:
            cluster: kind-kind
            user: kind-kind
          name: kind-kind
        current-context: kind-kind
        kind: Config
        preferences: {{}}
        users:
        - name: kind-kind
          user:
            client-certificate-data: {CERT}
            client-key-data: {KEY}
        """,
    "k3s": f"""
        apiVersion: v1
        clusters:
        - cluster:
            certificate-authority-data: {CA}
            server: https://127.0.0.1:6443
          name: default
        contexts:
        - context:
            cluster: default
            user: default
          name: default
        current-context: default
        kind: Config
        users:
        - name: default
          user:
            client-certificate-data: {CERT}
            client-key-data: {KEY}
        """,
    "minikube": """
        apiVersion: v1
        clusters:
        - cluster:
            certificate-authority: /home/me/.minikube/ca.crt
            extensions:
            - extension:
                last-update: Mon, 02 Jan 2006 15:04:05 UTC
                provider: minikube.sigs.k8s.io
                version: v1.36.0
              name: cluster_info
            server: https://192.168.49.2:8443
          name: minikube
        contexts:
        - context:
            cluster: minikube
            extensions:
            - extension:
                last-update: Mon, 02 Jan 2006 15:04:05 UTC
                provider: minikube.sigs.k8s.io
                version: v1.36.0
              name: context_info
            namespace: default
            user: minikube
          name: minikube
        current-context: minikube
        kind: Config
        preferences: {}
        users:
        - name: minikube
          user:
            client-certificate: /home/me/.minikube/profiles/minikube/client.crt
            client-key: /home/me/.minikube/profiles/minikube/client.key
        """,
    "kubeadm": f"""
        apiVersion: v1
        clusters:
        - cluster:
            certificate-authority-data: {CA}
            server: https://api.example.org:6443
          name: kubernetes
        contexts:
        - context:
            cluster: kubernetes
            user: kubernetes-admin
          name: kubernetes-admin@kubernetes
        current-context: kubernetes-admin@kubernetes
        kind: Config
        preferences: {{}}
        users:
        - name: kubernetes-admin
          user:
            client-certificate-data: {CERT}
            client-key-data: {KEY}
        """,
    "kubelet of kubeadm": f"""
        apiVersion: v1
        clusters:
        - cluster: {{certificate-authority-data: "{CA}", server: "https://api.example.org:6443"}}
          name: default-cluster
        contexts:
        - context: {{cluster: default-cluster, namespace: default, user: default-auth}}
          name: default-context
        current-context: default-context
        kind: Config
        users:
        - name: default-auth
          user:
            client-certificate: pki/kubelet-client-current.pem
            client-key: pki/kubelet-client-current.pem
        """,
    "OpenShift (oc login)": """
        apiVersion: v1
        clusters:
        - cluster:
            insecure-skip-tls-verify: true
            server: https://api.crc.example.org:6443
          name: api-crc-example-org:6443
        contexts:
        - context:
            cluster: api-crc-example-org:6443
            namespace: my-project
            user: developer/api-crc-example-org:6443
          name: my-project/api-crc-example-org:6443/developer
        current-context: my-project/api-crc-example-org:6443/developer
        kind: Config
        preferences: {}
        users:
        - name: developer/api-crc-example-org:6443
          user:
            token: sha256~0123456789abcdef
        """,
    "Rancher": f"""
        apiVersion: v1
        kind: Config
        clusters:
        - name: "prod"
          cluster:
            server: "https://rancher.example.org/k8s/clusters/c-m-abcdefgh"
            certificate-authority-data: "{CA[:20]}\\
              {CA[20:]}"
        - name: "prod-node-1"
          cluster:
            server: "https://192.0.2.7:6443"
            certificate-authority-data: "{CA}"

        users:
        - name: "prod"
          user:
            token: "kubeconfig-u-abcdef:0123456789"

        contexts:
        - name: "prod"
          context:
            user: "prod"
            cluster: "prod"
        - name: "prod-node-1"
          context:
            user: "prod"
            cluster: "prod-node-1"

        current-context: "prod"
        """,
    "AKS with local accounts": f"""
        apiVersion: v1
        clusters:
        - cluster:
            certificate-authority-data: {CA}
            server: https://aks-dns-0a1b2c3d.hcp.westeurope.azmk8s.io:443
          name: aks
        contexts:
        - context:
            cluster: aks
            user: clusterAdmin_group_aks
          name: aks-admin
        current-context: aks-admin
        kind: Config
        preferences: {{}}
        users:
        - name: clusterAdmin_group_aks
          user:
            client-certificate-data: {CERT}
            client-key-data: {KEY}
            token: 0123456789abcdef
        """,
    "GKE of old": f"""
        apiVersion: v1
        clusters:
        - cluster:
            certificate-authority-data: {CA}
            server: https://192.0.2.20
          name: gke_project_zone_cluster
        contexts:
        - context:
            cluster: gke_project_zone_cluster
            user: gke_project_zone_cluster
          name: gke_project_zone_cluster
        current-context: gke_project_zone_cluster
        kind: Config
        preferences: {{}}
        users:
        - name: gke_project_zone_cluster
          user:
            client-certificate-data: {CERT}
            client-key-data: {KEY}
        """,
    "kubectl config set-context without a user": """
        apiVersion: v1
        clusters:
        - cluster:
            server: http://localhost:8080
          name: local
        contexts:
        - context:
            cluster: local
            user: ""
          name: local
        current-context: local
        kind: Config
        preferences: {}
        users: null
        """,
    "what kubectl config set leaves empty": f"""
        apiVersion: v1
        clusters:
        - cluster: {{server: "https://h:1", certificate-authority-data: {CA}, proxy-url: "", tls-server-name: ""}}
          name: c
        contexts:
        - context: {{cluster: c, user: u, namespace: ""}}
          name: x
        current-context: x
        kind: Config
        users:
        - name: u
          user: {{token: t, as: "", username: "", password: "", as-groups: [], as-user-extra: {{}}, exec: null, tokenFile: ""}}
        """,
    "JSON": json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "x",
        "clusters": [{"name": "c", "cluster": {"server": "https://h", "certificate-authority-data": CA}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "users": [{"name": "u", "user": {"tokenFile": "secrets/token"}}]}),
    "anchors and merge keys": f"""
        x-base: &base
          certificate-authority-data: {CA}
          tls-server-name: merged.example.org
        apiVersion: v1
        kind: Config
        current-context: x
        clusters:
        - name: c
          cluster:
            <<: *base
            server: https://h
        - name: d
          cluster:
            <<: [{{server: "https://first"}}, {{server: "https://second", tls-server-name: s}}]
        contexts:
        - {{name: x, context: &x {{cluster: c, user: u}}}}
        - {{name: second, context: {{<<: *x, cluster: d, namespace: ns}}}}
        users:
        - {{name: u, user: {{token: t}}}}
        """,
    "binary, and a key twice": f"""
        apiVersion: v1
        kind: Config
        current-context: x
        clusters:
        - name: c
          cluster:
            certificate-authority-data: !!binary {b64(CA)}
            server: https://first
            server: https://second
        contexts:
        - {{name: x, context: {{cluster: c, user: u}}}}
        users:
        - {{name: u, user: {{token: !!binary {b64("tok")}}}}}
        """,
}

# The current tools of the cloud providers configure a plugin.
PLUGINS = {
    "EKS": ("aws", ["--region", "eu-central-1", "eks", "get-token", "--cluster-name", "c", "--output", "json"]),
    "GKE": ("gke-gcloud-auth-plugin", None),
    "AKS": ("kubelogin", ["get-token", "--login", "azurecli", "--server-id", "s"]),
    "oidc-login": ("kubectl", ["oidc-login", "get-token"]),
    "beside the file": ("./bin/login", ["--quiet"]),
}


class Kubeconfig(unittest.TestCase):
    """The library and kubectl read the same file."""

    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.addCleanup(self._folder.cleanup)

    def write(self, text, name="config"):
        """Writes a file and returns its path."""
        path = os.path.join(self._folder.name, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(textwrap.dedent(text))
        return path

    @staticmethod
    def read_by_library(files, context=""):
        """(the values that the library reads, its error)."""
        done = subprocess.run([READ, *files, *(["--context", context] if context else [])], capture_output=True, text=True,
                              check=False)
        return (json.loads(done.stdout) if done.returncode == 0 else None), done.stderr

    def kubectl(self, files):
        """kubectl's view of the files; None if it cannot read them."""
        done = subprocess.run([os.path.join(binaries_folder(), "kubectl"), "config", "view", "--raw", "-o", "json"],
                              env={"KUBECONFIG": ":".join(files), "HOME": self._folder.name, "PATH": os.environ["PATH"]},
                              capture_output=True, text=True, check=False)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def expected(self, view, context):
        """The values that the library must read, computed from kubectl's view, in which relative
        paths are resolved."""
        def entry(kind, name):
            return next((one[kind] for one in view[kind + "s"] or [] if one["name"] == name), {})

        chosen = entry("context", context or view["current-context"])
        cluster, user = entry("cluster", chosen["cluster"]), entry("user", chosen.get("user", ""))

        def data(where, key):
            return base64.b64decode(where.get(key) or "").decode()

        def path(where, key):
            return os.path.join(self._folder.name, where[key]) if where.get(key) else ""

        server = cluster["server"].rstrip("/")
        scheme, rest = server.split("://")
        host, slash, base = rest.partition("/")
        # the library omits the default port
        host = host.removesuffix(":443" if scheme == "https" else ":80")
        return {"server": f"{scheme}://{host}{slash}{base}", "tls_server_name": cluster.get("tls-server-name", ""),
                "insecure": cluster.get("insecure-skip-tls-verify", False),
                "ca_file": path(cluster, "certificate-authority"), "ca_data": data(cluster, "certificate-authority-data"),
                "cert_file": path(user, "client-certificate"), "cert_data": data(user, "client-certificate-data"),
                "key_file": path(user, "client-key"), "key_data": data(user, "client-key-data"),
                "token": user.get("token", ""), "token_file": path(user, "tokenFile"),
                "namespace": chosen.get("namespace") or "default"}

    def test_files_of_all_tools_are_read_like_kubectl_reads_them(self):
        """Each file has the same values in each of its contexts."""
        for style, text in STYLES.items():
            with self.subTest(style=style):
                file = self.write(text)
                view = self.kubectl([file])
                self.assertIsNotNone(view, "kubectl reads it")
                for context in view["contexts"]:
                    read_by_library, error = self.read_by_library([file], context["name"])
                    self.assertEqual(error, "")
                    self.assertEqual(read_by_library, self.expected(view, context["name"]))
                self.assertEqual(self.read_by_library([file])[0], self.expected(view, ""))

    def test_booleans_are_read_like_kubectl_reads_them(self):
        """Each spelling has the same meaning for both, or both refuse it."""
        for word in ("true", "True", "TRUE", "yes", "Yes", "YES", "y", "Y", "on", "On", "ON", "false", "False", "FALSE", "no",
                     "No", "NO", "n", "N", "off", "Off", "OFF", "~", "null", '"true"', "'yes'", "1", "0", "tRue", "yEs", "''",
                     "!!bool yes", "!!str true", "[true]"):
            with self.subTest(word=word):
                file = self.write(f"""
                    apiVersion: v1
                    kind: Config
                    current-context: x
                    clusters: [{{name: c, cluster: {{server: "https://h", insecure-skip-tls-verify: {word}}}}}]
                    contexts: [{{name: x, context: {{cluster: c, user: u}}}}]
                    users: [{{name: u, user: {{token: t}}}}]
                    """)
                view = self.kubectl([file])
                read_by_library, _ = self.read_by_library([file])
                self.assertEqual(read_by_library, self.expected(view, "") if view else None)

    def test_empty_files_are_ignored(self):
        """kubectl accepts an empty file beside a complete one. The library does too."""
        whole = self.write(STYLES["kind"], "whole")
        for text in ("", "# nothing yet\n", "---\n", "null\n", "\n\n"):
            with self.subTest(text=text):
                empty = self.write(text, "empty")
                view = self.kubectl([empty, whole])
                self.assertEqual(self.read_by_library([empty, whole])[0], self.expected(view, ""))
                self.assertIn("no context is selected", self.read_by_library([empty])[1])

    def test_plugins_are_read_like_kubectl_reads_them(self):
        """Command, arguments and environment are the same, also of a command beside the file."""
        for style, (command, arguments) in PLUGINS.items():
            with self.subTest(style=style):
                file = self.write(json.dumps({
                    "apiVersion": "v1", "kind": "Config", "current-context": "x",
                    "clusters": [{"name": "c", "cluster": {"server": "https://h", "certificate-authority-data": CA}}],
                    "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
                    "users": [{"name": "u", "user": {"exec": {
                        "apiVersion": "client.authentication.k8s.io/v1beta1", "command": command, "args": arguments,
                        "env": [{"name": "A", "value": "b"}], "interactiveMode": "IfAvailable",
                        "provideClusterInfo": False}}}]}))
                view = self.kubectl([file])["users"][0]["user"]["exec"]
                read_by_library, error = self.read_by_library([file])
                self.assertEqual(error, "")
                plugin = read_by_library["plugin"]
                plugin["command"] = os.path.normpath(plugin["command"])
                # kubectl resolves the path only when it runs the command.
                expected = os.path.normpath(os.path.join(self._folder.name, command)) if "/" in command else command
                self.assertEqual(plugin, {
                    "api_version": view["apiVersion"], "command": expected, "args": view["args"] or [],
                    "env": [[one["name"], one["value"]] for one in view["env"]],
                    "cluster_info": view["provideClusterInfo"]})


def binaries_folder():
    """The folder with the control plane's kubectl, which is built if it is missing."""
    return binaries.binaries(None)


if __name__ == "__main__":
    unittest.main()
