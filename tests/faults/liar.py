"""A proxy between the controller and the Kubernetes API that sends false lists and watches."""

import json
import urllib.parse

from .http_proxy import KINDS, HttpProxy

_TOO_OLD = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Expired", "code": 410,
            "message": "too old resource version"}


class Liar(HttpProxy):
    """Forwards to the API server, and counts its false answers."""

    def __init__(self, server, ca_file):
        self._gone, self._empty, self._blind = {}, {}, set()
        self.told = {kind: 0 for kind in KINDS}  # lists that were answered as empty
        self.listed = {kind: 0 for kind in KINDS}  # all lists that were answered
        self.hidden = {kind: 0 for kind in KINDS}  # pieces of watches that were not forwarded
        super().__init__(server, ca_file)

    def lie(self, kind, times=1):
        """Ends the watch of a kind, answers 410 to the next one, and sends `times` empty lists."""
        self.hide(kind, times)
        self.relist(kind)

    def hide(self, kind, times=1):
        """Makes the next lists of a kind empty."""
        with self.lock:
            self._empty[kind] = times

    def hides(self, kind):
        """The number of lists of a kind that are still to be empty."""
        with self.lock:
            return self._empty.get(kind, 0)

    def blind(self, kind):
        """Hides all events in watches of a kind, until the kind is listed again."""
        with self.lock:
            self._blind.add(kind)

    def relist(self, kind):
        """Ends the watch of a kind, and answers 410 to the next one."""
        with self.lock:
            self._gone[kind] = 1
        self.end_watches(kind)
        with self.lock:
            self._blind.discard(kind)

    def instead(self, exchange):
        if not exchange.kind or "continue" in exchange.query or not self._takes(exchange.kind, exchange.is_watch):
            return False
        if exchange.is_watch:
            exchange.say(410, json.dumps(_TOO_OLD).encode())
        else:
            self._say_empty(exchange)
        return True

    def pieces(self, exchange, answer):
        for piece in super().pieces(exchange, answer):
            if exchange.is_watch and self._is_blind(exchange.kind):
                self.hidden[exchange.kind] += 1
            else:
                yield piece
        if exchange.kind and not exchange.is_watch and answer.status == 200:
            self._note_list(exchange.kind)

    def _takes(self, kind, watch):
        """Whether this request gets a false answer."""
        with self.lock:
            left = self._gone if watch else self._empty
            if left.get(kind, 0) == 0 or (not watch and self._gone.get(kind)):
                return False
            left[kind] -= 1
            if not watch:
                self.told[kind] += 1
            return True

    def _note_list(self, kind):
        with self.lock:
            self.listed[kind] += 1

    def _is_blind(self, kind):
        with self.lock:
            return kind in self._blind

    def _say_empty(self, exchange):
        """Sends an empty list with the current resource version."""
        _, _, body = exchange.ask(f"{urllib.parse.urlsplit(exchange.path).path}?limit=1")
        version = json.loads(body)["metadata"]["resourceVersion"]
        group, name = KINDS[exchange.kind]
        exchange.say(200, json.dumps({"kind": name, "apiVersion": group, "metadata": {"resourceVersion": version},
                                      "items": []}).encode())
        self._note_list(exchange.kind)
