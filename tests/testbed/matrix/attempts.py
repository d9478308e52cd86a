"""Tries many connections at once, from inside the namespaces."""

import errno
import selectors
import socket
import struct
import time

from .flow import OPEN, REFUSED, SILENT, UNSENT, Outcome
from .inside import allow_many_sockets, inside
from .question import named, request
from .tcp import Tcp, family

_AGAIN = 0.5  # seconds after which an unanswered datagram is sent again
_AT_ONCE = 500  # connections
_NOT_SENT = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EPERM}
_ECHO = {4: (socket.IPPROTO_ICMP, 8, 0), 6: (socket.IPPROTO_ICMPV6, 128, 129)}


def attempt(flows, namespaces, seconds):
    """flow → Outcome. `namespaces`: source → its path. What is dropped takes `seconds`."""
    allow_many_sockets()
    flows, found = list(flows), {}
    for first in range(0, len(flows), _AT_ONCE):
        found.update(_batch(flows[first:first + _AT_ONCE], namespaces, seconds))
    return found


def _batch(flows, namespaces, seconds):
    selector = selectors.DefaultSelector()
    found = {}
    tries = []
    for number, flow in enumerate(flows):
        kind = {"tcp": Tcp, "udp": _Udp, "icmp": _Icmp}[flow.protocol]
        try:
            with inside(namespaces[flow.source]):
                tries.append(kind(flow, number))
        except OSError as error:
            found[flow] = _failed(error)
            continue
        selector.register(tries[-1].socket, tries[-1].events, tries[-1])
    end, again = time.monotonic() + seconds, time.monotonic() + _AGAIN
    try:
        while len(found) < len(flows) and (left := end - time.monotonic()) > 0:
            for key, _ in selector.select(min(left, _AGAIN)):
                _proceed(selector, key.data, found)
            if time.monotonic() >= again:
                again += _AGAIN
                for one in tries:
                    if one.flow not in found and one.flow.protocol != "tcp":
                        _send(one, found)
    finally:
        for one in tries:
            one.socket.close()
        selector.close()
    return {flow: found.get(flow, Outcome(SILENT)) for flow in flows}


def _proceed(selector, one, found):
    try:
        outcome = one.ready()
    except BlockingIOError:
        return
    except OSError as error:
        outcome = _failed(error)
    if outcome:
        found[one.flow] = outcome
        selector.unregister(one.socket)
    elif one.events != selector.get_key(one.socket).events:
        selector.modify(one.socket, one.events, one)


def _send(one, found):
    try:
        one.send()
    except OSError as error:
        found[one.flow] = _failed(error)


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


def echo(kind, number, version):
    """An echo request; the kernel computes the checksum of IPv6."""
    packet = struct.pack("!BBHHH", kind, 0, 0, number, 1)
    if version == 6:
        return packet
    total = sum(struct.unpack("!4H", packet))
    total = (total & 0xffff) + (total >> 16)
    return struct.pack("!BBHHH", kind, 0, ~total & 0xffff, number, 1)
