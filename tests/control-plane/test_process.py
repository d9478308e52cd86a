"""A program that the tools run never outlives them."""

import contextlib
import os
import signal
import sys
import unittest
from unittest import mock

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, _HERE)

from controlplane import process  # noqa: E402


class Stop(BaseException):
    """What the handler of a signal raises."""


@contextlib.contextmanager
def stopped_by(number):
    """Signal `number` raises Stop in this block."""
    def stop(*_):
        raise Stop

    before = signal.signal(number, stop)
    try:
        yield
    finally:
        signal.signal(number, before)


def children():
    """Ids of this process's children, zombies included."""
    with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as text:
        return set(text.read().split())


class Run(unittest.TestCase):
    """`process.run` to the end, or to an interruption."""

    def setUp(self):
        self.others = children()  # of tests that ran before, in the same process

    def assert_nothing_left(self):
        self.assertEqual(children() - self.others, set())

    def test_to_its_end(self):
        done = process.run(["sh", "-c", "cat; echo no >&2; exit 3"], "yes", env={"PATH": os.environ["PATH"]})
        self.assertEqual((done.returncode, done.stdout, done.stderr), (3, "yes", "no\n"))

    def test_there_is_no_such_program(self):
        with self.assertRaises(FileNotFoundError):
            process.run(["/no/such/program"])
        self.assert_nothing_left()

    def test_a_signal_while_it_starts(self):
        """The child is there already, and nobody knows of it yet."""
        parent = os.getpid()
        with stopped_by(signal.SIGHUP), \
                mock.patch.object(process, "die_with_parent",
                                  lambda _: os.kill(parent, signal.SIGHUP)):
            with self.assertRaises(Stop):
                process.run(["sleep", "600"])
        self.assert_nothing_left()

    def test_a_signal_while_it_runs(self):
        with stopped_by(signal.SIGHUP), self.assertRaises(Stop):
            process.run(["sh", "-c", "kill -HUP $PPID; exec sleep 600"])
        self.assert_nothing_left()

    def test_the_parent_is_killed(self):
        """Killed itself, it can end nothing: the kernel does."""
        read_end, write_end = os.pipe()
        child = os.fork()
        if child == 0:
            os.set_inheritable(write_end, True)
            os.close(read_end)
            # The grandchild keeps the pipe open as long as it lives.
            with mock.patch.object(process.subprocess, "Popen",
                                   lambda argv, popen=process.subprocess.Popen, **options: popen(
                                       argv, pass_fds=[write_end], **options)):
                process.run(["sh", "-c", f"echo here >&{write_end}; exec sleep 600"])
        os.close(write_end)
        with open(read_end, encoding="ascii") as pipe:
            self.assertEqual(pipe.readline(), "here\n")
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            self.assertEqual(pipe.read(), "")


if __name__ == "__main__":
    unittest.main()
