"""A cluster with real nodes, from its start to its end: control plane, underlay, nodes."""

import contextlib
import tempfile
from ipaddress import ip_network

from controlplane import Cluster
from layout import leftovers as layout_leftovers
from layout.addresses import MACHINES
from layout.command import ip
from layout.errors import LayoutError
from layout.folder import Folder
from layout.namespace import Namespace
from layout.underlay import Underlay

from . import images, leftovers, programs, requirements
from .nodes import Nodes, api_server_arguments
from .plugin import point_to_point

_SERVICES = "10.254.0.0/16"
_PODS = ip_network("10.244.0.0/16")  # each node has a /24 of it
_NAMES = ("node-01", "node-02")


class NodeCluster:
    """A context manager; `cluster` is the control plane, as controlplane.Cluster. Use it from the
    main thread. `count`: of nodes, up to two; `controller`: the path of the controller's program,
    of which the nodes get an image; `say`: takes progress; `ports`: as Nodes takes them."""

    def __init__(self, say, count=1, controller=None, ports=None):
        self._say, self._names, self._controller = say, _NAMES[:count], controller
        self._ports = ports
        self._stack = contextlib.ExitStack()
        self._nodes = self.cluster = self.folder = None

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def _start(self):
        if missing := requirements.lacks():
            raise LayoutError(requirements.advice(missing))
        built = programs.build(self._say)
        # Not in /run, which may be small and is in memory: images are unpacked here.
        root = tempfile.gettempdir()
        layout_leftovers.clean(root)
        leftovers.clean()
        self.folder = self._keep(Folder(root), "remove")
        self._say("starting Kubernetes")
        self.cluster = self._stack.enter_context(Cluster.start(
            say=self._say, nodes=[], service_range=_SERVICES,
            extra={"kube-apiserver": api_server_arguments(self.folder)}))
        networks = self._networks()
        ranges = dict(zip(networks, _PODS.subnets(new_prefix=24)))
        self._route(networks, ranges)
        self._nodes = self._keep(Nodes(self.folder, self.cluster, networks, _SERVICES, self._say,
                                       self._ports))
        self._nodes.start(built, images.PAUSE, self._images(),
                          {address: point_to_point(ranges[address]) for address in networks})

    def _networks(self):
        """Node's address → its network, connected to the underlay."""
        underlay = self._keep(Underlay(self.folder))
        made = {}
        for name in self._names:
            made[MACHINES[name]] = network = self._keep(Namespace(self.folder, name))
            underlay.connect(network, MACHINES[name])
        return made

    @staticmethod
    def _route(networks, ranges):
        """Routes between the Pods of different nodes."""
        for address, network in networks.items():
            ip(network, *[f"route add {ranges[other]} via {other}"
                          for other in networks if other != address])

    def _images(self):
        """Paths of image files."""
        makers = {"pause": images.pause, "tools": images.tools}
        if self._controller:
            makers["controller"] = lambda path: images.controller(path, self._controller)
        paths = {name: self.folder.file(f"{name}.tar") for name in makers}
        for name, make in makers.items():
            make(paths[name])
        return list(paths.values())

    def _keep(self, thing, end="close"):
        self._stack.callback(getattr(thing, end))
        return thing

    def check(self):
        """LayoutError if a program of a node has ended by itself."""
        self._nodes.check()

    def close(self):
        """Ends everything, however far it was started."""
        self._stack.close()

