"""Servers in the namespaces: each answers TCP and UDP with the name of its Pod.

One thread serves all of them. The answer to a line is `NAME ADDRESS-OF-THE-CLIENT`; to an HTTP
request it is the same as a page, for people with curl."""

import contextlib
import os
import selectors
import socket
import threading

from .inside import allow_many_sockets, inside

_MOST = 4096  # bytes of a request


class Answers:
    """Starts its thread; close() ends it with all sockets."""

    def __init__(self):
        allow_many_sockets()
        self._selector = selectors.DefaultSelector()
        self._lock = threading.Lock()  # of the fields below
        self._names = {}  # listening socket → name
        self._wanted = {}  # name → {(protocol, port): socket}
        self._clients = {}  # accepted socket → name
        self._wake, self._waker = os.pipe()
        self._selector.register(self._wake, selectors.EVENT_READ, None)
        self._ended = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def serve(self, name, namespace, ports):
        """Lets `name` answer at these (protocol, port), and at no others. Raises OSError."""
        with self._lock:
            there = self._wanted.setdefault(name, {})
            for key in sorted(ports - there.keys()):
                server = _server(namespace, *key)
                there[key], self._names[server] = server, name
                self._selector.register(server, selectors.EVENT_READ, key[0])
            for key in there.keys() - ports:
                self._drop(there.pop(key))
        os.write(self._waker, b"x")

    def forget(self, name):
        """Ends the servers of `name`, and its connections."""
        with self._lock:
            for server in self._wanted.pop(name, {}).values():
                self._drop(server)
            # A socket keeps its namespace alive.
            for client in [one for one, server in self._clients.items() if server == name]:
                self._hang_up(client)

    def close(self):
        """Ends all."""
        self._ended = True
        os.write(self._waker, b"x")
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            if key.fileobj != self._wake:
                key.fileobj.close()
        self._selector.close()
        os.close(self._wake)
        os.close(self._waker)

    def _drop(self, server):
        self._selector.unregister(server)
        self._names.pop(server, None)
        server.close()

    def _serve(self):
        while not self._ended:
            for key, _ in self._selector.select():
                with self._lock, contextlib.suppress(OSError, KeyError):
                    self._ready(key)

    def _ready(self, key):
        if key.fileobj == self._wake:
            os.read(self._wake, _MOST)
        elif key.data == "tcp":
            client, address = key.fileobj.accept()
            client.setblocking(False)
            name = self._names[key.fileobj]
            self._clients[client] = name
            self._selector.register(client, selectors.EVENT_READ, (name, address[0]))
        elif key.data == "udp":
            _, address = key.fileobj.recvfrom(_MOST)
            key.fileobj.sendto(_answer(self._names[key.fileobj], address[0]), address)
        elif key.fileobj in self._clients:  # not forgotten since the selector has seen it
            self._talk(key.fileobj, *key.data)

    def _talk(self, client, name, address):
        try:
            asked = client.recv(_MOST)
        except OSError:
            asked = b""
        web = asked.startswith(b"GET ")
        if asked:
            answer = _answer(name, address)
            client.sendall(_page(answer) if web else answer)
        if web or not asked:
            self._hang_up(client)

    def _hang_up(self, client):
        self._selector.unregister(client)
        del self._clients[client]
        client.close()


def _server(namespace, protocol, port):
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    with inside(namespace):
        server = socket.socket(socket.AF_INET6, kind | socket.SOCK_NONBLOCK)
    try:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        server.bind(("::", port))
        if protocol == "tcp":
            server.listen(256)
    except OSError:
        server.close()
        raise
    return server


def _answer(name, address):
    return f"{name} {address.removeprefix('::ffff:')}\n".encode()


def _page(text):
    return (b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: "
            + str(len(text)).encode() + b"\r\n\r\n" + text)
