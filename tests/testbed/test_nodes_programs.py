"""The programs of nodes."""

import os
import sys
import unittest

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [_HERE, os.path.join(os.path.dirname(_HERE), "control-plane")]

from nodes.programs import RUNTIME  # noqa: E402  (needs the paths above)


class Programs(unittest.TestCase):
    """What is built."""

    def test_tools(self):
        """The programs are the tools of go.mod, whose versions go.sum pins."""
        with open(os.path.join(_HERE, "nodes", "go.mod"), encoding="utf-8") as text:
            tools = text.read().partition("tool (")[2].partition(")")[0].split()
        self.assertEqual(sorted(tools), sorted(RUNTIME.values()))


if __name__ == "__main__":
    unittest.main()
