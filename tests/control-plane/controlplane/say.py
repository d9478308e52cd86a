"""Progress for people, on stderr: lines that stay and lines that pass."""

import sys


class Progress:
    """`say(text)` prints a line; `say(text, passing=True)` one that the next
    replaces where the output is a terminal."""

    def __init__(self, out=None):
        self._out = out or sys.stderr
        self._passing = False

    def __call__(self, text, passing=False):
        terminal = self._out.isatty()
        before = "\r\033[K" if terminal and self._passing else ""
        after = "" if terminal and passing else "\n"
        print(f"{before}  {text}", end=after, file=self._out, flush=True)
        self._passing = passing
