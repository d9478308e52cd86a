"""One node: a machine with a container runtime and a kubelet."""

import contextlib
import os
import shutil
import time

from controlplane import process
from layout.command import run
from layout.errors import LayoutError

from . import cgroups, containerd, kubelet, leftovers
from .machine import Machine, shared_folder

_RUNTIME = shared_folder("runtime")
_DEADLINE = 60  # seconds for what must happen


class Node:
    """Made by __init__: containerd runs then, and takes images. `programs`: those of
    programs.build(); `sandbox`: an image's name; `plugin`: plugin.Plugin."""

    def __init__(self, folder, network, address, programs, sandbox, plugin):
        self.name, self.address = network.name, address
        self._folder = folder
        self._cgroup = f"{leftovers.prefix(folder)}{self.name}"
        self._running = {}  # program → (Popen, log)
        self._machine = None
        try:
            cgroups.create(self._cgroup, cgroups.mounted_here())
            self._machine = Machine(folder, network, {**programs, **plugin.shared})
            self._write_configuration(plugin, sandbox)
            self._start("containerd", [f"{_RUNTIME}/containerd",
                                       "--config=/var/lib/containerd/config.toml"])
            self._wait("containerd", lambda: self._ctr("version"))
        except BaseException:
            self.close()
            raise

    def _write_configuration(self, plugin, sandbox):
        write = self._machine.write
        with open("/proc/filesystems", encoding="ascii") as filesystems:
            snapshotter = containerd.snapshotter(filesystems.read(), _kind(self._machine.var))
        folders = [_RUNTIME, *map(shared_folder, plugin.programs)]
        write(containerd.config(sandbox, snapshotter, folders), "lib/containerd/config.toml")
        write(plugin.conflist, "lib/cni/net.d/10-testbed.conflist")

    def load(self, image):
        """Imports an image: a tar file, by its path."""
        inside = os.path.join("lib/containerd", os.path.basename(image))
        shutil.copyfile(image, self._machine.path(inside))
        try:
            self._ctr("--namespace=k8s.io", "images", "import", f"/var/{inside}")
        finally:
            os.unlink(self._machine.path(inside))

    def join(self, cluster, server, dns):
        """Starts kubelet, which makes the Node object. `server`: the API server's URL, from the
        node; `dns`: addresses of the DNS Service."""
        path = self._machine.path
        os.makedirs(path("lib/kubelet"), exist_ok=True)
        cluster.write_node_kubeconfig(path("lib/kubelet/kubeconfig"), self.name, server)
        shutil.copyfile(cluster.ca_file, path("lib/kubelet/ca.crt"))
        self._machine.write(kubelet.config(self.address, self._cgroup, dns),
                            "lib/kubelet/config.yaml")
        self._start("kubelet", [f"{shared_folder('kubernetes')}/kubelet",
                                *kubelet.arguments(self.name, self.address)])

    def network_of(self, uid):
        """The path of the network namespace of a Pod that runs here; None if there is none."""
        for pid in cgroups.processes(self._cgroup, uid, cgroups.mounted_here()):
            with contextlib.suppress(OSError):  # it has ended meanwhile
                with open(f"/proc/{pid}/comm", encoding="utf-8") as name:
                    if name.read() == "pause\n":
                        return f"/proc/{pid}/ns/net"
        return None

    def check(self):
        """LayoutError if a program has ended by itself."""
        for name, (child, log) in self._running.items():
            if process.exit_code(child) is not None:
                raise LayoutError(f"{name} of {self.name} ended with exit code "
                                  f"{child.returncode}. Its last words:\n{process.tail(log)}")

    def last_words(self):
        """The ends of its programs' logs, as text."""
        return "\n".join(f"{name} of {self.name}:\n{process.tail(log)}"
                         for name, (_, log) in self._running.items())

    def close(self):
        """Ends the node with its Pods, and removes its cgroups. LayoutError if some stay."""
        if self._machine:
            self._machine.close()
        self._running.clear()
        if left := cgroups.remove(self._cgroup, cgroups.mounted_here()):
            raise LayoutError(f"cgroups of {self.name} cannot be removed: {', '.join(left)}")

    def _start(self, name, argv):
        log = self._folder.file("logs", f"{name}-{self.name}.log")
        environment = {"PATH": f"{_RUNTIME}:{os.environ['PATH']}", "HOME": "/var/tmp"}
        self._running[name] = self._machine.start(argv, log, environment), log

    def _ctr(self, *arguments):
        return self._machine.run(f"{_RUNTIME}/ctr", *arguments)

    def _wait(self, name, attempt):
        """Until `attempt()` succeeds, which asks the program `name`."""
        end = time.monotonic() + _DEADLINE
        while True:
            self.check()
            try:
                return attempt()
            except LayoutError as error:
                if time.monotonic() > end:
                    raise LayoutError(f"{name} of {self.name} does not answer: {error}") from error
            time.sleep(0.05)


def _kind(path):
    """The kind of the file system at `path`, as /proc/self/mountinfo names it."""
    return run("findmnt", "--noheadings", "--output=FSTYPE", f"--target={path}").strip()
