"""Stands between the controller and the Kubernetes API, and lies about what is there."""

import http.client
import http.server
import json
import socket
import ssl
import threading
import urllib.parse

_KINDS = {"pods": ("v1", "PodList"), "services": ("v1", "ServiceList"), "namespaces": ("v1", "NamespaceList"),
          "endpointslices": ("discovery.k8s.io/v1", "EndpointSliceList")}


class Liar:
    """An HTTP server that forwards to the API server, and counts the lies that were told. Stop it at the end."""

    def __init__(self, server, ca_file):
        target = urllib.parse.urlsplit(server)
        self._target = (target.hostname, target.port)
        self._tls = ssl.create_default_context(cafile=ca_file)
        self._lock = threading.Lock()
        self._gone, self._empty, self._watches = {}, {}, {}
        self.told = {kind: 0 for kind in _KINDS}  # lists that were answered as empty
        handler = type("Handler", (_Handler,), {"liar": self})
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def lie(self, kind, times=1):
        """The watch of a kind ends, the next one is answered 410, and so many lists are empty."""
        with self._lock:
            self._gone[kind], self._empty[kind] = 1, times
            watches = list(self._watches.get(kind, ()))
        for connection in watches:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it has ended by itself

    def takes(self, kind, watch):
        """Whether this request is one to lie to."""
        with self._lock:
            left = self._gone if watch else self._empty
            if left.get(kind, 0) == 0 or (not watch and self._gone.get(kind)):
                return False
            left[kind] -= 1
            if not watch:
                self.told[kind] += 1
            return True

    def note_watch(self, kind, connection, begins):
        """Which connections carry watches."""
        with self._lock:
            watches = self._watches.setdefault(kind, set())
            (watches.add if begins else watches.discard)(connection)

    def connect(self):
        """To the API server."""
        return http.client.HTTPSConnection(*self._target, context=self._tls, timeout=600)

    def stop(self):
        """Ends it."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    """One connection of the controller's."""

    protocol_version = "HTTP/1.1"
    liar = None

    def forward(self):
        """Passes the request on, or lies."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(url.query)
        kind = url.path.rsplit("/", 1)[-1] if self.command == "GET" else ""
        watch = "watch" in query
        if kind in _KINDS and "continue" not in query and self.liar.takes(kind, watch):
            return self.say_gone() if watch else self.say_empty(kind, url.path)
        upstream = self.liar.connect()
        headers = {key: value for key, value in self.headers.items() if key.lower() not in ("host", "connection")}
        upstream.request(self.command, self.path, body or None, headers)
        answer = upstream.getresponse()
        if watch and kind in _KINDS:
            self.liar.note_watch(kind, self.connection, True)
        try:
            return self.pass_on(answer)
        finally:
            if watch and kind in _KINDS:
                self.liar.note_watch(kind, self.connection, False)
            upstream.close()

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = forward

    def pass_on(self, answer):
        """The API server's answer, piece by piece."""
        self.send_response(answer.status)
        for key, value in answer.getheaders():
            if key.lower() not in ("connection", "transfer-encoding", "content-length"):
                self.send_header(key, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            while piece := answer.read1(65536):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")
        except (OSError, http.client.HTTPException):
            self.close_connection = True  # the controller left, or was cut, or the API server ended

    def say_gone(self):
        """The version of a watch is too old."""
        self.say(410, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Expired", "code": 410,
                       "message": "too old resource version"})

    def say_empty(self, kind, path):
        """Nothing of a kind is there, as of now."""
        upstream = self.liar.connect()
        upstream.request("GET", f"{path}?limit=1", headers={"Authorization": self.headers["Authorization"]})
        version = json.load(upstream.getresponse())["metadata"]["resourceVersion"]
        upstream.close()
        group, name = _KINDS[kind]
        self.say(200, {"kind": name, "apiVersion": group, "metadata": {"resourceVersion": version}, "items": []})

    def say(self, status, body):
        """A whole answer."""
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        """Quiet."""
