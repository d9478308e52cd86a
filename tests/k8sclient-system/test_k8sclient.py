"""Tests k8sclient on a real control plane, with kubectl's JSON as the oracle."""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(_HERE, "..", "control-plane"))

from controlplane import Cluster, wait_for  # noqa: E402

import oracle  # noqa: E402
from connect_proxy import ConnectProxy  # noqa: E402
from proxy import Proxy  # noqa: E402
from reflect import Reflect, refused  # noqa: E402

OBJECTS = os.path.join(_HERE, "..", "unit", "k8sclient", "data", "objects.yaml")
KEEP = [f"--label={key}" for key in oracle.LABELS] + [f"--annotation={key}" for key in oracle.ANNOTATIONS]
FINALIZED = "shop/host"  # a pod with a finalizer in objects.yaml
OTHER_UID = "11111111-7aeb-4ec6-8ff6-5d9c2e6a13a1"

cluster = None  # pylint: disable=invalid-name
scratch = None  # pylint: disable=invalid-name


def setUpModule():
    """Starts one cluster for all tests. Its Pods run at once."""
    global cluster, scratch  # pylint: disable=global-statement
    scratch = tempfile.TemporaryDirectory()
    cluster = Cluster.start(stages=["at-once"])
    cluster.kubectl("apply", "-f", OBJECTS)
    cluster.kubectl("wait", "-n", "shop", "--for=condition=Ready", "pod/plain")


def tearDownModule():
    """Stops the cluster."""
    if cluster:
        cluster.stop()
    scratch.cleanup()


def admin_kubeconfig(name, **changes):
    """A copy of the administrator's kubeconfig with other settings of the cluster (None removes
    one), with another token, with more settings of the user, or with only these."""
    config = json.loads(cluster.kubectl("config", "view", "--raw", "-o", "json"))
    token, more, only = changes.pop("token", None), changes.pop("user", {}), changes.pop("only_user", None)
    settings = config["clusters"][0]["cluster"]
    for key, value in changes.items():
        settings.pop(key.replace("_", "-"), None)
        if value is not None:
            settings[key.replace("_", "-")] = value
    if token:
        config["users"][0]["user"] = {"token": token}
    if only:
        config["users"][0]["user"] = only
    config["users"][0]["user"].update(more)
    path = os.path.join(scratch.name, name)
    with open(path, "w", encoding="utf-8") as out:
        json.dump(config, out)
    return path


def objects_of(dump):
    """The objects of a dump, by kind."""
    return {kind: content["objects"] for kind, content in dump.items()}


def one(kind, name, namespace="shop"):
    """An object as kubectl shows it."""
    return json.loads(cluster.kubectl("get", kind, name, "-n", namespace, "-o", "json"))


def without(item, *paths):
    """A copy of an object without the fields that a write may change."""
    item = json.loads(json.dumps(item))
    for path in [("metadata", "resourceVersion"), ("metadata", "managedFields"), *paths]:
        parent = item
        for key in path[:-1]:
            parent = parent.get(key, {})
        parent.pop(path[-1], None)
    return item


class OracleTest(unittest.TestCase):
    """Compares the program's objects with kubectl's."""

    def assert_agrees(self, program):
        """Waits until both agree, because the cluster changes between the two reads."""
        program.until(
            lambda dump: oracle.versions_aside(objects_of(dump)) == oracle.versions_aside(oracle.expected(cluster)),
            "the same objects as kubectl shows")


class Agrees(OracleTest):
    """The library holds the objects that kubectl shows."""

    def test_lists_in_both_encodings(self):
        for arguments in [[], ["--json"], ["--page-size=1"], ["--page-size=1", "--json"], ["--page-size=0"],
                          ["--page-size=0", "--json"]]:
            with self.subTest(arguments), Reflect(cluster.kubeconfig, *KEEP, *arguments) as program:
                program.expect_synced()
                self.assert_agrees(program)
                pages = program.dump()["services"]["pages"]
                self.assertEqual(pages > 1, "--page-size=1" in arguments)

    def test_streaming_lists_in_both_encodings(self):
        for encoding in [[], ["--json"]]:
            with self.subTest(encoding), Reflect(cluster.kubeconfig, *KEEP, "--streaming-list", *encoding) as program:
                program.expect_synced()
                self.assert_agrees(program)
                for kind, counts in program.dump().items():
                    self.assertEqual(counts["lists"], 1, kind)
                    self.assertEqual((counts["pages"], counts["failures"]), (0, 0), f"{kind}: {counts['last_error']}")

    def test_events_in_both_encodings(self):
        for encoding in [[], ["--json"]]:
            with self.subTest(encoding), Reflect(cluster.kubeconfig, *KEEP, *encoding) as program:
                program.expect_synced()
                before = program.dump()
                cluster.kubectl("create", "namespace", "moving")
                cluster.kubectl("create", "deployment", "web", "-n", "moving", "--image=x", "--replicas=5")
                cluster.kubectl("expose", "deployment", "web", "-n", "moving", "--port=80")
                cluster.kubectl("rollout", "status", "deployment/web", "-n", "moving", "--timeout=60s")
                self.assert_agrees(program)
                cluster.kubectl("label", "namespace", "moving", "name=changed")
                cluster.kubectl("scale", "deployment", "web", "-n", "moving", "--replicas=1")
                self.assert_agrees(program)
                cluster.kubectl("delete", "namespace", "moving")
                self.assert_agrees(program)
                after = program.dump()
                for kind in after:
                    self.assertEqual(after[kind]["lists"], 1, kind)
                    self.assertEqual(after[kind]["failures"], 0, after[kind]["last_error"])
                    self.assertEqual(after[kind]["objects"].keys(), before[kind]["objects"].keys())
                self.assertGreaterEqual(after["pods"]["deletes"], 5)

    def test_a_client_certificate_authenticates(self):
        with Reflect(cluster.certificate_kubeconfig, *KEEP) as program:
            program.expect_synced()
            self.assert_agrees(program)


class Authenticates(OracleTest):
    """Ways to reach the API server, and to be known by it."""

    def write(self, name, text, mode=0o600):
        """Writes a file of the test in place of the former one, at once, and returns its path."""
        path = os.path.join(scratch.name, name)
        with open(path + ".new", "w", encoding="utf-8") as out:
            out.write(text)
        os.chmod(path + ".new", mode)
        os.replace(path + ".new", path)
        return path

    def self_signed(self, name):
        """A certificate that no server knows, and its key."""
        key, cert = os.path.join(scratch.name, name + ".key"), os.path.join(scratch.name, name + ".crt")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", f"/CN={name}", "-keyout", key, "-out", cert], check=True, capture_output=True)
        return cert, key

    def viewer_token(self):
        """The token of a ServiceAccount that may read everything."""
        cluster.kubectl("create", "clusterrolebinding", "viewer", "--clusterrole=view", "--serviceaccount=shop:default")
        self.addCleanup(cluster.kubectl, "delete", "clusterrolebinding", "viewer")
        return cluster.token("shop", "default", 3600)

    def expect_all_synced(self, program):
        """Waits for each of the four kinds."""
        for _ in range(4):
            program.expect(lambda line: "synced" in line, "synced")

    def test_a_plugin_provides_the_token(self):
        answer = self.write("answer", json.dumps({
            "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
            "status": {"token": self.viewer_token()}}))
        runs = os.path.join(scratch.name, "runs")
        self.write("plugin", f"#!/bin/sh\necho run >>{runs}\ncat {answer}\n", 0o700)
        path = admin_kubeconfig("with-plugin", only_user={"exec": {
            "apiVersion": "client.authentication.k8s.io/v1", "command": "./plugin", "interactiveMode": "Never"}})
        with Reflect(path) as program:
            self.expect_all_synced(program)
        with open(runs, encoding="utf-8") as content:
            self.assertEqual(content.read(), "run\n", "one run for all reflectors")

    def test_a_revoked_token_is_replaced(self):
        self.viewer_token()
        cluster.kubectl("create", "secret", "generic", "bound", "-n", "shop")
        bound = cluster.kubectl("create", "token", "default", "-n", "shop", "--bound-object-kind=Secret",
                                "--bound-object-name=bound")
        token = self.write("bound-token", bound)
        path = admin_kubeconfig("bound", only_user={"tokenFile": token})
        with Reflect(path, "--watch-seconds=2") as program:
            self.expect_all_synced(program)
            cluster.kubectl("delete", "secret", "bound", "-n", "shop")
            program.expect(lambda line: "HTTP 401" in line.get("log", ""), "a refusal")
            self.write("bound-token", cluster.token("shop", "default", 3600))
            program.expect(lambda line: re.search("watching .* again", line.get("log", "")), "a watch with the new token")

    def test_a_user_is_impersonated(self):
        path = admin_kubeconfig("impersonating", user={"as": "jane", "as-groups": ["dev"]})
        with Reflect(path) as program:
            said = program.expect(lambda line: line.get("level") == 2, "a warning")["log"]
            self.assertIn('User "jane" cannot list resource', said)
            cluster.kubectl("create", "clusterrolebinding", "dev", "--clusterrole=view", "--group=dev")
            self.addCleanup(cluster.kubectl, "delete", "clusterrolebinding", "dev")
            self.expect_all_synced(program)

    def test_a_proxy_opens_tunnels(self):
        proxy = ConnectProxy(("127.0.0.1", cluster.ports["apiserver"]))
        self.addCleanup(proxy.close)
        path = admin_kubeconfig("tunnelled", server="https://api.invalid:6443", tls_server_name="127.0.0.1",
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
        path = admin_kubeconfig("rotating-ca", certificate_authority=authority, certificate_authority_data=None)
        with Reflect(path) as program:
            program.expect(lambda line: "is not signed by a configured" in line.get("log", ""), "a refusal")
            with open(cluster.ca_file, encoding="utf-8") as content:
                self.write("rotating-ca.crt", content.read())
            self.expect_all_synced(program)

    def test_a_rotated_client_certificate_is_taken(self):
        self.self_signed("me")
        path = admin_kubeconfig("rotating-client", only_user={"client-certificate": "me.crt", "client-key": "me.key"})
        with open(cluster.certificate_kubeconfig, encoding="utf-8") as content:
            good = content.read()
        with Reflect(path) as program:
            program.expect(lambda line: "HTTP 401" in line.get("log", ""), "a refusal")
            for key, name in (("client-certificate", "me.crt"), ("client-key", "me.key")):
                self.write(name, base64.b64decode(re.search(rf"{key}-data: (.*)", good)[1]).decode())
            self.expect_all_synced(program)


class Survives(OracleTest):
    """Faults of the network and the server. Each test asserts that they occurred."""

    def setUp(self):
        self.proxy = Proxy(("127.0.0.1", cluster.ports["apiserver"]))
        self.addCleanup(self.proxy.close)
        self.kubeconfig = admin_kubeconfig("proxied", server=f"https://127.0.0.1:{self.proxy.port}")

    def test_ended_connections_are_resumed_without_a_list(self):
        with Reflect(self.kubeconfig, *KEEP) as program:
            program.expect_synced()
            for number in range(5):
                wait_for(lambda: self.proxy.open() == 4, 30, "four open watches")
                self.proxy.refuse()
                cluster.kubectl("create", "configmap", f"other-{number}", "-n", "shop")
                cluster.kubectl("label", "pod", "plain", "-n", "shop", "--overwrite", f"name=cut-{number}")
                self.proxy.refuse(False)
                self.assert_agrees(program)
            dump = program.dump()
            self.assertGreaterEqual(self.proxy.cuts, 20)
            for kind, content in dump.items():
                self.assertEqual(content["lists"], 1, kind)
                self.assertGreaterEqual(content["failures"], 5, kind)

    def test_a_connection_may_end_at_any_byte(self):
        with Reflect(self.kubeconfig, *KEEP, "--page-size=1") as program:
            program.expect_synced()
            for number, count in enumerate([1, 100, 700, 1500, 2900, 5000]):
                cuts = self.proxy.cuts
                self.proxy.cut_after(count)
                for change in range(6):
                    cluster.kubectl("label", "pod", "plain", "-n", "shop", "--overwrite", f"name=b-{number}-{change}")
                wait_for(lambda c=cuts: self.proxy.cuts > c, 30, "a cut")
                self.assert_agrees(program)

    def test_a_stalled_watch_is_detected(self):
        with Reflect(self.kubeconfig, *KEEP, "--watch-seconds=2", "--grace=500") as program:
            program.expect_synced()
            self.proxy.stall()
            program.expect(lambda line: "considered dead" in line.get("log", ""), "a stalled watch")
            self.proxy.stall(False)
            cluster.kubectl("label", "pod", "plain", "-n", "shop", "--overwrite", "name=after-silence")
            self.assert_agrees(program)

    def test_a_silent_watch_is_begun_again(self):
        with Reflect(self.kubeconfig, *KEEP, "--silence=2000") as program:
            program.expect_synced()
            self.proxy.stall()
            program.expect(lambda line: "neither an event nor a bookmark" in line.get("log", ""), "a silent watch")
            self.proxy.stall(False)
            cluster.kubectl("label", "pod", "plain", "-n", "shop", "--overwrite", "name=after-no-event")
            self.assert_agrees(program)

    def test_a_restored_etcd_is_believed(self):
        """etcd returns with the files of a backup: its versions are lower than those of the watches."""
        with Cluster.start() as own:
            files = os.path.join(own.folder, "etcd")
            backup = files + "-backup"

            def restart(change_files):
                for component in ("kube-apiserver", "etcd"):
                    own.stop_component(component)
                change_files()
                for component in ("etcd", "kube-apiserver"):
                    own.start_component(component)
                wait_for(lambda: own.kubectl("get", "--raw=/readyz", check=False) == "ok", 120, "the API server")

            def restore():
                shutil.rmtree(files)
                shutil.copytree(backup, files)

            restart(lambda: shutil.copytree(files, backup))
            for arguments in [[], ["--streaming-list"]]:
                with self.subTest(arguments), Reflect(own.kubeconfig, "--silence=2000", *arguments) as program:
                    program.expect_synced()
                    own.kubectl("create", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": [
                        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"n-{number}"}}
                        for number in range(400)]}))
                    own.kubectl("create", "namespace", "lost")
                    program.until(lambda dump: "lost" in dump["namespaces"]["objects"], "the new Namespace")
                    restart(restore)
                    program.until(lambda dump: "lost" not in dump["namespaces"]["objects"], "the restored state", 120)
                    self.assertTrue(any("listing namespaces: the older state of the server is believed"
                                        in line.get("log", "") for line in program.said))
                    own.kubectl("create", "namespace", "new")
                    program.until(lambda dump: "new" in dump["namespaces"]["objects"], "a Namespace after that")

    def test_deletions_are_found_after_the_history_is_lost(self):
        cluster.kubectl("create", "deployment", "gone", "-n", "shop", "--image=x", "--replicas=3")
        cluster.kubectl("rollout", "status", "deployment/gone", "-n", "shop", "--timeout=60s")
        with Reflect(self.kubeconfig, *KEEP) as program:
            program.expect_synced()
            self.assert_agrees(program)
            upserts = program.dump()["pods"]["upserts"]
            self.proxy.refuse()
            cluster.kubectl("delete", "deployment", "gone", "-n", "shop")
            wait_for(lambda: "gone-" not in cluster.kubectl("get", "pods", "-n", "shop", "-o", "name"), 60, "no pods")
            # A new API server has no history from before its start: it answers 410.
            cluster.stop_component("kube-apiserver")
            cluster.start_component("kube-apiserver")
            wait_for(lambda: cluster.kubectl("get", "--raw=/readyz", check=False) == "ok", 120, "the API server")
            self.proxy.refuse(False)
            dump = program.until(lambda d: d["pods"]["lists"] == 2, "a second list", 120)
            self.assert_agrees(program)
            self.assertEqual(dump["pods"]["deletes"], 3)
            self.assertEqual(dump["pods"]["upserts"], upserts)
            self.assertTrue(any("410" in line.get("log", "") for line in program.said), "no 410 was met")

    def test_a_restart_of_the_api_server_or_etcd_is_survived(self):
        with Reflect(cluster.kubeconfig, *KEEP) as program:
            program.expect_synced()
            for component in ["kube-apiserver", "etcd"]:
                failures = program.dump()["pods"]["failures"]
                cluster.stop_component(component, kill=True)
                cluster.start_component(component)
                wait_for(lambda: cluster.kubectl("get", "--raw=/readyz", check=False) == "ok", 120, "the API server")
                cluster.kubectl("label", "pod", "plain", "-n", "shop", "--overwrite", f"name=after-{component}")
                self.assert_agrees(program)
                if component == "kube-apiserver":
                    self.assertGreater(program.dump()["pods"]["failures"], failures)


class Writes(unittest.TestCase):
    """A patch changes the fields that it names, and no others."""

    def setUp(self):
        self.program = Reflect(cluster.kubeconfig)
        self.addCleanup(self.program.end)

    def test_an_annotation_patch_keeps_volumes_owners_and_finalizers(self):
        cluster.kubectl("create", "deployment", "owned", "-n", "shop", "--image=x")
        cluster.kubectl("rollout", "status", "deployment/owned", "-n", "shop", "--timeout=60s")
        owned = json.loads(cluster.kubectl("get", "pods", "-n", "shop", "-l", "app=owned", "-o", "json"))["items"][0]
        self.assertTrue(owned["metadata"]["ownerReferences"])
        for name in ["plain", "host", owned["metadata"]["name"]]:
            before = one("pod", name)
            uid = before["metadata"]["uid"]
            done = self.program.ask("annotate", "shop", name, uid, "example.org/state", "x")
            after = one("pod", name)
            self.assertEqual(done, {"outcome": "done", "version": int(after["metadata"]["resourceVersion"]), "error": ""})
            self.assertEqual(after["metadata"]["annotations"].pop("example.org/state"), "x")
            if not after["metadata"]["annotations"]:
                del after["metadata"]["annotations"]
            self.assertEqual(without(after), without(before))
            self.assertEqual(self.program.ask("annotate", "shop", name, uid, "example.org/state")["outcome"], "done")
            self.assertEqual(without(one("pod", name)), without(before))
        self.assertIn("projected", json.dumps(one("pod", "plain")["spec"]["volumes"]))
        self.assertEqual(one("pod", "host")["metadata"]["finalizers"], ["example.org/hold"])

    def test_another_object_of_the_same_name_is_not_touched(self):
        for kind, name, command in [("pod", "plain", ["annotate", "shop", "plain", OTHER_UID, "example.org/state", "x"]),
                                    ("service", "front", ["ingress", "shop", "front", OTHER_UID, "192.0.2.1"])]:
            before = one(kind, name)
            answer = self.program.ask(*command)
            self.assertEqual(answer["outcome"], "gone", answer)
            self.assertEqual(one(kind, name), before)

    def test_the_load_balancer_status_is_set(self):
        before = one("service", "front")
        uid = before["metadata"]["uid"]
        for ips in [["192.0.2.1"], ["192.0.2.2", "192.0.2.3"], []]:
            answer = self.program.ask("ingress", "shop", "front", uid, *ips)
            self.assertEqual(answer["outcome"], "done", answer)
            after = one("service", "front")
            ingress = after["status"]["loadBalancer"].get("ingress", [])
            self.assertEqual([entry["ip"] for entry in ingress], ips)
            self.assertEqual(without(after, ("status", "loadBalancer")), without(before, ("status", "loadBalancer")))

    def test_removed_addresses_leave_other_entries(self):
        """Entries of other clients, and fields that the library does not know, stay."""
        before = one("service", "front")
        uid = before["metadata"]["uid"]
        foreign = [{"hostname": "lb.example.org"},
                  {"ip": "198.51.100.7", "ipMode": "Proxy", "ports": [{"port": 80, "protocol": "TCP"}]}]
        entries = [{"ip": "192.0.2.1"}, foreign[0], {"ip": "192.0.2.2"}, foreign[1]]
        cluster.kubectl("--namespace", "shop", "patch", "service", "front", "--subresource=status", "--type=merge",
                        "--patch", json.dumps({"status": {"loadBalancer": {"ingress": entries}}}))

        def take_out(*shown, uid=uid):
            return self.program.ask("take-out", "shop", "front", uid, "192.0.2.1", "192.0.2.2", "of", *shown)

        now = ["192.0.2.1", "lb.example.org", "192.0.2.2", "198.51.100.7"]
        for answer in (take_out("192.0.2.2", *now), take_out(*now, uid=OTHER_UID)):
            self.assertEqual(answer["outcome"], "invalid", answer)
        self.assertEqual(len(one("service", "front")["status"]["loadBalancer"]["ingress"]), 4)
        answer = take_out(*now)
        self.assertEqual(answer["outcome"], "done", answer)
        after = one("service", "front")["status"]["loadBalancer"]["ingress"]
        self.assertEqual([{**entry, "ipMode": None} for entry in after],
                         [{**entry, "ipMode": None} for entry in foreign])
        self.assertEqual(after[1]["ipMode"], "Proxy")
        self.assertEqual(self.program.ask("ingress", "shop", "front", uid)["outcome"], "done")

    def test_a_missing_object_is_gone_and_an_invalid_key_is_invalid(self):
        uid = one("pod", "plain")["metadata"]["uid"]
        self.assertEqual(self.program.ask("annotate", "shop", "none", uid, "a", "b")["outcome"], "gone")
        self.assertEqual(self.program.ask("annotate", "shop", "plain", uid, "not/a/key", "b")["outcome"], "invalid")
        self.assertEqual(self.program.ask("get", "/api/v1/namespaces/shop")["got"]["metadata"]["name"], "shop")

    def test_the_last_other_writer_of_an_annotation_is_named(self):
        uid = one("pod", "plain")["metadata"]["uid"]
        self.assertEqual(self.program.ask("annotate", "shop", "plain", uid, "example.org/written", "x")["outcome"], "done")
        self.assertEqual(self.program.ask("writer-of", "shop", "plain", uid, "example.org/written")["outcome"], "")
        cluster.kubectl("annotate", "--overwrite", "--field-manager=another", "-n", "shop", "pod/plain", "example.org/written=y")
        self.assertEqual(self.program.ask("writer-of", "shop", "plain", uid, "example.org/written")["outcome"], "another")

    def test_an_apply_creates_owns_and_takes_over_fields(self):
        path = "/api/v1/namespaces/shop/configmaps/applied"

        def apply(manager, value, *force):
            body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "applied"}, "data": {"key": value}}
            return self.program.ask("apply", path, manager, json.dumps(body, separators=(",", ":")), *force)

        answer = apply("first", "a")
        self.assertEqual(answer, {"outcome": "done", "error": "",
                                  "version": int(one("configmap", "applied")["metadata"]["resourceVersion"])})
        refused_answer = apply("second", "b")
        self.assertEqual(refused_answer["outcome"], "conflict")
        self.assertIn('"first"', refused_answer["error"])
        self.assertEqual(apply("second", "b", "force")["outcome"], "done")
        self.assertEqual(one("configmap", "applied")["data"], {"key": "b"})

    def test_patches_and_deletions_of_any_object(self):
        cluster.kubectl("create", "configmap", "patched", "-n", "shop", "--from-literal=key=a")
        path = "/api/v1/namespaces/shop/configmaps/patched"
        uid = one("configmap", "patched")["metadata"]["uid"]
        answer = self.program.ask("merge-patch", path, '{"data":{"more":"b"}}')
        self.assertEqual(answer["outcome"], "done", answer)
        failing = '[{"op":"test","path":"/data/key","value":"other"},{"op":"remove","path":"/data/key"}]'
        self.assertEqual(self.program.ask("json-patch", path, failing)["outcome"], "invalid")
        self.assertEqual(one("configmap", "patched")["data"], {"key": "a", "more": "b"})
        self.assertEqual(self.program.ask("json-patch", path, failing.replace("other", "a"))["outcome"], "done")
        self.assertEqual(one("configmap", "patched")["data"], {"more": "b"})
        self.assertEqual(self.program.ask("merge-patch", "/api/v1/namespaces/shop/services/front/status",
                                          '{"status":{"conditions":[]}}')["outcome"], "done")
        refused_answer = self.program.ask("remove", path, OTHER_UID)
        self.assertEqual(refused_answer["outcome"], "conflict", refused_answer)
        self.assertEqual(self.program.ask("remove", path, uid)["outcome"], "done")
        self.assertEqual(self.program.ask("remove", path, uid)["outcome"], "gone")

    def test_a_refused_write_names_the_permission(self):
        path = os.path.join(scratch.name, "nobody")
        cluster.write_account_kubeconfig(path, "shop", "default")
        with Reflect(path) as program:
            uid = one("pod", "plain")["metadata"]["uid"]
            answer = program.ask("annotate", "shop", "plain", uid, "a", "b")
            self.assertEqual(answer["outcome"], "forbidden")
            self.assertIn('cannot patch resource "pods/status"', answer["error"])


class Refused(unittest.TestCase):
    """Each error names its cause and helps to correct it."""

    def first_error(self, path, *arguments):
        with Reflect(path, *arguments) as program:
            return program.expect(lambda line: line.get("level") == 2, "a warning")["log"]

    def test_a_missing_context_is_named(self):
        said = refused(cluster.kubeconfig, "--context=nowhere")
        self.assertIn("unknown context 'nowhere'; the contexts are: ", said)

    def test_an_unknown_token_is_reported_without_showing_it(self):
        said = self.first_error(admin_kubeconfig("bad-token", token="s3cret-token"))
        self.assertIn("HTTP 401", said)
        self.assertIn("does not accept the token", said)
        self.assertNotIn("s3cret", said)

    def test_a_missing_permission_is_named(self):
        path = os.path.join(scratch.name, "nobody")
        cluster.write_account_kubeconfig(path, "shop", "default")
        said = self.first_error(path)
        self.assertIn("HTTP 403", said)
        self.assertIn("cannot list resource", said)
        self.assertIn("ClusterRole", said)

    def test_a_certificate_of_another_authority_is_reported(self):
        other = os.path.join(scratch.name, "other-ca.crt")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", "/CN=another authority", "-keyout", os.devnull, "-out", other],
                       check=True, capture_output=True)
        said = self.first_error(admin_kubeconfig("other-ca", certificate_authority=other,
                                                 certificate_authority_data=None))
        self.assertIn("is not signed by a configured certificate authority", said)

    def test_a_certificate_for_another_name_is_reported(self):
        said = self.first_error(admin_kubeconfig("other-name", tls_server_name="somebody.example"))
        self.assertIn("is not valid for 'somebody.example' but only for: ", said)
        self.assertIn("127.0.0.1", said)

    def test_a_warning_says_that_the_server_is_not_verified(self):
        path = admin_kubeconfig("insecure", certificate_authority=None, certificate_authority_data=None,
                                insecure_skip_tls_verify=True)
        with Reflect(path) as program:
            self.assertIn("not verified", program.expect(lambda line: "warning" in line, "a warning")["warning"])
            program.expect_synced()

    def test_a_rotated_token_file_is_read_again(self):
        path, token_file = os.path.join(scratch.name, "rotating"), os.path.join(scratch.name, "token")
        cluster.kubectl("create", "clusterrolebinding", "viewer", "--clusterrole=view", "--serviceaccount=shop:default")
        self.addCleanup(cluster.kubectl, "delete", "clusterrolebinding", "viewer")
        cluster.write_account_kubeconfig(path, "shop", "default", token_file=token_file)
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



class Example(unittest.TestCase):
    """examples/pod-counter does what its page says."""

    def test_namespaces_have_the_number_of_their_pods(self):
        def agrees():
            names = [item["metadata"]["namespace"] for item in everything("pods")]
            return all(item["metadata"].get("annotations", {}).get("example.org/pods", "0")
                       == str(names.count(item["metadata"]["name"])) for item in everything("namespaces"))

        def everything(kind):
            return json.loads(cluster.kubectl("get", kind, "--all-namespaces", "-o", "json"))["items"]

        self.assertTrue(everything("pods"))
        self.assertFalse(agrees())
        with subprocess.Popen([os.environ["POD_COUNTER"], cluster.kubeconfig]) as program:
            try:
                wait_for(agrees, 60, "the number of Pods on each Namespace")
                cluster.kubectl("run", "one-more", "-n", "shop", "--image=x")
                wait_for(agrees, 60, "a new Pod is counted")
                cluster.kubectl("delete", "pod", "one-more", "-n", "shop", "--now")
                wait_for(agrees, 60, "a deleted Pod is not counted")
            finally:
                program.terminate()
            self.assertEqual(program.wait(timeout=60), 0)

if __name__ == "__main__":
    unittest.main()
