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
        """The server is not there in this block: connections are refused."""
        self._servers[host].down()
        try:
            yield
        finally:
            self._servers[host].up()

    @contextlib.contextmanager
    def slow(self, host, seconds):
        """The server gets each request this much later in this block."""
        self._servers[host].slow(seconds)
        try:
            yield
        finally:
            self._servers[host].slow(0)

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


class Front:
    """A server before stand-ins, which passes requests and their answers on, notifications as they
    come. Close it at the end."""

    FIELDS = ("Content-Type", "X-Auth-Token", "Authorization")  # of a request; no others are passed on

    def __init__(self):
        self.streams = 0  # streams of notifications so far
        front = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """One connection of a client."""
            protocol_version = "HTTP/1.1"

            def handle(self):
                """The connection, until a side ends it."""
                with contextlib.suppress(ConnectionError):
                    super().handle()

            def answer(self):
                """One request."""
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                instead = front.instead(self)
                if instead:
                    self.send(*instead)
                    return
                connection = http.client.HTTPConnection("127.0.0.1", front.port_for(self))
                try:
                    fields = {name: self.headers[name] for name in front.FIELDS if name in self.headers}
                    connection.request(self.command, self.path, body, fields)
                    upstream = connection.sock  # an answer that closes the connection takes it away
                    got = connection.getresponse()
                    kind = got.getheader("Content-Type") or "text/html"
                    if kind.startswith("text/event-stream"):
                        self.pass_on(got, kind, upstream)
                    else:
                        self.send(got.status, kind, got.read())
                finally:
                    connection.close()

            def send(self, status, kind, text):
                """Sends an answer."""
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def pass_on(self, got, kind, upstream):
                """Sends a stream as it comes, until either side ends it."""
                self.send_response(got.status)
                self.send_header("Content-Type", kind)
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

    def port_for(self, request):
        """The port of the stand-in that gets the request."""
        raise NotImplementedError

    def instead(self, request):
        """The (status, content type, body) that this answers in the stand-in's place, or None."""

    def close(self):
        """Ends it."""
        self._server.shutdown()
        self._server.server_close()


class StaleReads(Front):
    """A server that executes writes, and reads what another stand-in still has: it has not heard
    of the writes since. Its notifications are those of that stand-in. Counts the reads,
    and streams of notifications among them."""

    READS = ("/list-bulk-collection",)

    def __init__(self, api, old):
        self.reads = 0
        self._api, self._old = api, old
        super().__init__()

    def port_for(self, request):
        is_read = request.command == "GET" or request.path in self.READS
        self.reads += is_read
        return (self._old if is_read else self._api).port


class Echo(Front):
    """A server before the server at `port`. `echoing`: it refuses what creates, changes or deletes
    interfaces, and its answer shows the login that the client has sent."""

    def __init__(self, port):
        self.echoing = False
        self.echoed = 0  # answers that showed a login
        self._port = port
        super().__init__()

    def port_for(self, request):
        return self._port

    def instead(self, request):
        if not self.echoing or request.command == "GET" or not request.path.startswith("/virtual-machine-interface"):
            return None
        login = request.headers.get("X-Auth-Token") or request.headers.get("Authorization")
        self.echoed += bool(login)
        return 400, "text/html; charset=UTF-8", f"Bad request of {login}".encode()
