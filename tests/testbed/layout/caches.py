"""The flows that switches have cached, emptied again and again: see faults.py."""

import contextlib
import json
import socket
import threading

from .errors import LayoutError

_EVERY = 0.5  # seconds
_LIMIT = 30  # seconds for an answer


class Caches:
    """Empties them from start() to close(). `controls`: control sockets of ovs-vswitchd."""

    def __init__(self, controls):
        self._controls, self._ended = controls, threading.Event()
        self._failure = None  # what has ended the thread
        # A thread may have no children here: they would end with it. So ovs-appctl is not used.
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        """Begins."""
        self._thread.start()

    def empty(self):
        """Empties them now, without a flow that is just being changed. Raises OSError."""
        for command in "revalidator/wait", "revalidator/purge":
            for control in self._controls:
                _ask(control, command)

    def check(self):
        """LayoutError if they are not emptied any more: packets may then do what was right before."""
        if self._failure:
            raise LayoutError("the cached flows of the switches are not emptied any more: "
                              f"{self._failure!r}")

    def close(self):
        """Ends it."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self):
        try:
            while not self._ended.wait(_EVERY):
                for control in self._controls:
                    with contextlib.suppress(OSError):  # a switch that has ended is found elsewhere
                        _ask(control, "revalidator/purge")
        except Exception as error:  # of any kind: check() says it
            self._failure = error


def _ask(control, command):
    """One request as of ovs-appctl: JSON-RPC. OSError if it is not carried out."""
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(_LIMIT)
        link.connect(control)
        link.sendall(json.dumps({"id": 0, "method": command, "params": []}).encode())
        answer = b""
        while True:
            more = link.recv(4096)
            answer += more
            with contextlib.suppress(ValueError):
                if error := json.loads(answer).get("error"):
                    raise OSError(f"{command}: {error}")
                return
            if not more:
                raise OSError(f"{command}: no answer")
