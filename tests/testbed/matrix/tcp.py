"""A TCP connection that asks who answers, without waiting for it."""

import errno
import os
import selectors
import socket

from .flow import OPEN, REFUSED, Outcome


def family(flow):
    """The socket's family for a flow."""
    return socket.AF_INET if flow.address.version == 4 else socket.AF_INET6


def named(data):
    """The outcome of an answer, which begins with a name."""
    return Outcome(OPEN, data.decode("utf-8", "replace").partition(" ")[0])


class Tcp:
    """Connects, says a line, and hears who answers; ask() says the line again. `events`: what to
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
        """Says the line."""
        self.socket.sendall(b"who\n")
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
