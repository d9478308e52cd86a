"""Connections between the API server, which listens on 127.0.0.1 of this machine, and the networks
of nodes, which have no way to it.

- On each node it listens on the Service address of the API server, as kube-proxy would serve it,
  and for other servers of this machine that Pods use.
- The API server's own connections to kubelets come by HTTP CONNECT on a Unix socket.
  https://kubernetes.io/docs/tasks/extend-kubernetes/setup-konnectivity/ (egress selector)

It is a program. Its argument is a file of JSON, with `forwards` (a list of pairs: [address, port] on
nodes, [host, port] on this machine), `socket` (a path) and `nodes` (address → path of the network
namespace)."""

import asyncio
import contextlib
import ctypes
import functools
import json
import socket
import sys

_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def inside(network, make):
    """Calls `make` in a network namespace, of which a new socket stays for ever; its result."""
    with open("/proc/self/ns/net", "rb") as own, open(network, "rb") as other:
        _enter(other)
        try:
            return make()
        finally:
            _enter(own)


def _enter(namespace):
    if _libc.setns(namespace.fileno(), _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def target(head, nodes):
    """(address, port) that a request's head asks for; None if it is no CONNECT to a node."""
    words = head.decode("ascii", "replace").split("\r\n")[0].split()
    if len(words) != 3 or words[0] != "CONNECT":
        return None
    host, _, port = words[1].rpartition(":")
    return (host, int(port)) if host in nodes and port.isdigit() else None


class Gate:
    """Serves until its process ends."""

    def __init__(self, forwards, nodes):
        self._forwards, self._nodes = forwards, nodes

    async def serve(self, path):
        """Listens everywhere; last on the Unix socket at `path`, whose being there means ready."""
        async with contextlib.AsyncExitStack() as servers:
            for network in self._nodes.values():
                for where, server in self._forwards:
                    listener = inside(network, functools.partial(socket.create_server,
                                                                 tuple(where)))
                    await servers.enter_async_context(await asyncio.start_server(
                        functools.partial(self._to_here, server), sock=listener))
            await (await asyncio.start_unix_server(self._to_node, path)).serve_forever()

    @staticmethod
    async def _to_here(server, reader, writer):
        await _joined(reader, writer, asyncio.open_connection(*server))

    async def _to_node(self, reader, writer):
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            writer.close()
            return
        found = target(head, self._nodes)
        if not found:
            writer.write(b"HTTP/1.1 502 Not a node\r\n\r\n")
            writer.close()
            return
        await _joined(reader, writer, self._connect(*found),
                      b"HTTP/1.1 200 Connected\r\n\r\n",
                      b"HTTP/1.1 503 No connection to the node\r\n\r\n")

    async def _connect(self, address, port):
        made = inside(self._nodes[address], lambda: socket.socket(socket.AF_INET))
        try:
            made.setblocking(False)
            await asyncio.get_running_loop().sock_connect(made, (address, port))
            return await asyncio.open_connection(sock=made)
        except BaseException:
            made.close()
            raise


async def _joined(reader, writer, connecting, greeting=b"", refusal=b""):
    """Carries bytes both ways until both have ended. `connecting`: makes the other connection."""
    try:
        other_reader, other_writer = await connecting
    except OSError:
        writer.write(refusal)
        writer.close()
        return
    writer.write(greeting)
    try:
        await asyncio.gather(_carry(reader, other_writer), _carry(other_reader, writer))
    finally:
        other_writer.close()
        writer.close()


async def _carry(reader, writer):
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(OSError, RuntimeError):
        writer.write_eof()  # TLS above it ends by itself, so a half-closed connection is rare


def main():
    """The entry of the program."""
    with open(sys.argv[1], encoding="utf-8") as text:
        given = json.load(text)
    asyncio.run(Gate(given["forwards"], given["nodes"]).serve(given["socket"]))


if __name__ == "__main__":
    main()
