"""Tests on a testbed."""

import os
import sys
import unittest

from controlplane.say import QUIET
from matrix.attempts import SECONDS, attempt
from matrix.connection import Connection
from matrix.flow import OPEN, SILENT, Flow, observed
from matrix.matrix import Matrix
from matrix.table import counts, table
from matrix.wire import Wire

from .testbed import ROOT, Testbed

NAMESPACE = "guestbook"


class OnTestbed(unittest.TestCase):
    """One testbed for all tests of a class, of the given `kind`; each test leaves it as it found it.
    After a failure its logs are kept, and it is said where."""

    kind, dual_stack = Testbed, False

    @classmethod
    def setUpClass(cls):
        cls.bed = cls.enterClassContext(cls.kind(QUIET, cls.dual_stack))
        try:
            cls.prepare()
        except BaseException:
            cls._keep_logs(cls.__name__)
            raise

    @classmethod
    def prepare(cls):
        """What all tests need: once, when the testbed runs."""

    def run(self, result=None):
        """As of TestCase."""
        result = self.defaultTestResult() if result is None else result
        before = _failed(result)
        super().run(result)
        if _failed(result) > before:
            self._keep_logs(self.id())
        return result

    @classmethod
    def _keep_logs(cls, what):
        print(f"    the logs of {what} are in {cls.bed.layout.folder.keep_logs()}", file=sys.stderr,
              flush=True)

    def tearDown(self):
        """A program that has ended answers nothing: its end is said beside what it looks like."""
        self.bed.check()

    def assert_agrees(self, part=slice(None)):
        """The whole matrix, or a part of it, is as the labels say, and it has open and closed
        connections; the Matrix."""
        matrix = Matrix(self.bed.running, SECONDS, part)
        self.assertEqual(matrix.differences, [], table(
            matrix.expected, matrix.outcomes, matrix.differences))
        kinds = {outcome.kind for outcome in matrix.outcomes.values()}
        self.assertLessEqual({OPEN, SILENT}, kinds, counts(matrix.expected, matrix.differences))
        return matrix


class OnGuestbook(OnTestbed):
    """guestbook-go."""

    @classmethod
    def prepare(cls):
        cls.bed.apply(os.path.join(ROOT, "examples", "guestbook-go"))
        cls.bed.sync()

    def pods(self, tier):
        """Names of the Pods of a tier, as namespace/name."""
        found = self.bed.cluster.api.get(f"/api/v1/namespaces/{NAMESPACE}/pods"
                                         f"?labelSelector=name%3D{tier}")["items"]
        self.assertTrue(found, f"no Pod is in the tier {tier}")
        return sorted(f"{NAMESPACE}/{pod['metadata']['name']}" for pod in found)

    def address(self, service, version=4, namespace=NAMESPACE):
        """Its ClusterIP of a family."""
        return self.bed.service_address(f"{namespace}/{service}", version)

    def kubectl(self, *arguments):
        """kubectl in the Namespace of guestbook, and the network that comes of it."""
        self.bed.cluster.kubectl("--namespace", NAMESPACE, *arguments)
        self.bed.sync()

    def tried(self, source, service, count=1):
        """Outcomes of new connections to a Service's address, each seen on the wire."""
        path, found = self.bed.running.namespace(source), []
        for _ in range(count):
            flow = Flow(source, service, "tcp", self.address(service), 6379)
            with Wire({source: path}) as wire:
                outcome = attempt([flow], {source: path}, SECONDS)[flow]
                found.append(observed(flow, outcome, wire.sent()))
        return found

    def connect(self, source, service):
        """An established connection, which has answered once."""
        made = Connection(self.bed.running.namespace(source), self.address(service), 6379, SECONDS)
        self.addCleanup(made.close)
        self.assertTrue(made.ask(), "the connection was never open")
        return made


def _failed(result):
    return len(result.failures) + len(result.errors)
