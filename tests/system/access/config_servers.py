"""Several servers of one config API, each with faults of its own."""

import contextlib
import http.client
import http.server
import os
import socket
import sys
import threading

from rig import ROOT, free_port

sys.path.insert(0, os.path.join(ROOT, "tests", "faults"))
from tcp_proxy import Proxy  # noqa: E402  (needs the path above)


class ConfigServers:
    """Servers at 127.0.0.1, 127.0.0.2, … and one port, which share the objects of the stand-in
    `api`, as those of one installation do. Close it at the end."""

    def __init__(self, api, count=3):
        self.port = free_port(avoid=[api.port])
        self._home = ("127.0.0.1", api.port)
        self.hosts = [f"127.0.0.{number}" for number in range(1, count + 1)]
        self._servers = {host: Proxy(self._home, (host, self.port)) for host in self.hosts}

    def connections(self, host, target):
        """The number of connections so far of a server to a stand-in."""
        return self._servers[host].connections[("127.0.0.1", target.port)]

    def connected(self, host):
        """The number of open connections to a server."""
        return self._servers[host].open()

    @contextlib.contextmanager
    def killed(self, host):
        """The server is not there in this block."""
        self._servers[host].refuse()
        try:
            yield
        finally:
            self._servers[host].refuse(False)

    @contextlib.contextmanager
    def stalled(self, host):
        """The server accepts connections and answers nothing in this block."""
        self._servers[host].stall()
        try:
            yield
        finally:
            self._servers[host].stall(False)
            self._servers[host].cut()

    @contextlib.contextmanager
    def replaced(self, host, port):
        """Another server has the address in this block."""
        self._servers[host].lead_to(("127.0.0.1", port))
        try:
            yield
        finally:
            self._servers[host].lead_to(self._home)

    def restart(self, host):
        """The server is restarted, as for an upgrade: its connections end."""
        self._servers[host].cut()

    def close(self):
        """Ends all servers."""
        for server in self._servers.values():
            server.close()


class StaleReads:
    """A server that executes writes, and reads what another stand-in still has: it has not heard
    of the writes since. Its notifications are those of that stand-in. Counts the reads,
    and streams of notifications among them. Close it at the end."""

    READS = ("/list-bulk-collection",)

    def __init__(self, api, old):
        self.reads = self.streams = 0
        front = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """Passes each request on."""
            protocol_version = "HTTP/1.1"

            def answer(self):
                """One request."""
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                is_read = self.command == "GET" or self.path in front.READS
                front.reads += is_read
                connection = http.client.HTTPConnection("127.0.0.1", (old if is_read else api).port)
                try:
                    connection.request(self.command, self.path, body, {"Content-Type": "application/json"})
                    upstream = connection.sock  # an answer that closes the connection takes it away
                    got = connection.getresponse()
                    kind = got.getheader("Content-Type") or "text/html"
                    self.send_response(got.status)
                    self.send_header("Content-Type", kind)
                    if kind.startswith("text/event-stream"):
                        self.pass_on(got, upstream)
                        return
                    text = got.read()
                    self.send_header("Content-Length", str(len(text)))
                    self.end_headers()
                    self.wfile.write(text)
                finally:
                    connection.close()

            def pass_on(self, got, upstream):
                """Sends a stream as it comes, until either side ends it."""
                self.send_header("Connection", "close")
                self.end_headers()
                front.streams += 1

                def wait_for_client():
                    with contextlib.suppress(OSError):
                        while self.connection.recv(4096):
                            pass
                    with contextlib.suppress(OSError):
                        upstream.shutdown(socket.SHUT_RDWR)  # ends the read below
                watcher = threading.Thread(target=wait_for_client, daemon=True)
                watcher.start()
                with contextlib.suppress(OSError, http.client.HTTPException):
                    while chunk := got.read1(65536):
                        self.wfile.write(chunk)
                with contextlib.suppress(OSError):
                    self.connection.shutdown(socket.SHUT_RDWR)  # ends the watcher
                watcher.join()

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, *_):
                """Prints nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        """Ends it."""
        self._server.shutdown()
        self._server.server_close()
