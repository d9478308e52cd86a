"""A proxy between the controller and the Kubernetes API that sends false lists and watches."""

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
    """An HTTP server that forwards to the API server and counts its false answers. Stop it at
    the end."""

    def __init__(self, server, ca_file):
        target = urllib.parse.urlsplit(server)
        self._target = (target.hostname, target.port)
        self._tls = ssl.create_default_context(cafile=ca_file)
        self._lock = threading.Lock()
        self._gone, self._empty, self._watches, self._blind = {}, {}, {}, set()
        self.told = {kind: 0 for kind in _KINDS}  # lists that were answered as empty
        self.listed = {kind: 0 for kind in _KINDS}  # all lists that were answered
        handler = type("Handler", (_Handler,), {"liar": self})
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def lie(self, kind, times=1):
        """Ends the watch of a kind, answers 410 to the next one, and sends `times` empty lists."""
        self.hide(kind, times)
        self.relist(kind)

    def hide(self, kind, times=1):
        """Makes the next lists of a kind empty."""
        with self._lock:
            self._empty[kind] = times

    def hides(self, kind):
        """The number of lists of a kind that are still to be empty."""
        with self._lock:
            return self._empty.get(kind, 0)

    def blind(self, kind):
        """Hides all events in watches of a kind, until the kind is listed again."""
        with self._lock:
            self._blind.add(kind)

    def relist(self, kind):
        """Ends the watch of a kind, and answers 410 to the next one."""
        with self._lock:
            self._gone[kind] = 1
            for connection in self._watches.get(kind, ()):
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # the connection has ended already
            self._blind.discard(kind)

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

    def takes(self, kind, watch):
        """Whether this request gets a false answer."""
        with self._lock:
            left = self._gone if watch else self._empty
            if left.get(kind, 0) == 0 or (not watch and self._gone.get(kind)):
                return False
            left[kind] -= 1
            if not watch:
                self.told[kind] += 1
            return True

    def note_watch(self, kind, connection, begins):
        """Notes the connections that carry watches."""
        with self._lock:
            watches = self._watches.setdefault(kind, set())
            (watches.add if begins else watches.discard)(connection)

    def note_list(self, kind):
        """Counts a list that was answered."""
        with self._lock:
            self.listed[kind] += 1

    def is_blind(self, kind):
        """Whether watches of the kind hide their events."""
        with self._lock:
            return kind in self._blind

    def connect(self):
        """Opens a connection to the API server."""
        return http.client.HTTPSConnection(*self._target, context=self._tls, timeout=600)

    def stop(self):
        """Stops the server."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    """One connection of the controller."""

    protocol_version = "HTTP/1.1"
    liar = None

    def forward(self):
        """Forwards the request, or sends a false answer."""
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
        watched = kind if watch and kind in _KINDS else None
        if watched:
            self.liar.note_watch(kind, self.connection, True)
        try:
            self.pass_on(answer, watched)
        finally:
            if watched:
                self.liar.note_watch(kind, self.connection, False)
            upstream.close()
        if kind in _KINDS and not watch and answer.status == 200:
            self.liar.note_list(kind)
        return None

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = forward

    def pass_on(self, answer, watched=None):
        """Forwards the API server's answer piece by piece, but no events of a watch that hides
        them."""
        self.send_response(answer.status)
        for key, value in answer.getheaders():
            if key.lower() not in ("connection", "transfer-encoding", "content-length"):
                self.send_header(key, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            while piece := answer.read1(65536):
                if watched and self.liar.is_blind(watched):
                    continue
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")
        except (OSError, http.client.HTTPException):
            self.close_connection = True  # the controller or the API server closed the connection

    def say_gone(self):
        """Answers that the resource version of a watch is too old."""
        self.say(410, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Expired", "code": 410,
                       "message": "too old resource version"})

    def say_empty(self, kind, path):
        """Sends an empty list with the current resource version."""
        upstream = self.liar.connect()
        upstream.request("GET", f"{path}?limit=1", headers={"Authorization": self.headers["Authorization"]})
        version = json.load(upstream.getresponse())["metadata"]["resourceVersion"]
        upstream.close()
        group, name = _KINDS[kind]
        self.say(200, {"kind": name, "apiVersion": group, "metadata": {"resourceVersion": version}, "items": []})
        self.liar.note_list(kind)

    def say(self, status, body):
        """Sends a complete JSON answer."""
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        """Logs nothing."""
