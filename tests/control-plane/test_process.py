"""A program that the tools start never outlives them."""

import contextlib
import os
import signal
import sys
import tempfile
import unittest
from unittest import mock

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, _HERE)

from controlplane import process  # noqa: E402


class Stop(BaseException):
    """Raised by the signal handler."""


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
    """The ids of this process's children, zombies included."""
    with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as text:
        return set(text.read().split())


class ExitCode(unittest.TestCase):
    """`process.exit_code`."""

    def test_interrupted(self):
        """A signal in the moment in which the child's lock is taken does not leave it so."""
        with tempfile.TemporaryDirectory() as folder:
            child = process.spawn(["sleep", "60"], os.path.join(folder, "log"))
        self.addCleanup(process.stop, child)
        lock = child._waitpid_lock

        def acquire(*arguments):
            taken = lock.acquire(*arguments)
            os.kill(os.getpid(), signal.SIGINT)
            return taken

        child._waitpid_lock = mock.Mock(acquire=acquire, release=lock.release)
        self.addCleanup(setattr, child, "_waitpid_lock", lock)
        self.addCleanup(lambda: lock.locked() and lock.release())
        with stopped_by(signal.SIGINT), self.assertRaises(Stop):
            process.exit_code(child)
        self.assertFalse(lock.locked())


class Run(unittest.TestCase):
    """`process.run` with and without an interruption."""

    def setUp(self):
        self.others = children()  # of earlier tests in the same process

    def assert_nothing_left(self):
        self.assertEqual(children() - self.others, set())

    def test_the_output_and_exit_code_are_returned(self):
        done = process.run(["sh", "-c", "cat; echo no >&2; exit 3"], "yes", env={"PATH": os.environ["PATH"]})
        self.assertEqual((done.returncode, done.stdout, done.stderr), (3, "yes", "no\n"))

    def test_a_missing_program_raises_an_error(self):
        with self.assertRaises(FileNotFoundError):
            process.run(["/no/such/program"])
        self.assert_nothing_left()

    def test_a_signal_during_the_start_ends_the_child(self):
        """The child already exists, but the parent has not stored its id yet."""
        parent = os.getpid()
        with stopped_by(signal.SIGHUP), \
                mock.patch.object(process, "die_with_parent",
                                  lambda _: os.kill(parent, signal.SIGHUP)):
            with self.assertRaises(Stop):
                process.run(["sleep", "600"])
        self.assert_nothing_left()

    def test_a_signal_ends_the_running_child(self):
        with stopped_by(signal.SIGHUP), self.assertRaises(Stop):
            process.run(["sh", "-c", "kill -HUP $PPID; exec sleep 600"])
        self.assert_nothing_left()

    def test_a_killed_parent_ends_the_child(self):
        """A killed parent cannot end its child: the kernel does."""
        read_end, write_end = os.pipe()
        child = os.fork()
        if child == 0:
            os.set_inheritable(write_end, True)
            os.close(read_end)
            # The grandchild holds the pipe open while it lives.
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
