"""One established TCP connection, to be asked again and again."""

import socket
import struct

from .inside import inside
from .question import LINE, named


class Connection:
    """From a namespace to an address. OSError if it cannot be made within `seconds`. `source`: its
    port at this end; 0: the kernel chooses."""

    def __init__(self, namespace, address, port, seconds, source=0):
        family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
        with inside(namespace):
            self._socket = socket.socket(family, socket.SOCK_STREAM)
        try:
            self._socket.settimeout(seconds)
            if source:  # also one of a connection that has ended, or goes elsewhere
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                self._socket.bind(("", source))
            self._socket.connect((str(address), port))
        except OSError:
            self._socket.close()
            raise

    def ask(self):
        """Who answers now; None: no answer."""
        try:
            self._socket.sendall(LINE)
            return named(self._socket.recv(1000)).answerer or None
        except OSError:
            return None

    def reset(self):
        """Closes it by a reset, after which its port is free at once: nothing waits for packets of
        it that are late."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def close(self):
        """Closes it."""
        self._socket.close()
