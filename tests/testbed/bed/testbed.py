"""The testbed, from its start to its end."""

import contextlib
import os
import time
from ipaddress import ip_address

from controlplane import Cluster, ClusterError, free_port
from controlplane.api import ApiError
from controlplane.kubeconfig import write_private
from layout.errors import LayoutError
from layout.layout import Layout
from matrix.running import Running, publish

from demo_steps import application
from demo_steps.server import DemoError, Server
from oracle import Settings, Snapshot, baseline, complaints

from .config_objects import ConfigObjects
from .node_agent import NodeAgent
from .ranges import Ranges
from .renderer import Renderer

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))))
BIN = os.environ.get("KNM_BIN") or os.path.join(ROOT, "bin")
DEMO = os.path.join(ROOT, "manifests", "demo")
_ACCOUNT = ("kube-system", "kube-network-manager")
_TOKEN_SECONDS = 3600
_CONFIG = """\
api-server: 127.0.0.1
api-port: {api_port}
private-ip-range: [{pods}]
service-cluster-ip-range: [{services}]
public-ip-range: [{public}]
cluster-service: kube-system/default
listen-http: 127.0.0.1:{http_port}
listen-state: 127.0.0.1:{state_port}
{more}"""


class Testbed:
    """A context manager. `say`: takes progress; `nodes`: how many; `ranges`: Ranges.
    Use it from the main thread:
    children of another thread would end with that thread."""

    PROGRAMS = ("kube-network-manager", "contrail-config-api")  # that `make build` must have made
    SYSTEM = DEMO  # what the cluster needs besides an application, for `kubectl apply -k`
    more_config = ""  # further lines of the controller's configuration

    def __init__(self, say, dual_stack=False, nodes=2, ranges=None):
        self.say, self.ranges = say, ranges or Ranges(dual_stack)
        self.stack = contextlib.ExitStack()
        self.settings = Settings(**self.ranges.settings())
        self.layout = Layout(self.ranges.reached_from_outside(), self.ranges.gateways(), nodes)
        self._token_age = None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    # ---- starting ----

    def start(self):
        """Starts everything. After a failure, close() ends what runs already."""
        for program in self.PROGRAMS:
            if not os.access(os.path.join(BIN, program), os.X_OK):
                raise LayoutError(f"there is no program {program} in {BIN}: run `make build`")
        self.say("the network: underlay, machines, OVN")
        self.stack.callback(self.layout.close)
        self.layout.start()
        self.config_api = self._serve("contrail-config-api", lambda port, _: [
            "--listen", f"127.0.0.1:{port}"])
        self.say("Kubernetes")
        self.start_kubernetes()
        self.say("the config API, the controller, the renderer")
        self.config_api.wait_for("/virtual-networks", 30)
        self._objects = ConfigObjects(self.config_api.url)
        self._untouched = baseline(self._objects)
        application.apply(self.cluster, self.SYSTEM, kustomize=True)
        self.controller = self.start_controller()
        self.renderer = Renderer(self.config_api.url, self.layout.central.northbound,
                                 self.renderer_arguments(),
                                 self.layout.folder.file("logs", "config-to-ovn.log"))
        self.stack.callback(self.renderer.stop)
        self._agent = self.stack.enter_context(contextlib.closing(self.agent()))
        publish(self.layout.folder, self.cluster, self.ranges.settings())
        self.running = Running(self.layout.folder.path)

    def start_kubernetes(self):
        """Starts the control plane, and the nodes."""
        self.cluster = self.start_cluster(nodes=["gateway=gateway", *self.layout.nodes])

    def renderer_arguments(self):
        """Of config-to-ovn: what the config API does not hold."""
        return self.ranges.renderer_arguments()

    def start_cluster(self, **options):
        """The control plane."""
        return self.stack.enter_context(Cluster.start(
            say=self.say, service_range=",".join(self.ranges.services), **options))

    def agent(self):
        """What connects Pods and runs their servers."""
        return NodeAgent(self.layout, self.settings, self.say)

    def start_controller(self):
        """One more instance of the controller as a process of this machine, when it is ready: that,
        or a standby."""
        instance = self._serve("kube-network-manager", self._controller_arguments)
        instance.wait_for("/readyz", 60)
        return instance

    def _serve(self, name, arguments):
        port = free_port()
        state_port = free_port(avoid=[port])
        server = Server(name, [os.path.join(BIN, name), *arguments(port, state_port)], port,
                        self.layout.folder.file("logs", f"{name}.log"), state_port)
        self.stack.callback(server.stop)
        return server

    def _controller_arguments(self, port, state_port):
        config, kubeconfig = map(self._file, (f"config-{port}.yaml", "controller.kubeconfig"))
        listed = {name: ", ".join(f'"{text}"' for text in ranges) for name, ranges in (
            ("pods", self.ranges.pods), ("services", self.ranges.services),
            ("public", self.ranges.public))}
        write_private(config, _CONFIG.format(api_port=self.config_api.port, http_port=port,
                                             state_port=state_port, more=self.more_config,
                                             **listed))
        self.cluster.write_account_kubeconfig(kubeconfig, *_ACCOUNT, seconds=_TOKEN_SECONDS,
                                              token_file=self._file("token"))
        self._token_age = time.monotonic()
        return ["run", "--config", config, "--kubeconfig", kubeconfig]

    def _file(self, name):
        return os.path.join(self.cluster.work_folder(), name)

    def close(self):
        """Ends everything, however far it was started."""
        self.stack.close()

    # ---- running ----

    def apply(self, folder):
        """`kubectl apply` of an application."""
        application.apply(self.cluster, folder)

    def pods(self):
        """Names of the Pods that are connected, as namespace/name."""
        return self._agent.pods()

    def pod_address(self, pod):
        """The first address of a Pod (namespace/name)."""
        namespace, _, name = pod.partition("/")
        return ip_address(self.cluster.api.get(
            f"/api/v1/namespaces/{namespace}/pods/{name}")["status"]["podIP"])

    def service_address(self, service, version=4):
        """The ClusterIP of a Service (namespace/name), of a family."""
        namespace, _, name = service.partition("/")
        spec = self.cluster.api.get(f"/api/v1/namespaces/{namespace}/services/{name}")["spec"]
        return next(found for found in map(ip_address, spec["clusterIPs"])
                    if found.version == version)

    def networks(self):
        """Names of all virtual networks of the config API."""
        return sorted(self._objects.list("virtual-networks"))

    def follow(self):
        """One round of the node agents; what Kubernetes shows."""
        snapshot = Snapshot(self.cluster.api)
        self._agent.follow(snapshot)
        for remark in self._agent.remarks:
            self.say(remark, passing=True)
        return snapshot

    def sync(self, seconds=120):
        """Waits until Kubernetes is at rest, the config API is as the labels say, every Pod is
        plugged, and every switch has the flows of it all."""
        end = time.monotonic() + seconds
        while lag := self._lag():
            self.check()
            if time.monotonic() > end:
                raise TimeoutError(f"after {seconds} s: {lag}")
            self.say(lag, passing=True)
            time.sleep(0.2)

    def _lag(self):
        """What is not done yet; empty: nothing."""
        snapshot = Snapshot(self.cluster.api)
        if self._agent.follow(snapshot):
            return "connecting Pods"
        if waits := snapshot.at_rest():
            return waits
        if wrong := complaints(snapshot, self._objects, self.settings, self._untouched):
            return f"the controller is at work: {wrong[0]}"
        if not self.renderer.is_in_sync():
            return "the renderer is at work"
        if pods := self.layout.uninstalled():
            return f"flows are missing for {', '.join(pods)}"
        self.layout.sync()
        if Snapshot(self.cluster.api).versions() != snapshot.versions():
            return "Kubernetes has changed meanwhile"
        return ""

    def check(self):
        """Raises if a program has ended by itself; renews the controller's token in time."""
        self.layout.check()
        self.renderer.check()
        for server in filter(None, (self.config_api, self.controller)):
            server.check()
        if not self.cluster.is_running():
            raise ClusterError("the control plane has ended")
        if self._token_age and time.monotonic() - self._token_age > _TOKEN_SECONDS / 2:
            write_private(self._file("token"), self.cluster.token(*_ACCOUNT, _TOKEN_SECONDS))
            self._token_age = time.monotonic()


FAILURES = (LayoutError, ClusterError, DemoError, ApiError, TimeoutError, OSError)
