"""The gate between the API server and nodes, on one network: this machine's own."""

import asyncio
import os
import socket
import tempfile
import threading
import unittest
from unittest import mock

import paths  # extends sys.path
from controlplane import wait_for
from nodes import gate


class Requests(unittest.TestCase):
    """What an API server asks for."""

    def test_target(self):
        """A node's address and a port; all else is refused."""
        nodes = {"172.31.254.11": "/proc/1/ns/net"}
        for head, found in (
                (b"CONNECT 172.31.254.11:10250 HTTP/1.1\r\nHost: x\r\n\r\n",
                 ("172.31.254.11", 10250)),
                (b"CONNECT 172.31.254.12:10250 HTTP/1.1\r\n\r\n", None),
                (b"CONNECT 172.31.254.11 HTTP/1.1\r\n\r\n", None),
                (b"CONNECT 172.31.254.11:kubelet HTTP/1.1\r\n\r\n", None),
                (b"GET http://172.31.254.11:10250/ HTTP/1.1\r\n\r\n", None),
                (b"\xff\xfe\r\n\r\n", None)):
            self.assertEqual(gate.target(head, nodes), found, head)


class Connections(unittest.TestCase):
    """Bytes both ways. The API server and the kubelet are sockets of this test; entering a network
    needs root, so the only one is that of the test."""

    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.path = os.path.join(place.name, "gate.sock")
        self.api, self.kubelet = socket.create_server(("127.0.0.1", 0)), socket.create_server(
            ("127.0.0.1", 0))
        self.service = self._free_address()
        for each in (self.api, self.kubelet):
            self.addCleanup(each.close)
            each.settimeout(30)
        stay_here = mock.patch.object(gate, "inside", lambda network, make: make())
        stay_here.start()
        self.addCleanup(stay_here.stop)
        self._serve()

    @staticmethod
    def _free_address():
        with socket.create_server(("127.0.0.1", 0)) as found:
            return list(found.getsockname())

    def _serve(self):
        made = gate.Gate([(self.service, self.api.getsockname())], {"127.0.0.1": "network"})
        loop = asyncio.new_event_loop()
        self.addCleanup(loop.close)
        serving = loop.create_task(made.serve(self.path))
        thread = threading.Thread(target=lambda: loop.run_until_complete(
            asyncio.wait([serving])))
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(lambda: loop.call_soon_threadsafe(serving.cancel))
        wait_for(lambda: os.path.exists(self.path), 30, "the gate")

    def _to_kubelet(self, port):
        """A connection by the Unix socket, and the first line of the answer."""
        made = socket.socket(socket.AF_UNIX)
        self.addCleanup(made.close)
        made.settimeout(30)
        made.connect(self.path)
        made.sendall(f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\n\r\n".encode())
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += made.recv(1)
        return made, answer.split(b"\r\n")[0].decode()

    def _exchange(self, one, other):
        """Each gets what the other sends, also after one has ended its side."""
        one.sendall(b"ask")
        one.shutdown(socket.SHUT_WR)
        self.assertEqual(b"".join(iter(lambda: other.recv(16), b"")), b"ask")
        other.sendall(b"answer")
        other.close()
        self.assertEqual(b"".join(iter(lambda: one.recv(16), b"")), b"answer")

    def test_to_the_api_server(self):
        """From the Service's address on a node."""
        with socket.create_connection(self.service, 30) as client:
            server, _ = self.api.accept()
            self._exchange(client, server)

    def test_to_a_kubelet(self):
        """After the answer that the way is open."""
        client, said = self._to_kubelet(self.kubelet.getsockname()[1])
        self.assertEqual(said, "HTTP/1.1 200 Connected")
        server, _ = self.kubelet.accept()
        self._exchange(client, server)

    def test_no_kubelet(self):
        """The API server is told, and the gate goes on."""
        _, said = self._to_kubelet(self._free_address()[1])
        self.assertEqual(said, "HTTP/1.1 503 No connection to the node")
        self.test_to_a_kubelet()


if __name__ == "__main__":
    unittest.main()
