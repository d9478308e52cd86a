"""Being stopped, at any moment, exactly once."""

import contextlib
import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1


class Stopped(BaseException):
    """The demo shall end: Ctrl-C, a signal, or the parent's death. Not
    an Exception, so that no handler of errors takes it for one."""


class Interrupts:
    """Turns signals into `Stopped`, raised in the main thread: at once, or at the end
    of a `held()` block, in which something is started that must not get lost."""

    SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self):
        self._held = 0
        self._pending = False
        self._over = False
        for number in self.SIGNALS:
            signal.signal(number, self._on_signal)
        # The end of the parent (make, a shell, a terminal) ends the demo too.
        parent = os.getppid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)

    @contextlib.contextmanager
    def held(self):
        """Signals wait until the end of this block."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
        if self._pending and not self._held and not self._over:
            raise Stopped

    def ignore(self):
        """From here on the demo is ending, and cannot be interrupted in that."""
        self._over = True

    def _on_signal(self, _number, _frame):
        if self._over:
            return
        self._pending = True
        if not self._held:
            raise Stopped
