"""The process that owns a cluster's servers, and the only one that stops them.

It runs in its own session. It ends, with all its processes and files, on SIGTERM, on SIGINT,
when the process that started the cluster ends (even by SIGKILL), or when a server fails. If the
supervisor itself is killed, the kernel kills the servers.

It reports to its starter in lines of JSON on a pipe: {"say": text}, then one of {"ready": {...}}
and {"error": text}."""

import dataclasses
import errno
import fcntl
import ipaddress
import json
import os
import select
import shutil
import signal
import sys
import time

from . import control, kubeconfig, pki, process, readiness
from .api import Api
from .components import PortTaken, choose_ports, components
from .files import remove_files
from .servers import Failed, PortLost, Servers
from .spec import Spec, node_objects

_ATTEMPTS = 5  # another program can take a port before the server listens on it
_READY_SECONDS = 120


class Stop(Exception):
    """A request to end the cluster."""


class Supervisor:
    """One cluster from start to end. It is single-threaded: only `_wait` sleeps, and it notices
    signals, requests and ended processes."""

    def __init__(self, spec, report):
        self._spec = spec
        self._report = report  # file descriptor of the pipe, None once reported
        self._servers = Servers(spec)
        self._components = {}  # name → Component
        self._control = None  # the listening socket for requests
        self._owner = None  # file descriptor that becomes readable when the owner ends
        self._stop_requested = False
        self._lock = None  # the open lock file, once this process owns the folder

    def run(self):
        """Starts the cluster and serves requests until it must end. Returns an exit code."""
        self._catch_signals()
        failure = None
        try:
            self._watch_owner()
            self._take_folder()
            self._tell({"ready": self._start()})
            self._close_report()
            while True:
                self._wait(None)
        except Stop:
            pass
        except (Failed, PortTaken) as error:
            failure = str(error)
        except Exception as error:  # after any error all processes must be ended
            failure = f"the supervisor failed: {error!r}"
        self._servers.stop_all()
        if self._lock:
            remove_files(self._spec, keep_logs=failure is not None)
        if failure:
            print(failure, file=sys.stderr, flush=True)
            self._tell({"error": failure})
            return 1
        return 0

    # ---- starting ----

    def _take_folder(self):
        """Takes over the folder: removes the files of a former cluster and holds the lock until
        the end."""
        os.makedirs(self._spec.folder, mode=0o700, exist_ok=True)
        remove_files(dataclasses.replace(self._spec, made_folder=False), keep_logs=False)
        self._lock = open(self._spec.path("lock"), "w", encoding="ascii")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        os.makedirs(self._spec.path("logs"))
        kubeconfig.write_private(self._spec.path("spec.json"),
                                 json.dumps(dataclasses.asdict(self._spec)))
        with open(self._spec.path("logs", "supervisor.log"), "a", encoding="utf-8") as log:
            os.dup2(log.fileno(), sys.stdout.fileno())
            os.dup2(log.fileno(), sys.stderr.fileno())

    def _start(self):
        """Starts everything and returns the cluster's state for its users."""
        self._say("making keys and certificates")
        first_service = next(ipaddress.ip_network(self._spec.service_range.split(",")[0]).hosts())
        pki.create(self._spec.path("pki"), ["127.0.0.1", str(first_service)])
        self._tokens = pki.write_tokens(self._spec.path("pki", "tokens.csv"), {
            "admin": ["system:masters"], "kwok": ["system:masters"],
            "system:kube-controller-manager": [], "system:kube-scheduler": []})
        for attempt in range(_ATTEMPTS):
            try:
                self._start_servers()
                break
            except PortLost as lost:
                self._servers.stop_all()
                shutil.rmtree(self._spec.path("etcd"), ignore_errors=True)
                if attempt == _ATTEMPTS - 1:
                    raise Failed(f"{lost}, {_ATTEMPTS} times in a row") from lost
                self._say(f"{lost}: trying other ports", passing=False)
        self._control = control.listen(self._spec.folder)
        return self._write_state()

    def _start_servers(self):
        """Starts all servers on new ports and creates the nodes. Returns when Pods can run."""
        self._ports = choose_ports(self._spec.ports)
        self._server = f"https://127.0.0.1:{self._ports['apiserver']}"
        self._write_kubeconfigs()
        api = Api(self._server, self._spec.path("pki", "ca.crt"), self._tokens["admin"], timeout=5)
        self._components = {part.name: part for part in components(self._spec, self._ports)}
        clients = [name for name in self._components if name not in ("etcd", "kube-apiserver")]
        for name in ("etcd", "kube-apiserver"):
            self._start_server(name)
        self._poll("the API server", lambda: readiness.api_server_lacks(api))
        for name in clients:
            self._start_server(name)
        for node in node_objects(self._spec.nodes):
            api.post("/api/v1/nodes", node)
        self._poll("the cluster", lambda: readiness.pods_lack(api))

    def _start_server(self, name):
        self._say(f"starting {name}")
        self._servers.start(self._components[name])

    def _poll(self, what, lacks):
        """Waits until `lacks()` is empty, and reports each change of it."""
        deadline = time.monotonic() + _READY_SECONDS
        said = None
        while now := lacks():
            if now != said:
                self._say(f"waiting for {what}: {now}")
                said = now
            if time.monotonic() > deadline:
                raise Failed(f"{what} was not ready after {_READY_SECONDS} s; it waits for {now}.\n"
                             f"The servers' last words:\n{self._servers.last_words()}")
            self._wait(0.1)

    def _write_kubeconfigs(self):
        ca_file = self._spec.path("pki", "ca.crt")
        for name, user in (("kubeconfig", "admin"), ("kwok.kubeconfig", "kwok"),
                           ("controller-manager.kubeconfig", "system:kube-controller-manager"),
                           ("scheduler.kubeconfig", "system:kube-scheduler")):
            kubeconfig.write(self._spec.path(name), self._server, ca_file, user.split(":")[-1],
                             token=self._tokens[user])
        pair = (self._spec.path("pki", "admin.crt"), self._spec.path("pki", "admin.key"))
        kubeconfig.write(self._spec.path("admin-certificate.kubeconfig"), self._server, ca_file,
                         "admin", cert=pair, embed=True)

    def _write_state(self):
        """Writes and returns the state that a cluster's users need."""
        state = {
            "server": self._server, "ports": self._ports,
            "kubeconfig": self._spec.path("kubeconfig"),
            "ca": self._spec.path("pki", "ca.crt"), "token": self._tokens["admin"],
            "kubectl": os.path.join(self._spec.binaries, "kubectl"),
            "supervisor": [os.getpid(), process.start_time(os.getpid())],
            "pids": self._servers.pids(), "logs": self._spec.path("logs")}
        kubeconfig.write_private(self._spec.path("cluster.json"), json.dumps(state, indent=1))
        return state

    # ---- waiting ----

    def _catch_signals(self):
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        self._wake, wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, self._on_signal)

    def _on_signal(self, number, _frame):
        if number != signal.SIGCHLD:
            self._stop_requested = True

    def _watch_owner(self):
        if not self._spec.owner:
            return
        pid, started = self._spec.owner
        try:
            self._owner = os.pidfd_open(pid)
        except ProcessLookupError:
            raise Stop from None
        if not process.is_alive(pid, started):
            raise Stop

    def _wait(self, seconds):
        """Sleeps up to `seconds` (None: until an event), then handles all events."""
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        if self._owner is not None:
            poll.register(self._owner, select.POLLIN)
        if self._control:
            poll.register(self._control, select.POLLIN)
        if self._report is not None:
            poll.register(self._report, 0)  # polls only for the end of the reader
        ready = {fd for fd, _ in poll.poll(None if seconds is None else seconds * 1000)}
        if self._wake in ready:
            os.read(self._wake, 4096)
        if self._stop_requested or self._owner in ready or self._report in ready:
            raise Stop
        self._servers.check(starting=self._report is not None)
        if self._control and self._control.fileno() in ready:
            control.serve(self._control, self._answer)

    def _answer(self, verb, name):
        """Carries out a request. Returns the error, or None."""
        if name not in self._components:
            return f"no component {name}: there are {', '.join(self._components)}"
        if verb in ("stop", "kill"):
            self._servers.stop(name, kill=verb == "kill")
        elif verb == "start" and not self._servers.is_running(name):
            self._servers.start(self._components[name])
        elif verb != "start":
            return f"cannot {verb}: stop, kill or start"
        self._write_state()
        return None

    # ---- the report to the starter ----

    def _say(self, text, passing=True):
        self._tell({"say": text, "passing": passing})

    def _tell(self, message):
        if self._report is None:
            return
        try:
            os.write(self._report, json.dumps(message).encode() + b"\n")
        except OSError as error:
            if error.errno != errno.EPIPE:
                raise
            # The starter has ended before the cluster was ready.
            self._close_report()
            self._stop_requested = True

    def _close_report(self):
        if self._report is not None:
            os.close(self._report)
            self._report = None


def main(report):
    """The entry of the supervisor process. Its Spec comes as JSON on standard input; `report` is
    the pipe's file descriptor."""
    try:
        spec = Spec(**json.load(sys.stdin))
    except ValueError:
        return 1  # the starter ended before it sent the Spec
    return Supervisor(spec, report).run()
