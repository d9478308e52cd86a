"""A TCP connection that asks who answers, without waiting for it."""

import errno
import os
import selectors
import socket

from .flow import REFUSED, Outcome
from .question import named, request


def family(flow):
    """The socket's family for a flow."""
    return socket.AF_INET if flow.address.version == 4 else socket.AF_INET6


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
