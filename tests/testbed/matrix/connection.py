"""One established TCP connection, to be asked again and again."""

import socket

from .inside import inside
from .question import LINE, named


class Connection:
    """From a namespace to an address. OSError if it cannot be made within `seconds`."""

    def __init__(self, namespace, address, port, seconds):
        family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
        with inside(namespace):
            self._socket = socket.socket(family, socket.SOCK_STREAM)
        try:
            self._socket.settimeout(seconds)
            self._socket.connect((str(address), port))
        except OSError:
            self._socket.close()
            raise

    def ask(self):
        """Who answers now; None: nobody."""
        try:
            self._socket.sendall(LINE)
            return named(self._socket.recv(1000)).answerer or None
        except OSError:
            return None

    def close(self):
        """Closes it."""
        self._socket.close()
