"""What one request of a load client has seen."""

import json
from dataclasses import astuple, dataclass

from matrix.flow import OPEN, SILENT

NEW, KEPT = "new", "kept"  # over a connection of its own; over one that is kept open
ENDED = "ended"  # the other end has closed a kept connection while no request was under way


@dataclass(frozen=True)
class Record:
    """`begun`, `ended`: seconds of the machine's monotonic clock, the same in all processes.
    `outcome`: of matrix.flow, or ENDED. `resent`: TCP segments that were sent again."""

    kind: str
    begun: float
    ended: float
    outcome: str
    answerer: str = ""
    resent: int = 0

    def line(self):
        """One line of a file."""
        return json.dumps(astuple(self)) + "\n"


def parse(line):
    """The Record of a line."""
    return Record(*json.loads(line))


def of_kind(records, kind):
    """The records of one kind."""
    return [record for record in records if record.kind == kind]


def failed(records):
    """The requests without an answer."""
    return [record for record in records if record.outcome not in (OPEN, ENDED)]


def silent(records):
    """The requests that no packet has answered."""
    return [record for record in records if record.outcome == SILENT]


def answerers(records):
    """Names of the Pods that have answered."""
    return {record.answerer for record in records if record.outcome == OPEN}


def first_answer(records, since):
    """When the first answer after `since` came; None: there is none."""
    return min((record.ended for record in records
                if record.outcome == OPEN and record.ended >= since), default=None)


def last_answer(records):
    """When the last answer came; None: there is none."""
    return max((record.ended for record in records if record.outcome == OPEN), default=None)


def figures(records):
    """One sentence about many requests."""
    times = sorted(record.ended - record.begun for record in records if record.outcome == OPEN)
    resent = sum(record.resent > 0 for record in records if record.outcome == OPEN)
    slowest = f"; half within {times[len(times) // 2] * 1000:.0f} ms, the slowest answer " \
              f"{times[-1] * 1000:.0f} ms" if times else ""
    return (f"{len(records)} requests, {len(failed(records))} failed{slowest}; "
            f"{resent} with packets sent again")
