"""The load client: requests to one address, each over a new connection, and beside them requests
over one connection that is kept.

New connections begin at a fixed pace, whether or not earlier ones are answered: so the first
answer after an opening, and the last one before a closing, are seen to the pace."""

import selectors
import time
from dataclasses import dataclass

from matrix.flow import OPEN, REFUSED, SILENT, Outcome
from matrix.tcp import Tcp

from .record import ENDED, KEPT, NEW, Record


@dataclass
class _Request:
    kind: str
    tcp: Tcp
    begun: float
    deadline: float
    resent: int = 0  # before it began


class Client:
    """`flow`: where to; `every`: seconds from one request to the next; `limit`: seconds without an
    answer after which a request counts as unanswered; `write`: takes each Record."""

    def __init__(self, flow, every, limit, write):
        self._flow, self._every, self._limit, self._write = flow, every, limit, write
        self._selector = selectors.DefaultSelector()
        self._requests = {}  # Tcp → its request without an outcome
        self._kept = None  # the connection that is kept
        self._ended = False

    def end(self):
        """Begins no further request; run() ends with the outcomes of the last ones."""
        self._ended = True

    def run(self):
        """Sends until end()."""
        due = time.monotonic()
        while not self._ended or self._requests:
            now = time.monotonic()
            if not self._ended and now >= due:
                due = max(due + self._every, now)
                self._begin_new(now)
                self._begin_kept(now)
            self._expire(now)
            until = min([request.deadline for request in self._requests.values()]
                        + ([] if self._ended else [due]), default=now)
            for key, _ in self._selector.select(max(0, until - now)):
                self._proceed(key.data)

    def _begin_new(self, now):
        self._connect(NEW, now)

    def _begin_kept(self, now):
        if self._kept is None:
            self._kept = self._connect(KEPT, now)
        elif self._kept not in self._requests:
            request = _Request(KEPT, self._kept, now, now + self._limit, resent(self._kept))
            self._requests[self._kept] = request
            try:
                self._kept.ask()
            except OSError:
                self._over(request, Outcome(REFUSED))

    def _connect(self, kind, now):
        """The connection; None if it could not begin."""
        try:
            tcp = Tcp(self._flow)
        except OSError:
            self._write(Record(kind, now, time.monotonic(), REFUSED))
            return None
        self._requests[tcp] = _Request(kind, tcp, now, now + self._limit)
        self._selector.register(tcp.socket, tcp.events, tcp)
        return tcp

    def _proceed(self, tcp):
        request = self._requests.get(tcp)
        try:
            outcome = tcp.ready()
        except BlockingIOError:
            return
        except OSError:
            outcome = Outcome(REFUSED)
        if not request:
            self._note(_Request(KEPT, tcp, time.monotonic(), 0), Outcome(ENDED))
            self._close(tcp)
        elif outcome:
            self._over(request, outcome)
        else:
            self._selector.modify(tcp.socket, tcp.events, tcp)

    def _over(self, request, outcome):
        del self._requests[request.tcp]
        self._note(request, outcome)
        if request.kind == NEW or outcome.kind != OPEN:
            self._close(request.tcp)

    def _expire(self, now):
        for request in [one for one in self._requests.values() if now >= one.deadline]:
            is_connecting = request.tcp.events == selectors.EVENT_WRITE
            if request.kind == NEW or is_connecting or self._ended:
                self._over(request, Outcome(SILENT))
            else:  # the kernel sends it again: the same connection may go on later
                self._note(request, Outcome(SILENT))
                request.deadline = now + self._limit

    def _note(self, request, outcome):
        self._write(Record(request.kind, request.begun, time.monotonic(), outcome.kind,
                           outcome.answerer, resent(request.tcp) - request.resent))

    def _close(self, tcp):
        self._selector.unregister(tcp.socket)
        tcp.socket.close()
        if tcp is self._kept:
            self._kept = None


def resent(tcp):
    """How many segments the connection has sent again."""
    state = tcp.state()
    return state.resent if state else 0
