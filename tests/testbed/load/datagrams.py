"""Datagrams between namespaces: an endpoint that stays, to see what arrives at it."""

import select
import socket

from matrix.inside import inside


class Endpoint:
    """A UDP socket with a port of its own; IPv4."""

    def __init__(self, namespace, port):
        with inside(namespace):
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.socket.bind(("0.0.0.0", port))

    def send(self, address, port):
        """One datagram."""
        self.socket.sendto(b"datagram", (str(address), port))

    def close(self):
        """Closes it."""
        self.socket.close()


def arrived(endpoints, seconds):
    """Who has sent what has arrived: [(endpoint, (address, port))] of the first datagrams, or
    nothing after `seconds`."""
    by_socket = {one.socket: one for one in endpoints}
    ready, _, _ = select.select(list(by_socket), [], [], seconds)
    return [(by_socket[one], one.recvfrom(1000)[1]) for one in ready]
