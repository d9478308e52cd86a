#!/usr/bin/env python3
"""A network of the testbed leaves nothing behind. Needs root, Open vSwitch and OVN
(docs/testbed.md); it is not among the tests of CI."""

import os
import signal
import subprocess
import sys
import unittest

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [_HERE, os.path.join(os.path.dirname(_HERE), "control-plane")]

from controlplane import process, wait_for  # noqa: E402  (needs the paths above)
from layout import leftovers  # noqa: E402


class NothingLeft(unittest.TestCase):
    """However the owner of a network ends, nothing of it is left."""

    _OWNER = """
import contextlib, sys, time
sys.path[:0] = sys.argv[1:]
from layout.layout import Layout
with contextlib.suppress(KeyboardInterrupt), Layout(["192.0.2.0/24"], {}) as layout:
    layout.central.sync()
    print(layout.folder.path, flush=True)
    time.sleep(600)
"""

    def _remains(self, number):
        owner = subprocess.Popen([sys.executable, "-c", self._OWNER, *sys.path[:2]],
                                 stdout=subprocess.PIPE, text=True)
        self.addCleanup(owner.stdout.close)
        folder = owner.stdout.readline().strip()
        try:
            with open(os.path.join(folder, "pids"), encoding="ascii") as lines:
                noted = [tuple(map(int, line.split())) for line in lines]
            self.assertGreater(len(noted), 15)
            self.assertTrue(all(process.is_alive(*pair) for pair in noted))
        finally:
            owner.send_signal(number)
            owner.wait()
        wait_for(lambda: not any(process.is_alive(*pair) for pair in noted)
                 and not os.path.exists(folder), 30, "the end of all processes, and the folder's")
        self.assertNotIn(folder, dict(leftovers.folders()))

    def test_killed(self):
        """SIGKILL: the kernel ends the children, and namespaces with them."""
        self._remains(signal.SIGKILL)

    def test_interrupted(self):
        """Ctrl-C."""
        self._remains(signal.SIGINT)


if __name__ == "__main__":
    unittest.main(verbosity=2)
