"""Ways to reach a real API server and to be known by it, and the errors where that fails."""

import base64
import json
import os
import re
import subprocess
import unittest

from connect_proxy import ConnectProxy
from reflect import Reflect, refused
from shared import KEEP, ClusterTest, OracleTest

setUpModule, tearDownModule = ClusterTest.start_cluster, ClusterTest.stop_cluster


class Authenticates(OracleTest):
    """Ways to reach the API server, and to be known by it."""

    def write(self, name, text, mode=0o600):
        """Writes a file of the test in place of the former one, at once, and returns its path."""
        path = os.path.join(self.scratch, name)
        with open(path + ".new", "w", encoding="utf-8") as out:
            out.write(text)
        os.chmod(path + ".new", mode)
        os.replace(path + ".new", path)
        return path

    def self_signed(self, name):
        """A certificate that no server knows, and its key."""
        key, cert = os.path.join(self.scratch, name + ".key"), os.path.join(self.scratch, name + ".crt")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", f"/CN={name}", "-keyout", key, "-out", cert], check=True, capture_output=True)
        return cert, key

    def viewer_token(self):
        """The token of a ServiceAccount that may read everything."""
        self.cluster.kubectl("create", "clusterrolebinding", "viewer", "--clusterrole=view", "--serviceaccount=shop:default")
        self.addCleanup(self.cluster.kubectl, "delete", "clusterrolebinding", "viewer")
        return self.cluster.token("shop", "default", 3600)

    def expect_all_synced(self, program):
        """Waits for each of the four kinds."""
        for _ in range(4):
            program.expect(lambda line: "synced" in line, "synced")

    def test_a_plugin_provides_the_token(self):
        answer = self.write("answer", json.dumps({
            "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
            "status": {"token": self.viewer_token()}}))
        runs = os.path.join(self.scratch, "runs")
        self.write("plugin", f"#!/bin/sh\necho run >>{runs}\ncat {answer}\n", 0o700)
        path = self.admin_kubeconfig("with-plugin", only_user={"exec": {
            "apiVersion": "client.authentication.k8s.io/v1", "command": "./plugin", "interactiveMode": "Never"}})
        with Reflect(path) as program:
            self.expect_all_synced(program)
        with open(runs, encoding="utf-8") as content:
            self.assertEqual(content.read(), "run\n", "one run for all reflectors")

    def test_a_revoked_token_is_replaced(self):
        self.viewer_token()
        self.cluster.kubectl("create", "secret", "generic", "bound", "-n", "shop")
        bound = self.cluster.kubectl("create", "token", "default", "-n", "shop", "--bound-object-kind=Secret",
                                "--bound-object-name=bound")
        token = self.write("bound-token", bound)
        path = self.admin_kubeconfig("bound", only_user={"tokenFile": token})
        with Reflect(path, "--watch-seconds=2") as program:
            self.expect_all_synced(program)
            self.cluster.kubectl("delete", "secret", "bound", "-n", "shop")
            program.expect(lambda line: "HTTP 401" in line.get("log", ""), "a refusal")
            self.write("bound-token", self.cluster.token("shop", "default", 3600))
            program.expect(lambda line: re.search("watching .* again", line.get("log", "")), "a watch with the new token")

    def test_a_user_is_impersonated(self):
        path = self.admin_kubeconfig("impersonating", user={"as": "jane", "as-groups": ["dev"]})
        with Reflect(path) as program:
            said = program.expect(lambda line: line.get("level") == 2, "a warning")["log"]
            self.assertIn('User "jane" cannot list resource', said)
            self.cluster.kubectl("create", "clusterrolebinding", "dev", "--clusterrole=view", "--group=dev")
            self.addCleanup(self.cluster.kubectl, "delete", "clusterrolebinding", "dev")
            self.expect_all_synced(program)

    def test_a_proxy_opens_tunnels(self):
        proxy = ConnectProxy(("127.0.0.1", self.cluster.ports["apiserver"]))
        self.addCleanup(proxy.close)
        path = self.admin_kubeconfig("tunnelled", server="https://api.invalid:6443", tls_server_name="127.0.0.1",
                                proxy_url=f"http://us3r:s3cret@127.0.0.1:{proxy.port}")
        with Reflect(path, *KEEP) as program:
            program.expect_synced()
            self.assert_agrees(program)
        self.assertGreaterEqual(len(proxy.requests), 4)
        for request in proxy.requests:
            self.assertIn("CONNECT api.invalid:6443 HTTP/1.1\r\n", request)
            self.assertIn("Proxy-Authorization: Basic dXMzcjpzM2NyZXQ=\r\n", request)

    def test_a_rotated_authority_is_taken(self):
        other, _ = self.self_signed("other-authority")
        with open(other, encoding="utf-8") as content:
            authority = self.write("rotating-ca.crt", content.read())
        path = self.admin_kubeconfig("rotating-ca", certificate_authority=authority, certificate_authority_data=None)
        with Reflect(path) as program:
            program.expect(lambda line: "is not signed by a configured" in line.get("log", ""), "a refusal")
            with open(self.cluster.ca_file, encoding="utf-8") as content:
                self.write("rotating-ca.crt", content.read())
            self.expect_all_synced(program)

    def test_a_rotated_client_certificate_is_taken(self):
        self.self_signed("me")
        path = self.admin_kubeconfig("rotating-client", only_user={"client-certificate": "me.crt", "client-key": "me.key"})
        with open(self.cluster.certificate_kubeconfig, encoding="utf-8") as content:
            good = content.read()
        with Reflect(path) as program:
            program.expect(lambda line: "HTTP 401" in line.get("log", ""), "a refusal")
            for key, name in (("client-certificate", "me.crt"), ("client-key", "me.key")):
                self.write(name, base64.b64decode(re.search(rf"{key}-data: (.*)", good)[1]).decode())
            self.expect_all_synced(program)


class Refused(ClusterTest):
    """Each error names its cause and helps to correct it."""

    def first_error(self, path, *arguments):
        with Reflect(path, *arguments) as program:
            return program.expect(lambda line: line.get("level") == 2, "a warning")["log"]

    def test_a_missing_context_is_named(self):
        said = refused(self.cluster.kubeconfig, "--context=nowhere")
        self.assertIn("unknown context 'nowhere'; the contexts are: ", said)

    def test_an_unknown_token_is_reported_without_showing_it(self):
        said = self.first_error(self.admin_kubeconfig("bad-token", token="s3cret-token"))
        self.assertIn("HTTP 401", said)
        self.assertIn("does not accept the token", said)
        self.assertNotIn("s3cret", said)

    def test_a_missing_permission_is_named(self):
        path = os.path.join(self.scratch, "nobody")
        self.cluster.write_account_kubeconfig(path, "shop", "default")
        said = self.first_error(path)
        self.assertIn("HTTP 403", said)
        self.assertIn("cannot list resource", said)
        self.assertIn("ClusterRole", said)

    def test_a_certificate_of_another_authority_is_reported(self):
        other = os.path.join(self.scratch, "other-ca.crt")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", "/CN=another authority", "-keyout", os.devnull, "-out", other],
                       check=True, capture_output=True)
        said = self.first_error(self.admin_kubeconfig("other-ca", certificate_authority=other,
                                                 certificate_authority_data=None))
        self.assertIn("is not signed by a configured certificate authority", said)

    def test_a_certificate_for_another_name_is_reported(self):
        said = self.first_error(self.admin_kubeconfig("other-name", tls_server_name="somebody.example"))
        self.assertIn("is not valid for 'somebody.example' but only for: ", said)
        self.assertIn("127.0.0.1", said)

    def test_a_warning_says_that_the_server_is_not_verified(self):
        path = self.admin_kubeconfig("insecure", certificate_authority=None, certificate_authority_data=None,
                                insecure_skip_tls_verify=True)
        with Reflect(path) as program:
            self.assertIn("not verified", program.expect(lambda line: "warning" in line, "a warning")["warning"])
            program.expect_synced()

    def test_a_rotated_token_file_is_read_again(self):
        path, token_file = os.path.join(self.scratch, "rotating"), os.path.join(self.scratch, "token")
        self.cluster.kubectl("create", "clusterrolebinding", "viewer", "--clusterrole=view", "--serviceaccount=shop:default")
        self.addCleanup(self.cluster.kubectl, "delete", "clusterrolebinding", "viewer")
        self.cluster.write_account_kubeconfig(path, "shop", "default", token_file=token_file)
        with open(token_file, encoding="ascii") as content:
            good = content.read()
        with open(token_file, "w", encoding="ascii") as out:
            out.write("bad")
        with Reflect(path) as program:
            program.expect(lambda line: "HTTP 401" in line.get("log", ""), "a refusal")
            with open(token_file, "w", encoding="ascii") as out:
                out.write(good)
            for _ in range(4):
                program.expect(lambda line: "synced" in line, "synced with the new token")


if __name__ == "__main__":
    unittest.main()
