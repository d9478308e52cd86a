#!/usr/bin/env python3
"""The testbed leaves nothing behind.

Needs root, Open vSwitch and OVN (docs/testbed.md). `make soak` runs it:

    KNM_BIN=bin python3 tests/testbed/ending_check.py
"""

import os
import signal
import subprocess
import sys
import tempfile
import unittest

import paths  # extends sys.path
from controlplane import process, wait_for
from controlplane.cache import cache_folder
from layout import leftovers
from layout.folder import PREFIX
from machine_state import machine_state
from nodes import cgroups


class NothingLeft(unittest.TestCase):
    """However the owner of a network ends, nothing of it is left."""

    _OWNER = """
import contextlib, sys, time
sys.path[:0] = sys.argv[1:]
from layout.layout import Layout
with contextlib.suppress(KeyboardInterrupt), Layout(["192.0.2.0/24"], {}) as layout:
    layout.sync()
    print(layout.folder.path, flush=True)
    time.sleep(600)
"""

    def _remains(self, number):
        owner = subprocess.Popen([sys.executable, "-c", self._OWNER, *paths.ALL],
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


class Packets(unittest.TestCase):
    """The command, ended at each of its steps."""

    options = []
    steps = ("the network:", "Kubernetes", "the config API,", "plugged", "Running until Ctrl-C")

    def _end(self, step, number):
        """Runs it up to a step, and sends the signal. What is left must go by itself."""
        before = machine_state()
        with tempfile.TemporaryDirectory() as folder:
            program = subprocess.Popen(
                [os.path.join(paths.HERE, "packets"), *self.options], stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True, start_new_session=True,
                env=dict(os.environ, TMPDIR=folder, KNM_CACHE=cache_folder()))
            with program.stdout:
                said = ""
                for line in program.stdout:
                    said += line
                    if step in line:
                        break
                else:
                    self.fail(f"it never came to {step!r}: {said}")
                program.send_signal(number)
                said += program.stdout.read()
            code = program.wait()
            self.assertEqual(code, 0 if number == signal.SIGINT else -number, said)
            # All that belongs to it has the folder in its environment.
            wait_for(lambda: not _mentioning(folder) and not os.listdir(folder), 30,
                     "the end of its processes and files")
            wait_for(lambda: not any(f"-{program.pid}." in path for path, _ in
                                     leftovers.folders()), 10, "the end of its folder")
            wait_for(lambda: not [path for path in cgroups.folders(PREFIX, cgroups.mounted_here())
                                  if f"-{program.pid}." in path], 30, "the end of its cgroups")
            wait_for(lambda: machine_state() == before, 10, "the machine as it was before")

    def test_interrupted(self):
        """Ctrl-C."""
        for step in self.steps:
            with self.subTest(step=step):
                self._end(step, signal.SIGINT)

    def test_killed(self):
        """SIGKILL."""
        for step in self.steps[1:]:
            with self.subTest(step=step):
                self._end(step, signal.SIGKILL)


def _mentioning(folder):
    """Ids of processes with a folder in their environment."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as environment:
                if folder.encode() in environment.read():
                    found.append(int(pid))
        except OSError:
            pass  # it has ended meanwhile
    return found


if __name__ == "__main__":
    unittest.main(verbosity=2)
