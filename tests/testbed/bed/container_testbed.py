"""The testbed with real nodes: kubelets run the Pods as containers, and the project's own node
plugin connects them."""

import json
import os

from layout.addresses import MACHINES, NODE
from layout.errors import LayoutError
from layout.folder import Folder
from nodes import images, leftovers, programs, requirements
from nodes.nodes import Nodes, api_server_arguments
from nodes.plugin import contrail
from renderer import nodes as nodes_way

from .containers import Containers
from .testbed import BIN, Testbed

_CONFIG_API_PORT = 8082  # of each node's loopback interface


class ContainerTestbed(Testbed):
    """As Testbed. The images of an application are stand-ins that only wait; the testbed's servers
    answer in their place."""

    PROGRAMS = (*Testbed.PROGRAMS, "contrail-cni")

    def start(self):
        """Starts everything. After a failure, close() ends what runs already."""
        if missing := requirements.lacks():
            raise LayoutError(requirements.advice(missing))
        self._images = set()
        super().start()

    def start_kubernetes(self):
        """The control plane, and nodes on the layout's machines."""
        built = programs.build(self.say)
        leftovers.clean()
        self._folder = Folder(leftovers.root())
        self.stack.callback(self._folder.remove)
        self.cluster = self.start_cluster(nodes=[], extra={
            "kube-apiserver": api_server_arguments(self._folder)})
        self._start_nodes(built)
        self._load_images("--kustomize", self.SYSTEM)

    def _start_nodes(self, built):
        switches = {MACHINES[name]: self.layout.switches[name] for name in self.layout.nodes}
        networks = {address: switch.machine for address, switch in switches.items()}
        for switch in switches.values():
            switch.join(nodes_way.PORT, nodes_way.MAC, self.ranges.pods)
        self._nodes = Nodes(self._folder, self.cluster, networks, self.ranges.services[0], self.say,
                            {_CONFIG_API_PORT: self.config_api.port}, [str(NODE.ip)])
        self.stack.callback(self._nodes.close)
        pause = self._folder.file("pause.tar")
        images.pause(pause)
        program = os.path.join(BIN, "contrail-cni")
        self._nodes.start(built, images.PAUSE, [pause], {
            address: contrail(program, self.layout.folder.file(switch.name),
                              self.ranges.gateways().values())
            for address, switch in switches.items()})

    def renderer_arguments(self):
        """As Testbed, and the way between nodes and Pods."""
        return [*super().renderer_arguments(), "--node-address", str(NODE),
                "--link-local-service", f"{self.ranges.api_server()}:443"]

    def agent(self):
        """Nothing is to be plugged: only the servers are the testbed's."""
        return Containers(self.layout, self._nodes, self.settings, self.say)

    def apply(self, folder):
        """`kubectl apply` of an application."""
        self._load_images("--filename", folder)
        super().apply(folder)

    def _load_images(self, flag, folder):
        """Gives the nodes all images that the objects of a folder name."""
        text = self.cluster.kubectl("create", "--dry-run=client", "--output=json", flag, folder)
        for name in sorted(image_names(text) - self._images):
            path = self._folder.file("image.tar")
            self.make_image(path, name)
            self._nodes.load(path)
            self._images.add(name)

    def make_image(self, path, name):
        """Writes the image `name` to the tar file `path`."""
        images.stand_in(path, name)

    def check(self):
        """As Testbed."""
        super().check()
        self._nodes.check()


def objects_of(text):
    """The objects in the output of `kubectl create --output=json`: a List, or objects one after the
    other."""
    found, decoder = [], json.JSONDecoder()
    while text := text.strip():
        made, end = decoder.raw_decode(text)
        text = text[end:]
        found += made.get("items", [made])
    return found


def image_names(text):
    """The images of all Pod templates among objects_of(text)."""
    names = set()
    for item in objects_of(text):
        pod = item.get("spec", {}).get("template", {}).get("spec", {})
        names.update(container["image"] for container in pod.get("containers", []))
    return names
