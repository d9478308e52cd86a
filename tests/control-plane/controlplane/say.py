"""Progress messages: permanent lines, and lines that the next one replaces."""

import sys
import time

_PATIENCE = 5  # seconds between replaceable lines if the output is no terminal

QUIET = lambda text, passing=False: None  # without progress


class Progress:
    """`say(text)` prints a line. On a terminal, the next line replaces a line of `say(text,
    passing=True)`. On other outputs such lines appear only now and then."""

    def __init__(self, out=None):
        self._out = out or sys.stderr
        self._passing = False
        self._said = time.monotonic()

    def __call__(self, text, passing=False):
        terminal = self._out.isatty()
        now = time.monotonic()
        if passing and not terminal and now - self._said < _PATIENCE:
            return
        self._said = now
        before = "\r\033[K" if terminal and self._passing else ""
        after = "" if terminal and passing else "\n"
        print(f"{before}  {text}", end=after, file=self._out, flush=True)
        self._passing = passing
