"""The processes of a cluster's servers."""

import os
import signal

from . import process


class Failed(Exception):
    """The cluster cannot go on. The text has the reason and the last lines of the log."""


class PortLost(Exception):
    """Another program took a port between its choice and the start of the server."""


class Servers:
    """The server processes, as children of this process: the kernel kills them if it is killed."""

    _STOP_ORDER = (("kwok", "kube-scheduler", "kube-controller-manager"),
                   ("kube-apiserver",), ("etcd",))

    def __init__(self, spec):
        self._spec = spec
        self._running = {}  # name → Popen, in starting order; stopped ones stay
        self._stopped_on_purpose = set()

    def start(self, component):
        """Starts a server; its output goes to its log."""
        os.makedirs(component.home, exist_ok=True)
        environment = {"HOME": component.home, "PATH": os.environ.get("PATH", ""),
                       "KWOK_WORKDIR": component.home}
        self._running[component.name] = process.spawn(
            component.argv, self.log(component.name), environment, component.home)
        self._stopped_on_purpose.discard(component.name)

    def stop(self, name, kill=False):
        """Stops one server. Its end is no failure."""
        self._stopped_on_purpose.add(name)
        process.stop(self._running[name], 0 if kill else 5)

    def is_running(self, name):
        """Whether the server's process runs."""
        return self._running[name].poll() is None

    def check(self, starting):
        """Raises Failed if a server has ended by itself, or PortLost if the reason is a port
        while the cluster is `starting`."""
        for name, child in self._running.items():
            if name in self._stopped_on_purpose or child.poll() is None:
                continue
            last = process.tail(self.log(name))
            if starting and "address already in use" in last:
                raise PortLost(f"another program took a port of {name}")
            raise Failed(f"{name} ended unexpectedly ({_how(child.returncode)}); all logs are in "
                         f"{self._spec.path('logs')}. Its last words:\n{last}")

    def stop_all(self):
        """Stops all: first the API server's clients, then the API server, then etcd."""
        for group in self._STOP_ORDER:
            members = [self._running[name] for name in group if name in self._running]
            for child in members:
                if child.poll() is None:
                    child.send_signal(signal.SIGCONT)
                    child.terminate()
            for child in members:
                process.stop(child)
        self._running.clear()

    def pids(self):
        """Name → process id."""
        return {name: child.pid for name, child in self._running.items()}

    def log(self, name):
        """The path of a server's log."""
        return self._spec.path("logs", f"{name}.log")

    def last_words(self):
        """The last lines of all logs."""
        return "\n".join(f"  {name}:\n{process.tail(self.log(name))}" for name in self._running)


def _how(code):
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
