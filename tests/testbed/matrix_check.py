#!/usr/bin/env python3
"""The whole matrix of larger applications.

Needs root, Open vSwitch and OVN (docs/testbed.md). `make soak` runs it; KNM_TESTBED_PODS and KNM_TESTBED_SEEDS
(1,2,3) change the random applications:

    KNM_BIN=bin python3 tests/testbed/matrix_check.py
    KNM_BIN=bin python3 tests/testbed/matrix_check.py Seed2

KNM_TESTBED_PART=39000:40500 tries these connections only, in the order in which all are tried, and
KNM_TESTBED_ROUNDS=50 tries them so often: for what happens now and then.
"""

import os
import sys
import unittest

import paths
from bed.case import OnTestbed
from load.bed import LoadTestbed
from load.random_app import random_app
from matrix.table import counts

_PODS = int(os.environ.get("KNM_TESTBED_PODS") or 100)
_SEEDS = [int(text) for text in (os.environ.get("KNM_TESTBED_SEEDS") or "1,2,3").split(",")]
_PART = slice(*(int(text) if text else None
                for text in (os.environ.get("KNM_TESTBED_PART") or ":").split(":")))
_ROUNDS = int(os.environ.get("KNM_TESTBED_ROUNDS") or 1)
_PATIENCE = 600  # seconds for all Pods


class _Application:
    """All connections of an application, each on a testbed of its own."""

    kind = LoadTestbed

    def test_matrix(self):
        """They are as the labels say."""
        self.bed.sync(_PATIENCE)
        for number in range(1, _ROUNDS + 1):
            with self.subTest(round=number):
                matrix = self.assert_agrees(_PART)
                print(f"    {counts(matrix.expected, matrix.differences)}", file=sys.stderr, flush=True)


class Shop(_Application, OnTestbed):
    """examples/shop."""

    @classmethod
    def prepare(cls):
        cls.bed.apply(os.path.join(paths.ROOT, "examples", "shop"))


def _random(seed):
    class Random(_Application, OnTestbed):
        """A hundred Pods."""

        @classmethod
        def prepare(cls):
            cls.bed.apply_objects(random_app(seed, _PODS))

    Random.__name__ = Random.__qualname__ = f"Seed{seed}"
    return Random


globals().update({f"Seed{seed}": _random(seed) for seed in _SEEDS})

if __name__ == "__main__":
    unittest.main(verbosity=2)
