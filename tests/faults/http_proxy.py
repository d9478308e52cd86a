"""An HTTP proxy on 127.0.0.1 in front of an API server, for tests that replace or change its answers."""

import contextlib
import http.client
import http.server
import socket
import ssl
import threading
import urllib.parse

KINDS = {"pods": ("v1", "PodList"), "services": ("v1", "ServiceList"), "namespaces": ("v1", "NamespaceList"),
         "endpointslices": ("discovery.k8s.io/v1", "EndpointSliceList")}


class HttpProxy:
    """Forwards each request to the API server, and counts. A subclass may answer in the server's
    place (`instead`), or change the body of an answer (`pieces`). Stop it at the end."""

    def __init__(self, server, ca_file):
        target = urllib.parse.urlsplit(server)
        self._target = (target.hostname, target.port)
        self._tls = ssl.create_default_context(cafile=ca_file)
        self.lock = threading.Lock()
        self._watches = {}  # kind → the connections that carry its watches
        self.asked = []  # (kind, whether it is a watch) of each request for a kind
        handler = type("Handler", (Exchange,), {"proxy": self})
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def instead(self, exchange):
        """Whether this answered in the server's place."""
        return False

    def pieces(self, exchange, answer):
        """The pieces of the server's answer, as they are forwarded."""
        while piece := answer.read1(65536):
            yield piece

    def end_watches(self, kind):
        """Ends the connections with watches of a kind."""
        with self.lock:
            connections = list(self._watches.get(kind, ()))
        for connection in connections:
            with contextlib.suppress(OSError):  # it may have ended already
                connection.shutdown(socket.SHUT_RDWR)

    def watches(self, kind):
        """The number of open watches of a kind."""
        with self.lock:
            return len(self._watches.get(kind, ()))

    def asked_for(self, kind, watch):
        """How often lists or watches of a kind were requested."""
        with self.lock:
            return self.asked.count((kind, watch))

    @contextlib.contextmanager
    def watching(self, exchange):
        """The connection of the exchange carries a watch in this block."""
        with self.lock:
            self._watches.setdefault(exchange.kind, set()).add(exchange.connection)
        try:
            yield
        finally:
            with self.lock:
                self._watches[exchange.kind].discard(exchange.connection)

    def connect(self):
        """Opens a connection to the API server."""
        return http.client.HTTPSConnection(*self._target, context=self._tls, timeout=600)

    def write_kubeconfig(self, path, cluster, account):
        """Writes the kubeconfig of a ServiceAccount, with the address of this proxy as the
        server."""
        cluster.write_account_kubeconfig(path, *account)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        assert cluster.server in text, text
        with open(path, "w", encoding="utf-8") as file:
            lines = text.replace(cluster.server, self.url).splitlines(keepends=True)
            file.writelines(line for line in lines if "certificate-authority" not in line)

    def stop(self):
        """Stops the server."""
        self._server.shutdown()
        self._server.server_close()


class Exchange(http.server.BaseHTTPRequestHandler):
    """One connection of a client, and its present request. `kind` is empty unless the request reads
    the objects of a kind."""

    protocol_version = "HTTP/1.1"
    proxy = None

    def forward(self):
        """Forwards the request, or answers it."""
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urllib.parse.urlsplit(self.path)
        self.query = urllib.parse.parse_qs(url.query)
        last = url.path.rsplit("/", 1)[-1]
        self.kind = last if self.command == "GET" and last in KINDS else ""
        self.is_watch = bool(self.kind) and "watch" in self.query
        if self.kind:
            with self.proxy.lock:
                self.proxy.asked.append((self.kind, self.is_watch))
        try:
            if self.proxy.instead(self):
                return
            if self.is_watch:
                with self.proxy.watching(self):
                    self._pass_on()
            else:
                self._pass_on()
        except (OSError, http.client.HTTPException, Cut):
            self.close_connection = True  # a side closed its connection, or the test cuts it

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = forward  # noqa: N815

    def accepts_protobuf(self):
        """Whether the client prefers protobuf to JSON."""
        return "protobuf" in self.headers.get("Accept", "")

    def ask(self, path, accept=None):
        """The server's (status, content type, body) of a GET with the client's credentials."""
        upstream = self.proxy.connect()
        headers = {key: self.headers[key] for key in ("Authorization",) if self.headers[key]}
        upstream.request("GET", path, headers=headers | ({"Accept": accept} if accept else {}))
        answer = upstream.getresponse()
        body = answer.read()
        upstream.close()
        return answer.status, answer.getheader("Content-Type"), body

    def _pass_on(self):
        upstream = self.proxy.connect()
        headers = {key: value for key, value in self.headers.items() if key.lower() not in ("host", "connection")}
        try:
            upstream.request(self.command, self.path, self.body or None, headers)
            answer = upstream.getresponse()
            if self.is_watch:
                threading.Thread(target=self._follow_client, args=(upstream.sock,), daemon=True).start()
            self.begin(answer.status, [(key, value) for key, value in answer.getheaders()
                                       if key.lower() not in ("connection", "transfer-encoding", "content-length")])
            for piece in self.proxy.pieces(self, answer):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")
        finally:
            upstream.close()

    def _follow_client(self, upstream):
        """Ends the server's side of a watch when the client ends its own: otherwise only the next
        event would show it."""
        with contextlib.suppress(OSError):
            if not self.connection.recv(1, socket.MSG_PEEK):
                upstream.shutdown(socket.SHUT_RDWR)

    def begin(self, status, headers):
        """Sends the head of an answer in chunks."""
        self.send_response(status)
        for key, value in headers:
            self.send_header(key, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def say(self, status, body, content_type="application/json", **headers):
        """Sends a complete answer."""
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Logs nothing."""


class Cut(Exception):
    """Raised by `pieces`: the connection ends in the middle of an answer."""
