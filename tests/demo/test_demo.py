"""`make demo` ends with a report. However it is stopped, it leaves nothing behind."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(_ROOT, "tests", "control-plane"))

from controlplane import is_free, port_owner, wait_for  # noqa: E402
from controlplane.cache import cache_folder  # noqa: E402

_DEMO = os.path.join(_ROOT, "scripts", "demo")
_BIN = os.environ.get("KNM_BIN") or os.path.join(_ROOT, "bin")
_LAST_LINE = "Running until Ctrl-C."
_PHASES = [f"[{number}/7]" for number in range(1, 8)] + [_LAST_LINE]


class DemoRun:
    """One run of the demo. All its files are in `folder`, and each of its processes names that
    folder in its command line or environment."""

    def __init__(self, *arguments, under=()):
        self._folder = tempfile.TemporaryDirectory()
        self.folder = os.path.join(self._folder.name, "tmp")
        home = os.path.join(self._folder.name, "home")
        os.mkdir(self.folder)
        os.mkdir(home)
        self.output = ""
        self.process = subprocess.Popen(
            [*under, _DEMO, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, start_new_session=True,
            env=dict(os.environ, TMPDIR=self.folder, HOME=home, KNM_CACHE=cache_folder(),
                     KNM_BIN=_BIN))

    def read_until(self, text):
        """Reads output up to the line that contains `text`."""
        for line in self.process.stdout:
            self.output += line
            if text in line:
                return
        raise AssertionError(f"the demo ended before it said {text!r}:\n{self.output}")

    def finish(self, seconds=90):
        """Reads the rest of the output and returns the exit code."""
        rest, _ = self.process.communicate(timeout=seconds)
        self.output += rest
        return self.process.returncode

    def remains(self):
        """The processes, ports and files that still exist."""
        ports = {int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", self.output)}
        return ([f"process {pid}" for pid in self.processes()]
                + [f"port {port}" for port in sorted(ports) if not is_free(port)]
                + [os.path.join(folder, name) for folder, _, names in os.walk(self._folder.name)
                   for name in names]
                + os.listdir(self.folder))

    def close(self):
        """Kills the demo of a failed test and removes its folder."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self._folder.cleanup()

    def processes(self):
        """The ids of all processes of this demo."""
        needle = self.folder.encode()
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as command, \
                        open(f"/proc/{pid}/environ", "rb") as environment:
                    if needle in command.read() or needle in environment.read():
                        yield int(pid)
            except OSError:
                continue


class DemoTest(unittest.TestCase):
    """Functions that the tests of this file share."""

    def start(self, *arguments, under=()):
        demo = DemoRun(*arguments, under=under)
        self.addCleanup(demo.close)
        return demo

    def assert_nothing_left(self, demo):
        self.assertEqual(demo.remains(), [], demo.output)


class Reports(DemoTest):
    """The demo ends by itself."""

    def test_guestbook(self):
        demo = self.start("--once")
        self.assertEqual(demo.finish(), 0, demo.output)
        report = demo.output.partition("[7/7]")[2]
        for tier in ("redis-master", "redis-slave", "guestbook", "192.0.2.10", "10.254.0.10"):
            self.assertIn(tier, report)
        self.assertIn("7 pods are Ready", report)
        self.assert_nothing_left(demo)

    def test_the_report_lists_another_application(self):
        demo = self.start("--once", "--app", os.path.join(_ROOT, "examples", "shop"))
        self.assertEqual(demo.finish(), 0, demo.output)
        report = demo.output.partition("[7/7]")[2]
        for tier in ("web", "api", "worker", "db", "cache", "orders", "catalog", "192.0.2.20"):
            self.assertRegex(report, rf"\b{re.escape(tier)}\b")
        self.assertNotIn("redis", report)
        self.assert_nothing_left(demo)

    def test_a_taken_port_is_reported_and_another_one_is_used(self):
        with _taken(8082) as owner:
            demo = self.start("--once")
            self.assertEqual(demo.finish(), 0, demo.output)
        self.assertIn(f"port 8082 is taken by {owner}", demo.output)
        used = re.search(r"http://127\.0\.0\.1:(\d+), a stand-in", demo.output).group(1)
        self.assertNotEqual(used, "8082")

    def test_keep_logs_copies_the_logs(self):
        with tempfile.TemporaryDirectory() as folder:
            demo = self.start("--once", "--keep-logs", folder)
            self.assertEqual(demo.finish(), 0, demo.output)
            self.assertLessEqual(
                {"kube-apiserver.log", "kube-network-manager.log", "contrail-config-api.log"},
                set(os.listdir(folder)))
            self.assert_nothing_left(demo)


class Stopped(DemoTest):
    """The demo is stopped in each of its steps."""

    def test_a_signal_in_any_step_leaves_nothing(self):
        signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        for number, phase in enumerate(_PHASES):
            chosen = signals[number % len(signals)]
            with self.subTest(phase=phase, signal=chosen.name):
                demo = self.start()
                demo.read_until(phase)
                demo.process.send_signal(chosen)
                self.assertEqual(demo.finish(), 0, demo.output)
                self.assert_nothing_left(demo)

    def test_a_killed_demo_leaves_nothing(self):
        for phase in (_PHASES[1], _PHASES[4], _LAST_LINE):
            with self.subTest(phase=phase):
                demo = self.start()
                demo.read_until(phase)
                demo.process.kill()
                demo.process.wait()
                wait_for(lambda: not demo.remains(), 60, f"the end of {demo.remains()}")

    def test_a_killed_parent_ends_the_demo(self):
        demo = self.start(under=["sh", "-c", '"$0" "$@"; true'])
        demo.read_until(_LAST_LINE)
        demo.process.kill()
        demo.process.wait()
        wait_for(lambda: not demo.remains(), 60, f"the end of {demo.remains()}")

    def test_two_signals_leave_nothing(self):
        demo = self.start()
        demo.read_until(_LAST_LINE)
        demo.process.send_signal(signal.SIGINT)
        demo.process.send_signal(signal.SIGINT)
        self.assertEqual(demo.finish(), 0, demo.output)
        self.assert_nothing_left(demo)

    def test_a_dead_controller_ends_the_demo(self):
        demo = self.start()
        demo.read_until(_LAST_LINE)
        controller = next(pid for pid in demo.processes() if _command(pid)[1:2] == ["run"])
        os.kill(controller, signal.SIGKILL)
        self.assertEqual(demo.finish(), 1)
        self.assertIn("kube-network-manager ended", demo.output)
        self.assert_nothing_left(demo)


class Configuration(unittest.TestCase):
    """The configuration that the manifests ship."""

    def test_the_shipped_configuration_is_valid(self):
        done = subprocess.run(
            [os.path.join(_BIN, "kube-network-manager"), "config", "validate",
             os.path.join(_ROOT, "manifests", "base", "config.yaml")],
            capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)


def _command(pid):
    """The program and arguments of a process, without a leading interpreter."""
    with open(f"/proc/{pid}/cmdline", encoding="utf-8") as command:
        words = command.read().split("\0")[:-1]
    return words[1:] if "python" in os.path.basename(words[0]) else words


@contextlib.contextmanager
def _taken(port):
    """Occupies `port` if it is free, and yields the name of its owner."""
    if not is_free(port):
        yield port_owner(port)
        return
    with socket.create_server(("127.0.0.1", port)):
        yield port_owner(port)


if __name__ == "__main__":
    unittest.main()
