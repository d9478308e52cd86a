"""The programs of nodes."""

import os
import unittest

import paths  # extends sys.path
from nodes.programs import RUNTIME


class Programs(unittest.TestCase):
    """What is built."""

    def test_tools(self):
        """The programs are the tools of go.mod, whose versions go.sum pins."""
        with open(os.path.join(paths.HERE, "nodes", "go.mod"), encoding="utf-8") as text:
            tools = text.read().partition("tool (")[2].partition(")")[0].split()
        self.assertEqual(sorted(tools), sorted(RUNTIME.values()))


if __name__ == "__main__":
    unittest.main()
