"""The cluster that the tests of a module share, and what they ask it."""

import json
import os
import sys
import tempfile
import unittest

_TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [_TESTS, os.path.join(_TESTS, "control-plane")]

from controlplane import Cluster, wait_for  # noqa: E402  (needs the path above)
from faults.distorter import Distorter  # noqa: E402
from faults.http_proxy import KINDS  # noqa: E402

import oracle  # noqa: E402
from reflect import Reflect  # noqa: E402

OBJECTS = os.path.join(_TESTS, "unit", "k8sclient", "data", "objects.yaml")
KEEP = [f"--label={key}" for key in oracle.LABELS] + [f"--annotation={key}" for key in oracle.ANNOTATIONS]
OTHER_UID = "11111111-7aeb-4ec6-8ff6-5d9c2e6a13a1"


class ClusterTest(unittest.TestCase):
    """One cluster for all tests of a module, which names `start_cluster` as its setUpModule and
    `stop_cluster` as its tearDownModule. Its Pods run at once."""

    cluster = None
    scratch = None  # a folder for files of the tests
    _folder = None

    @staticmethod
    def start_cluster():
        """Starts the cluster and creates the objects."""
        ClusterTest._folder = tempfile.TemporaryDirectory()
        ClusterTest.scratch = ClusterTest._folder.name
        ClusterTest.cluster = Cluster.start(stages=["at-once"])
        ClusterTest.cluster.kubectl("apply", "-f", OBJECTS)
        ClusterTest.cluster.kubectl("wait", "-n", "shop", "--for=condition=Ready", "pod/plain")

    @staticmethod
    def stop_cluster():
        """Stops the cluster."""
        if ClusterTest.cluster:
            ClusterTest.cluster.stop()
        ClusterTest._folder.cleanup()

    def admin_kubeconfig(self, name, **changes):
        """A copy of the administrator's kubeconfig with other settings of the cluster (None removes
        one), with another token, with more settings of the user, or with only these."""
        config = json.loads(self.cluster.kubectl("config", "view", "--raw", "-o", "json"))
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
        path = os.path.join(self.scratch, name)
        with open(path, "w", encoding="utf-8") as out:
            json.dump(config, out)
        return path

    def one(self, kind, name, namespace="shop"):
        """An object as kubectl shows it."""
        return json.loads(self.cluster.kubectl("get", kind, name, "-n", namespace, "-o", "json"))

    def label(self, value, name="plain"):
        """Sets the label `name` of a Pod, which the library keeps."""
        self.cluster.kubectl("label", "pod", name, "-n", "shop", "--overwrite", f"name={value}")


class OracleTest(ClusterTest):
    """Compares the program's objects with kubectl's."""

    def assert_agrees(self, program, seconds=60):
        """Waits until both agree, because the cluster changes between the two reads."""
        program.until(
            lambda dump: oracle.versions_aside(objects_of(dump)) == oracle.versions_aside(oracle.expected(self.cluster)),
            "the same objects as kubectl shows", seconds)


class DistortedTest(OracleTest):
    """The API server is behind a proxy that distorts what it says."""

    def setUp(self):
        self.proxy = Distorter(self.cluster.server, self.cluster.ca_file)
        self.addCleanup(self.proxy.stop)
        self.kubeconfig = self.admin_kubeconfig("distorted", server=self.proxy.url, certificate_authority=None,
                                                certificate_authority_data=None)

    def in_both_encodings(self, check, *arguments):
        """Calls `check(program)` with a program that watches, for protobuf and for JSON."""
        for encoding in ([], ["--json"]):
            with self.subTest(encoding), Reflect(self.kubeconfig, *KEEP, *encoding, *arguments) as program:
                program.expect_synced()
                self.wait_watched()
                check(program)
                self.assert_agrees(program, 120)
                for kind in KINDS:
                    self.proxy.honest(kind)

    def wait_watched(self):
        """Waits until the Pods are watched."""
        wait_for(lambda: self.proxy.watches("pods") == 1, 120, "a watch of the Pods")

    def wait_distorted(self, count):
        """Waits until so many frames, lists or answers were distorted."""
        wait_for(lambda: self.proxy.done >= count, 60, f"{count} distortions")


def objects_of(dump):
    """The objects of a dump, by kind."""
    return {kind: content["objects"] for kind, content in dump.items()}
