"""Ports of 127.0.0.1: which are free, and which process has another one."""

import os
import random
import socket

# Below the range from which Linux takes ports for outgoing connections (32768 and up), so that no
# client gets a port between the check and its use.
_FIRST, _LAST = 20000, 32000


def is_free(port, host="127.0.0.1"):
    """Whether a server could listen on `host:port` now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(host="127.0.0.1", avoid=()):
    """A port that is free now. Another program may take it first: then the server must be
    started again with another port."""
    for _ in range(1000):
        port = random.randint(_FIRST, _LAST)
        if port not in avoid and is_free(port, host):
            return port
    raise RuntimeError(f"no free port between {_FIRST} and {_LAST} on {host}")


def port_owner(port):
    """The process that listens on `port`, as text such as "python3 (process 4711)"; "another
    program" for another user's process."""
    inodes = _listening_inodes(port)
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            for name in os.listdir(f"/proc/{pid}/fd"):
                target = os.readlink(f"/proc/{pid}/fd/{name}")
                if target.startswith("socket:[") and target[8:-1] in inodes:
                    with open(f"/proc/{pid}/comm", encoding="utf-8") as comm:
                        return f"{comm.read().strip()} (process {pid})"
        except OSError:
            continue  # ended meanwhile, or another user's process
    return "another program"


def _listening_inodes(port):
    """The socket inodes in state LISTEN (0A) on `port`, from /proc/net/tcp."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table, encoding="ascii") as lines:
                next(lines)
                for line in lines:
                    fields = line.split()
                    if fields[3] == "0A" and int(fields[1].rsplit(":", 1)[1], 16) == port:
                        found.add(fields[9])
        except OSError:
            continue
    return found
