#!/usr/bin/env python3
"""The whole matrix of larger applications.

Needs root, Open vSwitch and OVN (docs/testbed.md). `make soak` runs it; KNM_TESTBED_PODS and KNM_TESTBED_SEEDS
(1,2,3) change the random applications:

    KNM_BIN=bin python3 tests/testbed/matrix_check.py
"""

import os
import sys
import unittest

import paths  # extends sys.path
from load.bed import LoadTestbed
from load.random_app import random_app
from matrix.flow import OPEN, SILENT
from matrix.matrix import Matrix
from matrix.table import counts, table

_PODS = int(os.environ.get("KNM_TESTBED_PODS") or 100)
_SEEDS = [int(text) for text in (os.environ.get("KNM_TESTBED_SEEDS") or "1,2,3").split(",")]
_SECONDS = 3.5  # for what is dropped: the third SYN of a connection is sent after 3 s
_PATIENCE = 600  # seconds for all Pods


class Applications(unittest.TestCase):
    """All connections of an application, each on a testbed of its own."""

    def setUp(self):
        self.bed = self.enterContext(LoadTestbed(lambda text, passing=False: None))

    def assert_agrees(self):
        """The matrix is as the labels say, and it has open and closed connections."""
        self.bed.sync(_PATIENCE)
        matrix = Matrix(self.bed.running, _SECONDS)
        self.assertEqual(matrix.differences, [], table(
            matrix.expected, matrix.outcomes, matrix.differences))
        self.assertLessEqual({OPEN, SILENT},
                             {outcome.kind for outcome in matrix.outcomes.values()})
        print(f"    {counts(matrix.expected, matrix.differences)}", file=sys.stderr, flush=True)

    def test_shop(self):
        """examples/shop."""
        self.bed.apply(os.path.join(paths.ROOT, "examples", "shop"))
        self.assert_agrees()

    def test_random(self):
        """A hundred Pods, three seeds."""
        for seed in _SEEDS:
            with self.subTest(seed=seed):
                print(f"    seed {seed}", file=sys.stderr, flush=True)
                self.bed.apply_objects(random_app(seed, _PODS))
                self.assert_agrees()
                self.bed.cluster.kubectl("delete", "namespace", "red", "green", "blue")


if __name__ == "__main__":
    unittest.main(verbosity=2)
