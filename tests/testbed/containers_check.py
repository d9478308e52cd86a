#!/usr/bin/env python3
"""Real packets of real containers: kubelets run the Pods, bin/contrail-cni connects them.

Needs root, Open vSwitch, OVN, runc (docs/testbed.md). `make soak` runs it:

    KNM_BIN=bin python3 tests/testbed/containers_check.py
"""

import unittest

import paths  # extends sys.path
import ending_check
import packets_check
from bed.container_testbed import ContainerTestbed


class Containers(packets_check.Packets):
    """What packets_check.py tries on namespaces that the testbed plugs itself."""

    kind = ContainerTestbed
    test_readiness = None  # it is set by an annotation that only kwok knows


class BothFamilies(packets_check.BothFamilies):
    """Two addresses for each Pod."""

    kind = ContainerTestbed


class Ending(ending_check.Packets):
    """The command, ended at each of its steps."""

    options = ["--containers"]
    steps = ("Kubernetes", "starting containerd on node-02", "the config API,", "runs",
             "Running until Ctrl-C")


if __name__ == "__main__":
    unittest.main(verbosity=2)
