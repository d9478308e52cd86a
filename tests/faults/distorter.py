"""A proxy that changes, holds back or replaces what an API server says of the objects of a kind."""

import collections
import contextlib
import json

from .http_proxy import Cut, HttpProxy
from .protobuf import frame

_NOTHING = "/api/v1/namespaces/none-such"


class Distorter(HttpProxy):
    """Honest, until a test asks for something else. `done` counts the frames of watches, the lists
    and the answers that were distorted."""

    def __init__(self, server, ca_file):
        self.done = 0
        self.frames = collections.defaultdict(list)  # kind → the frames of its watches, as the server sent them
        self.lists = collections.defaultdict(list)  # kind → (content type, body) of its lists, as above
        self._of_watch, self._of_list = {}, {}
        self._replies = collections.defaultdict(list)
        super().__init__(server, ca_file)

    def distort(self, kind, change):
        """Each frame of a watch of a kind becomes `change(frame, protobuf)`: bytes, or an iterable
        of them, which may raise Cut. It is not counted if it is the frame."""
        self._of_watch[kind] = change

    def distort_list(self, kind, change):
        """Each list of a kind becomes `change(body, protobuf)`, as above."""
        self._of_list[kind] = change

    def honest(self, kind):
        """The kind is not distorted any more."""
        self._of_watch.pop(kind, None)
        self._of_list.pop(kind, None)
        with self.lock:
            self._replies.pop((kind, True), None)
            self._replies.pop((kind, False), None)

    def reply(self, kind, watch, *replies):
        """The next requests for lists or watches of a kind get these replies: functions of the
        exchange, or None for the server's own."""
        with self.lock:
            self._replies[kind, watch] += replies

    def relist(self, kind):
        """Ends the watch of a kind, and answers 410 to the next one."""
        self.reply(kind, True, status(410, "Expired", "too old resource version"))
        self.end_watches(kind)

    def instead(self, exchange):
        with self.lock:
            replies = self._replies.get((exchange.kind, exchange.is_watch))
            reply = replies.pop(0) if replies else None
            self.done += reply is not None
        if reply:
            reply(exchange)
        return reply is not None

    def pieces(self, exchange, answer):
        pieces = super().pieces(exchange, answer)
        if not exchange.kind or answer.status != 200:
            return pieces
        protobuf = "protobuf" in answer.getheader("Content-Type", "")
        if exchange.is_watch:
            return self._watched(exchange.kind, _frames(pieces, protobuf), protobuf)
        return self._listed(exchange.kind, b"".join(pieces), answer.getheader("Content-Type"), protobuf)

    def _watched(self, kind, frames, protobuf):
        for sent in frames:
            self.frames[kind].append(sent)
            yield from self._changed(self._of_watch.get(kind), sent, protobuf)

    def _listed(self, kind, body, content_type, protobuf):
        self.lists[kind].append((content_type, body))
        yield from self._changed(self._of_list.get(kind), body, protobuf)

    def _changed(self, change, sent, protobuf):
        made = change(sent, protobuf) if change else sent
        if made == sent:
            yield sent
            return
        self.done += 1
        for piece in [made] if isinstance(made, bytes) else made:
            if piece:
                yield piece


def status(code, reason="", message="a test says so", **headers):
    """A reply with an HTTP status, and a Status as its body."""
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code, "message": message}
    return lambda exchange: exchange.say(code, json.dumps(body).encode(), **headers)


def error_event(code, reason):
    """A reply to a watch: an ERROR event under HTTP 200, then nothing more until the end of the
    connection."""
    def reply(exchange):
        body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code,
                "message": "a test says so"}
        exchange.begin(200, [("Content-Type", "application/json")])
        line = json.dumps({"type": "ERROR", "object": body}).encode() + b"\n"
        exchange.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        with contextlib.suppress(OSError):
            while exchange.connection.recv(4096):
                pass
        raise Cut
    return reply


def status_of(exchange):
    """(Content type, body) of a Status of the server, in the encoding that the client prefers."""
    _, content_type, body = exchange.ask(_NOTHING, exchange.headers.get("Accept"))
    return content_type, body


def with_status(exchange):
    """A reply to a list: a Status under HTTP 200."""
    content_type, body = status_of(exchange)
    exchange.say(200, body, content_type)


def event_of(event, body, protobuf):
    """A frame of a watch with an object in its encoding."""
    return frame(event, body) if protobuf else b'{"type":"%s","object":%s}\n' % (event.encode(), body.strip())


def _frames(pieces, protobuf):
    rest = b""
    for piece in pieces:
        rest += piece
        while size := _size(rest, protobuf):
            yield rest[:size]
            rest = rest[size:]


def _size(content, protobuf):
    """The size of the frame at the beginning; 0 if it is not complete."""
    if not protobuf:
        return content.find(b"\n") + 1
    size = 4 + int.from_bytes(content[:4], "big")
    return size if 4 <= size <= len(content) else 0
