"""The long-running programs of a layout."""

import os
import time

from controlplane import process

from .errors import LayoutError

_DEADLINE = 30  # seconds for what must happen


class Programs:
    """Started in the order of dependence, ended together."""

    def __init__(self, folder):
        self._folder = folder
        self._running = {}  # name → (process, log)

    def start(self, name, argv, rundir, socket=None):
        """Starts a program; `rundir` is its folder of sockets. Waits until `socket` is there."""
        log = self._folder.file("logs", f"{name}.log")
        environment = dict(os.environ, OVS_RUNDIR=rundir, OVN_RUNDIR=rundir, OVS_LOGDIR=rundir,
                           OVN_LOGDIR=rundir)
        child = process.spawn(argv, log, env=environment)
        self._running[name] = child, log
        self._folder.note(child)
        end = time.monotonic() + _DEADLINE
        while socket and not os.path.exists(socket):
            self.check()
            if time.monotonic() > end:
                raise LayoutError(f"{name} does not listen: {process.tail(log)}")
            time.sleep(0.01)

    def check(self):
        """LayoutError if one has ended."""
        for name, (child, log) in self._running.items():
            if process.exit_code(child) is not None:
                raise LayoutError(f"{name} ended with exit code {child.returncode}. Its last "
                                  f"words:\n{process.tail(log)}")

    def stop(self):
        """Ends all. They keep nothing that is of use later, so no time is spent on asking."""
        for child, _ in self._running.values():
            child.kill()
        for child, _ in self._running.values():
            child.wait()
        self._running.clear()
