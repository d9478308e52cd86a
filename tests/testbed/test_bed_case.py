"""Tests on a testbed keep its logs after a failure; the testbed is none here."""

import contextlib
import io
import unittest
from unittest import mock

import paths  # extends sys.path
from bed.case import OnTestbed


def run(test, prepare=lambda: None, check=lambda: None):
    """Runs a function as the only test of a class on a testbed; (the result, what was printed)."""
    bed = mock.MagicMock()
    bed.__enter__.return_value.check = check
    bed.__enter__.return_value.layout.folder.keep_logs.return_value = "/kept"

    class Case(OnTestbed):
        """Of this test."""

        kind = mock.Mock(return_value=bed)

        @classmethod
        def prepare(cls):
            prepare()

        def test(self):
            """The function."""
            test(self)

    result = unittest.TestResult()
    with contextlib.redirect_stderr(io.StringIO()) as said:
        unittest.TestSuite([Case("test")]).run(result)
    return result, said.getvalue()


def _fails(*_):
    raise OSError("not so")


def _passes(*_):
    pass


class Logs(unittest.TestCase):
    """Whether they are kept."""

    def test_failures(self):
        """Of a test, of a part of it, of what it needs, and of a program that has ended."""
        def part_fails(case):
            with case.subTest():
                case.fail()

        for what in ((_fails,), (part_fails,), (_passes, _fails), (_passes, _passes, _fails)):
            result, said = run(*what)
            self.assertFalse(result.wasSuccessful())
            self.assertRegex(said, r"the logs of .*Case.* are in /kept\n")

    def test_success(self):
        """Nothing is kept."""
        result, said = run(_passes)
        self.assertTrue(result.wasSuccessful())
        self.assertEqual((result.testsRun, said), (1, ""))


if __name__ == "__main__":
    unittest.main()
