"""What a connection asks, and who answers."""

import re
import struct

from .flow import OPEN, Outcome

_ADDRESS = re.compile(r"[0-9a-f.:]+\n")
LINE = b"who\n"
_DNS = 53
# The version of a server (RFC 4892): a question that needs no data, of the class CH.
_QUERY = struct.pack("!6H", 1, 0, 1, 0, 0, 0) + b"\7version\4bind\0" + struct.pack("!2H", 16, 3)


def named(data):
    """Of an answer: the testbed's servers say their names, real programs do not."""
    name, space, address = data.decode("utf-8", "replace").partition(" ")
    return Outcome(OPEN, name if space and _ADDRESS.fullmatch(address) else "")


def request(flow):
    """What makes any server of a port answer. Others than DNS servers take it for a line."""
    if flow.port != _DNS:
        return LINE
    return len(_QUERY).to_bytes(2, "big") + _QUERY if flow.protocol == "tcp" else _QUERY
