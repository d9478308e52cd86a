"""A TCP connection that asks who answers, without waiting for it."""

import errno
import os
import selectors
import socket
import struct
from dataclasses import dataclass

from .flow import REFUSED, Outcome
from .question import named, request

# `tcpi_state`, `tcpi_unacked`, `tcpi_total_retrans` of `struct tcp_info` (linux/tcp.h).
_INFO = struct.Struct("=B23xI72xI")
_NAMES = dict(enumerate(("ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT",
                         "CLOSE", "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING"), 1))


def family(flow):
    """The socket's family for a flow."""
    return socket.AF_INET if flow.address.version == 4 else socket.AF_INET6


@dataclass(frozen=True)
class TcpState:
    """What the kernel says of a connection. `name`: as in RFC 9293; `resent`: segments that were
    sent again; `unacknowledged`: segments that the other end has not acknowledged."""

    name: str
    resent: int
    unacknowledged: int

    def __str__(self):
        return f"{self.name}, {self.resent} sent again, {self.unacknowledged} not acknowledged"


class Tcp:
    """Connects, asks, and hears who answers; ask() asks again. `events`: what to
    wait for before ready(). Raises OSError."""

    events = selectors.EVENT_WRITE

    def __init__(self, flow, _number=0):
        self.flow = flow
        self.socket = socket.socket(family(flow), socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        number = self.socket.connect_ex((str(flow.address), flow.port))
        if number not in (0, errno.EINPROGRESS):
            self.socket.close()
            raise OSError(number, os.strerror(number))

    def ask(self):
        """Asks."""
        self.socket.sendall(request(self.flow))
        self.events = selectors.EVENT_READ

    def ready(self):
        """What came of it; None: nothing so far."""
        if self.events == selectors.EVENT_WRITE:
            number = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if number:
                raise OSError(number, os.strerror(number))
            self.ask()
            return None
        data = self.socket.recv(1000)
        return named(data) if data else Outcome(REFUSED)

    def state(self):
        """TcpState; None where the kernel does not say it."""
        try:
            said = self.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO.size)
        except OSError:
            return None
        if len(said) < _INFO.size:
            return None
        number, unacknowledged, resent = _INFO.unpack(said)
        return TcpState(_NAMES.get(number, str(number)), resent, unacknowledged)
