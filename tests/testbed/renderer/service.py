"""The passes: read both sides, write the difference, say what was done."""

import time

from .config import parse
from .desired import desired
from .difference import difference
from .northbound import Northbound, NorthboundError
from .order import in_order
from .reader import ReadError, objects
from .report import Announced, change_lines, summary

PAUSE = 0.05  # seconds between passes, however fast others change rows


class Service:
    """Keeps the database at `remote` equal to what the config API says. `outside`, `public` and
    `own` are those of desired()."""

    def __init__(self, reader, remote, outside, public, at_once=False, own=None):
        self._reader = reader
        self._remote = remote
        self._surroundings = outside, public, own
        self._at_once = at_once
        self._announced = Announced(at_once)
        self._northbound = None
        self._seen = None  # what the last pass has read, if it left nothing to do

    def run(self, interval):
        """Passes for ever: each `interval` seconds, and after each change of the database."""
        failure = None
        while True:
            try:
                self.one_pass()
                failure = None
            except (ReadError, NorthboundError) as error:
                if str(error) != failure:
                    _say(f"nothing is changed: {error}")
                failure = str(error)
                if isinstance(error, NorthboundError):
                    self._disconnect()
            if self._northbound and not failure:
                time.sleep(PAUSE)
                self._northbound.wait(interval - PAUSE)
            else:
                time.sleep(interval)

    def one_pass(self):
        """One pass; what must wait for the switches is left to the next. Raises ReadError or
        NorthboundError; nothing has been changed then."""
        self._northbound = self._northbound or Northbound(self._remote)
        bodies = self._reader.bodies()
        if self._seen == (bodies, self._northbound.version()):
            return
        wanted = desired(parse(objects(bodies)), *self._surroundings)
        version = self._northbound.version()
        found = difference(wanted.rows, self._northbound.observed())
        changes, later = in_order(found.changes)
        if changes:
            self._northbound.apply(changes)
        if later:
            self._northbound.wait_for_switches()
        problems = frozenset([*wanted.problems, *found.problems])
        lines = change_lines(changes) + self._announced.lines(problems)
        for line in lines:
            _say(line)
        if lines or self._at_once:
            _say(summary(changes, self._announced.problems))
        settled = not found.changes and problems == self._announced.problems
        self._seen = (bodies, version) if settled else None
        if later and self._at_once:
            self.one_pass()

    def close(self):
        """Closes both connections."""
        self._reader.close()
        self._disconnect()

    def _disconnect(self):
        if self._northbound:
            self._northbound.close()
        self._northbound = self._seen = None


def _say(line):
    print(time.strftime("%H:%M:%S"), line, flush=True)
