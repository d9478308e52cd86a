"""A load client as a child, and what it has seen so far."""

import itertools
import os
import time

from controlplane import process, wait_for

from .record import NEW, of_kind, parse

_PROGRAM = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "load-client")
_numbers = itertools.count(1)


class Load:
    """A context manager: from its beginning on, requests go from the namespace `source` (path) to
    an address. Use it from the main thread. `folder`: of the layout; `every`: seconds from one
    request to the next."""

    def __init__(self, folder, source, address, port, every=0.02):
        name = f"load-{next(_numbers)}"
        self._file = folder.file("logs", f"{name}.jsonl")
        self._log = folder.file("logs", f"{name}.log")
        self._argv = [_PROGRAM, source, str(address), str(port), "--every", str(every),
                      "--output", self._file]
        self._records, self._read, self._process = [], 0, None

    def __enter__(self):
        self._process = process.spawn(self._argv, self._log)
        return self

    def __exit__(self, *_):
        process.stop(self._process)

    def records(self, since=0):
        """All requests that have an outcome, and of these the ones that began at `since` or
        later."""
        if os.path.exists(self._file):
            with open(self._file, encoding="utf-8") as lines:
                lines.seek(self._read)
                text = lines.read()
            complete = text[:text.rfind("\n") + 1]
            self._read += len(complete.encode())
            self._records += map(parse, complete.splitlines())
        return [record for record in self._records if record.begun >= since]

    def wait(self, count, since=None, kind=NEW, seconds=120):
        """Waits for the outcomes of `count` requests that began at `since` (default: now) or
        later; all records from then on."""
        since = time.monotonic() if since is None else since
        self.wait_until(lambda: len(of_kind(self.records(since), kind)) >= count, seconds,
                        f"{count} requests")
        return self.records(since)

    def wait_until(self, condition, seconds, what):
        """Waits for a condition while the client runs; its value."""
        def check():
            if self._process.poll() is not None:
                raise OSError(f"the load client has ended: {process.tail(self._log)}")
            return condition()
        return wait_for(check, seconds, f"{what}; so far {len(self._records)}")

    def end(self):
        """Ends the client; all its records."""
        process.stop(self._process, 30)
        return self.records()
