"""Tries many connections at once, from inside the namespaces."""

import errno
import selectors
import socket
import struct
import time

from .evidence import Evidence
from .flow import OPEN, REFUSED, SILENT, UNSENT, Outcome
from .inside import allow_many_sockets, inside
from .question import named, request
from .tcp import Tcp, family

# Without an answer for so many seconds a connection counts as closed. Linux sends a SYN again after
# one second, and for the last time within this limit after three: one or two may be lost.
SECONDS = 3.5
_AGAIN = 0.5  # seconds after which an unanswered datagram is sent again
_AT_ONCE = 500  # connections
_NOT_SENT = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EPERM}
_ECHO = {4: (socket.IPPROTO_ICMP, 8, 0), 6: (socket.IPPROTO_ICMPV6, 128, 129)}


def attempt(flows, namespaces, seconds, after=lambda: None):
    """flow → Outcome. `namespaces`: source → its path. What is dropped takes `seconds`. `after` is
    called after each batch."""
    allow_many_sockets()
    flows, found = list(flows), {}
    for number, first in enumerate(range(0, len(flows), _AT_ONCE), 1):
        with _Batch(number, flows[first:first + _AT_ONCE]) as batch:
            found.update(batch.run(namespaces, seconds))
        after()
    return found


class _Batch:
    """A context manager: connections that are tried at once, and their sockets. `number`: for
    Evidence."""

    def __init__(self, number, flows):
        self._number, self._flows = number, flows
        self._selector = selectors.DefaultSelector()
        self._tries = {}  # flow → Tcp, _Udp or _Icmp
        self._found = {}  # flow → Outcome
        self._late = set()  # flows
        self._longest = 0  # seconds

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in self._tries.values():
            one.socket.close()
        self._selector.close()

    def run(self, namespaces, seconds):
        """flow → Outcome."""
        self._begin(namespaces)
        self._wait(seconds)
        # Without time this process reads no answers: the sockets hold what came meanwhile.
        self._look()
        if self._late - self._found.keys():  # connections that are asked only now
            self._wait(seconds)
            self._look()
        return {flow: self._found.get(flow) or Outcome(SILENT, evidence=self._evidence(flow))
                for flow in self._flows}

    def _begin(self, namespaces):
        for number, flow in enumerate(self._flows):
            kind = {"tcp": Tcp, "udp": _Udp, "icmp": _Icmp}[flow.protocol]
            try:
                with inside(namespaces[flow.source]):
                    one = kind(flow, number)
            except OSError as error:
                self._found[flow] = _failed(error)
                continue
            self._tries[flow] = one
            self._selector.register(one.socket, one.events, one)

    def _wait(self, seconds):
        now = time.monotonic()
        end, again = now + seconds, now + _AGAIN
        while len(self._found) < len(self._flows) and now < end:
            if now >= again:
                again = now + _AGAIN
                self._send_again()
            for key, _ in self._selector.select(min(end, again) - now):
                self._proceed(key.data)
            began, now = now, time.monotonic()
            self._longest = max(self._longest, now - began)

    def _send_again(self):
        for flow, one in self._tries.items():
            if flow not in self._found and flow.protocol != "tcp":
                try:
                    one.send()
                except OSError as error:
                    self._found[flow] = _failed(error)

    def _look(self):
        while ready := self._selector.select(0):
            for key, _ in ready:
                self._late.add(key.data.flow)
                self._proceed(key.data)

    def _proceed(self, one):
        try:
            outcome = one.ready()
        except BlockingIOError:
            return
        except OSError as error:
            outcome = _failed(error)
        if outcome:
            self._found[one.flow] = outcome
            self._selector.unregister(one.socket)
        elif one.events != self._selector.get_key(one.socket).events:
            self._selector.modify(one.socket, one.events, one)

    def _evidence(self, flow):
        one = self._tries[flow]
        port = one.socket.getsockname()[1] if flow.port else 0
        return Evidence(self._number, port, one.state(), flow in self._late, self._longest)


def _failed(error):
    return Outcome(UNSENT if error.errno in _NOT_SENT else REFUSED)


class _Udp:
    """Sends datagrams until one is answered."""

    events = selectors.EVENT_READ

    def __init__(self, flow, _):
        self.flow = flow
        self.socket = socket.socket(family(flow), socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.socket.connect((str(flow.address), flow.port))
        self.send()

    def send(self):
        """Once more."""
        self.socket.send(request(self.flow))

    def ready(self):
        """Who answered."""
        return named(self.socket.recv(1000))

    def state(self):
        """None: only TCP has one."""


class _Icmp:
    """Sends echo requests until one is answered."""

    events = selectors.EVENT_READ

    def __init__(self, flow, number):
        self.flow, self._number = flow, number & 0xffff
        self._protocol, self._request, self._reply = _ECHO[flow.address.version]
        self.socket = socket.socket(family(flow), socket.SOCK_RAW | socket.SOCK_NONBLOCK,
                                    self._protocol)
        self.socket.connect((str(flow.address), 0))
        self.send()

    def send(self):
        """Once more."""
        self.socket.send(echo(self._request, self._number, self.flow.address.version))

    def ready(self):
        """Other answers come to this socket as well: None."""
        data = self.socket.recv(1000)
        if self.flow.address.version == 4:
            data = data[(data[0] & 15) * 4:]
        if len(data) < 8 or (data[0], struct.unpack("!H", data[4:6])[0]) != (
                self._reply, self._number):
            return None
        return Outcome(OPEN)

    def state(self):
        """None: only TCP has one."""


def echo(kind, number, version):
    """An echo request; the kernel computes the checksum of IPv6."""
    packet = struct.pack("!BBHHH", kind, 0, 0, number, 1)
    if version == 6:
        return packet
    total = sum(struct.unpack("!4H", packet))
    total = (total & 0xffff) + (total >> 16)
    return struct.pack("!BBHHH", kind, 0, ~total & 0xffff, number, 1)
