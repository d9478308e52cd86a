"""An API server that knows Pods only, for the node's plugin: lists them and lets clients watch."""

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class PodApi:
    """Listens on loopback of the namespace in which it is made. `requests`: paths, as they came."""

    def __init__(self):
        self._changed = threading.Condition()
        self._pods, self._version, self._open = {}, 1, True
        self.requests = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def kubeconfig(self):
        """The text of a kubeconfig."""
        server = f"http://127.0.0.1:{self._server.server_address[1]}"
        return json.dumps({
            "clusters": [{"name": "c", "cluster": {"server": server}}],
            "contexts": [{"name": "c", "context": {"cluster": "c"}}], "current-context": "c"})

    def put(self, name, uid, annotations):
        """Creates or changes a Pod of the Namespace shop."""
        with self._changed:
            self._version += 1
            self._pods[name] = {
                "apiVersion": "v1", "kind": "Pod", "spec": {}, "status": {},
                "metadata": {"namespace": "shop", "name": name, "uid": uid,
                             "annotations": annotations, "resourceVersion": str(self._version)}}
            self._changed.notify_all()

    def close(self):
        """Ends it."""
        with self._changed:
            self._open = False
            self._changed.notify_all()
        self._server.shutdown()
        self._server.server_close()

    def _listed(self, name):
        with self._changed:
            items = [pod for pod in self._pods.values() if pod["metadata"]["name"] == name]
            return {"apiVersion": "v1", "kind": "PodList", "items": items,
                    "metadata": {"resourceVersion": str(self._version)}}

    def _changes(self, name, seen):
        """Yields each later version of a Pod."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._newer(name, seen) or not self._open)
                if not self._open:
                    return
                pod = self._newer(name, seen)
            seen = int(pod["metadata"]["resourceVersion"])
            yield {"type": "MODIFIED", "object": pod}

    def _newer(self, name, seen):
        pod = self._pods.get(name)
        return pod if pod and int(pod["metadata"]["resourceVersion"]) > seen else None

    def _handler(self):
        api = self

        class Handler(BaseHTTPRequestHandler):
            """One connection."""

            protocol_version = "HTTP/1.1"

            def handle(self):
                """Ends quietly with a client that has seen enough."""
                with contextlib.suppress(ConnectionError):
                    super().handle()

            def do_GET(self):  # noqa: N802  (the name is the library's)
                """Answers a GET."""
                api.requests.append(self.path)
                target = urlsplit(self.path)
                query = {key: values[0] for key, values in parse_qs(target.query).items()}
                name = query.get("fieldSelector", "").removeprefix("metadata.name=")
                if target.path == "/version":
                    self._answer({"gitVersion": "v1.36.0"})
                elif target.path != "/api/v1/namespaces/shop/pods" or not name:
                    self._answer({"kind": "Status", "code": 403, "message": "only one Pod"}, 403)
                elif "watch" in query:
                    self._stream(api._changes(name, int(query["resourceVersion"])))
                else:
                    self._answer(api._listed(name))

            def _answer(self, body, status=200):
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def _stream(self, events):
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                for event in events:
                    text = json.dumps(event).encode() + b"\n"
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text))

            def log_message(self, *_):
                """Says nothing."""

        return Handler
