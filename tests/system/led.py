"""Two controllers of one cluster, of which one leads."""

import http.client
import http.server
import itertools
import threading

from rig import ACCOUNT, STATE, Program, SystemTest, call, eventually
from controlplane import free_port

NS = "led"
_LEASE = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-network-manager"
_READS = ("/list-bulk-collection", "/fqname-to-id")
_CONFIG = """\
api-server: 127.0.0.1
api-port: {api_port}
public-ip-range: 192.0.2.0/24
listen-http: 127.0.0.1:{http_port}
listen-state: 127.0.0.1:{state_port}
retry-delay-max: 1s
leader-election: true
lease-duration: 6s
lease-renew-deadline: 4s
lease-retry-period: 500ms
"""


class Entrance:
    """The config API as one instance sees it: forwards its requests, and notes its writes in a
    list that all instances share."""

    def __init__(self, name, api_port, writes):
        self.requests = 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """One connection of the instance."""
            protocol_version = "HTTP/1.1"

            def forward(self):
                """Sends the request on, and the answer back."""
                outer.requests += 1
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.command != "GET" and self.path not in _READS:
                    writes.append((name, self.command, self.path))
                server = http.client.HTTPConnection("127.0.0.1", api_port)
                server.request(self.command, self.path, body, {"Content-Type": "application/json"})
                answer = server.getresponse()
                text = answer.read()
                server.close()
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.getheader("Content-Type") or "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PUT = do_DELETE = forward  # noqa: N815

            def log_message(self, *_):
                """The output of the test stays short."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        """Ends the server."""
        self._server.shutdown()
        self._server.server_close()


class Instance:
    """A controller with ports and an entrance of its own."""

    def __init__(self, name, test, kubeconfig=None, environment=None):
        self.http_port = free_port()
        self.state_port = free_port(avoid=[self.http_port])
        self.entrance = Entrance(name, test.api.port, test.written)
        test.addCleanup(self.entrance.stop)
        config = test.path(f"{name}.yaml")
        with open(config, "w", encoding="utf-8") as file:
            file.write(_CONFIG.format(api_port=self.entrance.port, http_port=self.http_port,
                                      state_port=self.state_port))
        self.program = Program("kube-network-manager", "run", "--config", config, "--kubeconfig",
                               kubeconfig or test.path("controller.kubeconfig"), folder=test.folder,
                               environment=environment)
        test.addCleanup(lambda: self.program.running() and self.program.kill())

    def get(self, path):
        """The (status, answer) of its own servers."""
        return call(f"http://127.0.0.1:{self.state_port if path == '/state' else self.http_port}{path}")

    def leads(self):
        """Whether it says that it is the leader."""
        return "leader_election_master_status{name=\"kube-network-manager\"} 1" in str(self.get("/metrics")[1])

    def ready(self):
        """Whether it is ready."""
        return self.get("/readyz")[0] == 200

    def wait(self, condition):
        """Waits for a condition; a failure shows its log."""
        eventually(condition, lambda: self.program.output()[-4000:])


class LeaderTest(SystemTest):
    """One instance leads, and another one is ready to follow."""

    def setUp(self):
        super().setUp()
        self.addCleanup(self.leave_namespace, NS)
        self.cluster.write_account_kubeconfig(self.path("controller.kubeconfig"), *ACCOUNT)
        self.written = []  # (instance, method, path) of all writes to the config API, in order
        self.names = itertools.count(1)
        self.first = self.start_first()
        self.first.wait(lambda: self.first.leads() and self.first.ready())
        self.second = self.start_second()
        self.second.wait(self.second.ready)
        self.make_namespace(NS)
        self.cause_a_write()

    def start_first(self):
        """The instance that leads."""
        return Instance("first", self)

    def start_second(self):
        """The instance that follows."""
        return Instance("second", self)

    def cause_a_write(self):
        """Makes a Pod, and waits for the annotation that names its interface."""
        name = f"web-{next(self.names)}"
        self.apply([{"apiVersion": "v1", "kind": "Pod",
                     "metadata": {"name": name, "namespace": NS, "labels": {"name": "web"}},
                     "spec": {"containers": [{"name": "c", "image": "none"}]}}])
        eventually(lambda: STATE in self.pods(NS)[name]["metadata"].get("annotations", {}), f"the network of {name}")

    def writers(self):
        """The writers in the order of their writes, each named once for writes in a row."""
        return [name for name, _ in itertools.groupby(list(self.written), lambda write: write[0])]

    def lease(self):
        """The spec of the lease."""
        return self.cluster.api.get(_LEASE)["spec"]

    def holder(self):
        """The holder of the lease."""
        return self.lease().get("holderIdentity")

    def assert_followed(self):
        """The second instance leads and writes, and the first one does not write any more."""
        self.second.wait(self.second.leads)
        self.cause_a_write()
        self.assertEqual(self.writers(), ["first", "second"])
