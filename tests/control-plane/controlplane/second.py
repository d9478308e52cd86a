"""A second API server of a running cluster, on the same etcd."""

import os

from . import process
from .api import Api
from .components import api_server
from .ports import free_port
from .readiness import api_server_lacks
from .waiting import wait_for


class SecondApiServer:
    """Starts the server and waits until it is ready (TimeoutError). `etcd_port`: where it reaches
    etcd, such as the port of a proxy. `arguments`: more of its command line. Stop it before the
    cluster."""

    def __init__(self, cluster, spec, token, etcd_port, arguments):
        self.port = free_port(avoid=cluster.ports.values())
        self.server = f"https://127.0.0.1:{self.port}"
        self.log = os.path.join(cluster.logs, f"second-kube-apiserver-{self.port}.log")
        component = api_server(spec, {"etcd": etcd_port, "apiserver": self.port})
        # The endpoints of the Service default/kubernetes stay those of the first server.
        argv = [*component.argv, "--endpoint-reconciler-type=none", *arguments]
        self._process = process.spawn(argv, self.log, {"HOME": component.home}, component.home)
        self.api = Api(self.server, cluster.ca_file, token, timeout=20)
        try:
            wait_for(lambda: not api_server_lacks(self.api), 120, f"the second API server, which logs to {self.log}")
        except BaseException:
            self.stop()
            raise

    def stop(self):
        """Ends the server."""
        process.stop(self._process)
