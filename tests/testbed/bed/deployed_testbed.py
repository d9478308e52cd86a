"""The testbed as the project's seed has it: the controller is a Deployment, the cluster's DNS is
CoreDNS, and applications run their own programs."""

import os

from apps import images as app_images
from layout import layout
from layout.errors import LayoutError
from nodes import images, requirements

from .container_testbed import ContainerTestbed
from .containers import Containers
from .testbed import BIN, ROOT

_SECONDS = 90  # for a Deployment to be Ready


class DeployedTestbed(ContainerTestbed):
    """As ContainerTestbed; the images of apps.images are real, all others are stand-ins."""

    SYSTEM = os.path.join(ROOT, "tests", "testbed", "manifests")

    def start(self):
        """Starts everything. After a failure, close() ends what runs already."""
        self.check_machine()
        super().start()

    @staticmethod
    def check_machine():
        """LayoutError if this machine lacks something."""
        if missing := {*requirements.lacks(), *layout.lacks(), *app_images.lacks()}:
            raise LayoutError(requirements.advice(sorted(missing)))

    def start_controller(self):
        """Waits until the controller runs, on the node that has the part of the master. None: it is
        no process of this machine's own."""
        self.cluster.kubectl("label", "node", self.layout.nodes[0],
                             "node-role.kubernetes.io/control-plane=")
        self.cluster.kubectl("rollout", "status", "deployment/kube-network-manager",
                             "--namespace=kube-system", f"--timeout={_SECONDS}s")

    def make_image(self, path, name):
        """Writes the image `name` to the tar file `path`."""
        if images.full_name(name) == images.CONTROLLER:
            images.controller(path, os.path.join(BIN, "kube-network-manager"))
        else:
            app_images.make(path, name, self.say)

    def agent(self):
        """The testbed's servers answer for stand-ins only."""
        return Containers(self.layout, self._nodes, self.settings, self.say, serves=_is_real)


def _is_real(pod):
    return any(app_images.is_real(one["image"]) for one in pod["spec"]["containers"])
