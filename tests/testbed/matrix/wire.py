"""Which packets have left the namespaces, by what their interfaces send.

A connection that is closed is seen by the answer that does not come. That shows nothing unless
its packets were on the wire."""

import socket
import struct
from ipaddress import ip_address

from .inside import inside

_EVERYTHING = socket.htons(0x0003)  # ETH_P_ALL: no other value shows what is sent
_BUFFER = 8 << 20  # bytes; SO_RCVBUFFORCE, as more than root's default may come meanwhile
_FORCE = 33
_PROTOCOLS = {6: "tcp", 17: "udp", 1: "icmp", 58: "icmp"}
_HEADERS = 128  # bytes


class Wire:
    """A context manager that listens at eth0 of namespaces (source → path)."""

    def __init__(self, namespaces):
        self._sockets = {}
        try:
            for source, path in namespaces.items():
                with inside(path):
                    tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK,
                                        _EVERYTHING)
                    self._sockets[source] = tap
                    tap.setsockopt(socket.SOL_SOCKET, _FORCE, _BUFFER)
                    tap.bind(("eth0", 0x0003))
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for tap in self._sockets.values():
            tap.close()

    def sent(self):
        """{(source, protocol, address, port)} of all packets sent since the last call."""
        return {(source, *what) for source, tap in self._sockets.items() for what in _read(tap)}


def _read(tap):
    while True:
        try:
            frame, address = tap.recvfrom(_HEADERS)
        except BlockingIOError:
            return
        if address[2] == socket.PACKET_OUTGOING and (what := destination(frame)):
            yield what


def destination(frame):
    """(protocol, address, port) of an Ethernet frame; None where it has none. ICMP has port 0."""
    kind, packet = frame[12:14], frame[14:]
    if kind == b"\x08\x00" and len(packet) >= 20:
        protocol, address = packet[9], ip_address(packet[16:20])
        rest = packet[(packet[0] & 15) * 4:]
    elif kind == b"\x86\xdd" and len(packet) >= 40:
        protocol, address, rest = packet[6], ip_address(packet[24:40]), packet[40:]
    else:
        return None
    name = _PROTOCOLS.get(protocol)
    if not name or len(rest) < 4:
        return None
    return name, address, 0 if name == "icmp" else struct.unpack("!H", rest[2:4])[0]
