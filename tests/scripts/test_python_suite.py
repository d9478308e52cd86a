"""scripts/python-suite: which files have passed, in every way that a file can end."""

import importlib.machinery
import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import unittest
from unittest import mock

_PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "python-suite")
_DEADLINE = 60  # seconds; the tests need one or two

# Says through a pipe that it runs, and waits for the end of another one.
_BLOCKS = """\
    with open({started!r}, "w") as pipe:
        pipe.write(str(os.getpid()))
    open({goes_on!r}).read()
"""


class PythonSuite(unittest.TestCase):
    """Folders of files with one test each."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        """The path of a file in the folder."""
        return os.path.join(self.folder, name)

    def write(self, name, body):
        """A file with a test of these statements."""
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write("import os\nimport sys\nimport unittest\n\n\nclass Case(unittest.TestCase):\n  def test_it(self):\n"
                       + textwrap.indent(textwrap.dedent(body), "    ") + "\n")

    def write_blocking(self, name):
        """A file that blocks until it is interrupted, or until the test ends. Returns the path of
        the pipe that has its process id."""
        pipes = {"started": self.path("started"), "goes_on": self.path("goes-on")}
        for pipe in pipes.values():
            os.mkfifo(pipe)
        # Both ends are open here, so that neither side waits for the other one's open.
        held = os.open(pipes["goes_on"], os.O_RDWR)
        self.addCleanup(os.close, held)
        self.write(name, _BLOCKS.format(**pipes))
        return pipes["started"]

    def start(self, *arguments, **environment):
        """The suite of the folder, running."""
        process = subprocess.Popen([sys.executable, _PROGRAM, *arguments, self.folder], stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True, env={**os.environ, **environment})
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def run_suite(self, *arguments, **environment):
        """The exit code and the output of a whole run."""
        process = self.start(*arguments, **environment)
        output = process.communicate(timeout=_DEADLINE)[0]
        return process.returncode, output

    def assert_failed(self, output, *names):
        """These files are listed as failed, and no others."""
        listed = [os.path.basename(line.removeprefix("FAILED: ")) for line in output.splitlines() if line.startswith("FAILED: ")]
        self.assertEqual(listed, list(names), output)

    def test_all_pass(self):
        self.write("test_a.py", "pass")
        self.write("test_b.py", "pass")
        code, output = self.run_suite("--jobs", "2")
        self.assertEqual(code, 0, output)
        self.assert_failed(output)
        self.assertIn("The slowest of 2 tests", output)

    def test_a_failed_test(self):
        self.write("test_a.py", "self.fail('so it is')")
        self.write("test_b.py", "pass")
        code, output = self.run_suite()
        self.assertEqual(code, 1, output)
        self.assert_failed(output, "test_a.py")
        self.assertIn("so it is", output)

    def test_a_crash(self):
        self.write("test_a.py", "os.abort()")
        code, output = self.run_suite()
        self.assertEqual(code, 1, output)
        self.assert_failed(output, "test_a.py")

    def test_a_file_without_tests(self):
        with open(self.path("test_a.py"), "w", encoding="utf-8"):
            pass
        code, output = self.run_suite()
        self.assertEqual(code, 1, output)
        self.assert_failed(output, "test_a.py")

    def test_binary_output(self):
        """Also where the terminal has no other characters than ASCII."""
        self.write("test_a.py", r"os.write(1, b'\xff\xfe\0\n')")
        self.write("test_b.py", r"os.write(1, b'\xff\xfe\0\n'); self.fail()")
        code, output = self.run_suite(PYTHONIOENCODING="ascii", PYTHONUTF8="0")
        self.assertEqual(code, 1, output)
        self.assert_failed(output, "test_b.py")
        self.assertIn(r"\ufffd", output)

    def test_lines_that_look_like_times(self):
        self.write("test_a.py", "print('\\nseconds of waiting'); print('seconds of it: many'); self.fail()")
        code, output = self.run_suite()
        self.assertEqual(code, 1, output)
        self.assert_failed(output, "test_a.py")
        self.assertIn("\nseconds of waiting\nseconds of it: many\n", output)

    def test_no_jobs(self):
        self.write("test_a.py", "pass")
        code, output = self.run_suite("--jobs", "0")
        self.assertEqual(code, 2, output)
        self.assertIn("at least 1", output)

    def test_an_interrupt_ends_all_by_the_signal(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number), tempfile.TemporaryDirectory() as self.folder:
                started = self.write_blocking("test_a.py")
                self.write("test_b.py", "print('not to be seen')")
                process = self.start()
                with open(started, encoding="ascii") as pipe:
                    child = int(pipe.read())
                process.send_signal(number)
                output = process.communicate(timeout=_DEADLINE)[0]
                self.assertEqual(process.returncode, -number, output)
                self.assertRaises(ProcessLookupError, os.kill, child, 0)
                self.assert_failed(output, "test_a.py", "test_b.py")
                self.assertNotIn("not to be seen", output)

    def test_a_file_that_starts_during_the_interrupt_is_interrupted(self):
        loader = importlib.machinery.SourceFileLoader("python_suite", _PROGRAM)
        module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
        with mock.patch.object(sys, "dont_write_bytecode", True):
            loader.exec_module(module)
        self.write_blocking("test_a.py")
        suite, popen = module.Suite([self.path("test_a.py")]), subprocess.Popen

        def interrupted(*arguments, **options):
            process = popen(*arguments, **options)
            self.addCleanup(process.kill)
            suite.stop()
            return process
        with mock.patch.object(module.subprocess, "Popen", interrupted), mock.patch("builtins.print"):
            worker = threading.Thread(target=suite.work, daemon=True)
            worker.start()
            worker.join(_DEADLINE)
        self.assertFalse(worker.is_alive())
        self.assertEqual(suite.left, {self.path("test_a.py")})


if __name__ == "__main__":
    unittest.main()
