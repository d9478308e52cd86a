"""The process that owns a cluster's servers, and the only one that stops them.

It runs in a session of its own and ends, with everything it started and every
file it made, on SIGTERM, on SIGINT, when the process that asked for the cluster
ends (however: also by SIGKILL), or when a server fails. Should the supervisor
itself be killed, the kernel kills the servers.

It reports to its starter by lines of JSON on a pipe: {"say": text}, then one of
{"ready": {...}} and {"error": text}.
"""

import errno
import fcntl
import ipaddress
import json
import os
import select
import shutil
import signal
import socket
import sys
import time

from . import kubeconfig, pki, process
from .api import Api, ApiError
from .components import PortTaken, choose_ports, components
from .spec import Spec, node_objects

_ATTEMPTS = 5  # to find ports that nobody takes between our look and the server's start
_FILES = ["cluster.json", "kubeconfig", "admin-certificate.kubeconfig", "controller-manager.kubeconfig",
          "scheduler.kubeconfig", "kwok.kubeconfig", "control.sock", "lock"]
_FOLDERS = ["pki", "etcd", "home", "work"]


class Stop(Exception):
    """Somebody wants the cluster to end."""


class Failed(Exception):
    """The cluster cannot go on; the text says why, with the log's last lines."""


class _PortRace(Exception):
    """Another program took a port before our server did."""


class Supervisor:
    """One cluster from start to end. Single-threaded: `_wait` is the only place
    where it sleeps, and where signals, requests and deaths are noticed."""

    def __init__(self, spec, report):
        self._spec = spec
        self._report = report  # file descriptor of the pipe, None once reported
        self._components = []
        self._running = {}  # name → Popen, in starting order
        self._stopped_on_purpose = set()
        self._control = None
        self._owner = None
        self._stop_requested = False

    def run(self):
        """Starts the cluster and serves until it is to end. Returns an exit code."""
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        wake_read, wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, self._on_signal)
        self._wake = wake_read
        failure = None
        try:
            self._watch_owner()
            ready = self._start()
            self._tell({"ready": ready})
            self._close_report()
            while True:
                self._wait(None)
        except Stop:
            pass
        except (Failed, PortTaken) as error:
            failure = str(error)
        except Exception as error:  # whatever it is, nothing may be left running
            failure = f"the supervisor failed: {error!r}"
        self._stop_all()
        remove_files(self._spec, keep_logs=failure is not None)
        if failure:
            print(failure, file=sys.stderr, flush=True)
            self._tell({"error": failure})
            return 1
        return 0

    # ---- starting ----

    def _start(self):
        os.makedirs(self._spec.path("logs"), exist_ok=True)
        self._say("making keys and certificates", passing=True)
        pki.create(self._spec.path("pki"), ["127.0.0.1", _first_address(self._spec.service_range)])
        self._tokens = pki.write_tokens(self._spec.path("pki", "tokens.csv"), {
            "admin": ["system:masters"], "kwok": ["system:masters"],
            "system:kube-controller-manager": [], "system:kube-scheduler": []})
        for attempt in range(_ATTEMPTS):
            try:
                self._start_servers()
                self._create_nodes()
                break
            except _PortRace as race:
                self._stop_all()
                shutil.rmtree(self._spec.path("etcd"), ignore_errors=True)
                if attempt == _ATTEMPTS - 1:
                    raise Failed(f"{race}, {_ATTEMPTS} times in a row") from race
                self._say(f"{race}: trying other ports")
        self._listen()
        return self._write_state()

    def _start_servers(self):
        self._ports = choose_ports(self._spec.ports)
        self._server = f"https://127.0.0.1:{self._ports['apiserver']}"
        self._write_kubeconfigs()
        self._api = Api(self._server, self._spec.path("pki", "ca.crt"), self._tokens["admin"],
                        timeout=5)
        self._components = components(self._spec, self._ports)
        for component in self._components[:2]:
            self._spawn(component)
        self._poll("the API server", 120, self._unready_checks)
        for component in self._components[2:]:
            self._spawn(component)

    def _spawn(self, component):
        self._say(f"starting {component.name}", passing=True)
        os.makedirs(component.home, exist_ok=True)
        environment = {"HOME": component.home, "PATH": os.environ.get("PATH", ""),
                       "KWOK_WORKDIR": component.home}
        self._running[component.name] = process.spawn(
            component.argv, self._log(component.name), environment, component.home)
        self._stopped_on_purpose.discard(component.name)

    def _unready_checks(self):
        """What the API server still waits for, as text; empty when it is ready."""
        try:
            self._api.text("GET", "/readyz")
            return ""
        except ApiError as error:
            failing = [line.split()[0][3:].rpartition("/")[2] for line in str(error).splitlines()
                       if line.startswith("[-]")]
            more = f" and {len(failing) - 2} more" if len(failing) > 2 else ""
            return ", ".join(failing[:2]) + more or f"/readyz: {error.code}"
        except OSError:
            return "a first answer"

    def _create_nodes(self):
        for node in node_objects(self._spec.nodes):
            self._api.post("/api/v1/nodes", node)
        self._poll("the cluster", 120, self._missing_for_pods)

    def _missing_for_pods(self):
        """What keeps pods from running, as text; empty when nothing does."""
        try:
            missing = []
            for node in self._api.get("/api/v1/nodes")["items"]:
                ready = any(condition["type"] == "Ready" and condition["status"] == "True"
                            for condition in node["status"].get("conditions", []))
                taints = [taint["key"] for taint in node["spec"].get("taints", [])]
                if not ready or "node.kubernetes.io/not-ready" in taints:
                    missing.append(f"node {node['metadata']['name']}")
            for namespace in ("default", "kube-system"):
                names = [account["metadata"]["name"] for account in self._api.get(
                    f"/api/v1/namespaces/{namespace}/serviceaccounts")["items"]]
                if "default" not in names:
                    missing.append(f"the ServiceAccount {namespace}/default")
            return ", ".join(missing)
        except (OSError, ApiError) as error:
            return str(error)

    def _poll(self, what, seconds, missing):
        """Waits until `missing()` is empty; says what it waits for as that changes."""
        deadline = time.monotonic() + seconds
        said = None
        while True:
            now = missing()
            if not now:
                return
            if now != said:
                self._say(f"waiting for {what}: {now}", passing=True)
                said = now
            if time.monotonic() > deadline:
                tails = "\n".join(f"  {name}:\n{process.tail(self._log(name))}"
                                  for name in self._running)
                raise Failed(f"{what} was not ready after {seconds} s; it waits for {now}.\n"
                             f"The servers' last words:\n{tails}")
            self._wait(0.1)

    # ---- waiting ----

    def _wait(self, seconds):
        """Sleeps up to `seconds` (None: until something happens), then looks at
        everything that can happen to a cluster."""
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        if self._owner is not None:
            poll.register(self._owner, select.POLLIN)
        if self._control:
            poll.register(self._control, select.POLLIN)
        if self._report is not None:
            poll.register(self._report, 0)  # only reports that its reader is gone
        ready = {fd for fd, _ in poll.poll(None if seconds is None else seconds * 1000)}
        if self._wake in ready:
            try:
                os.read(self._wake, 4096)
            except BlockingIOError:
                pass
        if self._stop_requested or self._owner in ready or self._report in ready:
            raise Stop
        self._notice_deaths()
        if self._control and self._control.fileno() in ready:
            self._serve_request()

    def _on_signal(self, number, _frame):
        if number != signal.SIGCHLD:
            self._stop_requested = True

    def _watch_owner(self):
        """A file descriptor that becomes readable when the owner ends."""
        if not self._spec.owner:
            return
        pid, started = self._spec.owner
        try:
            self._owner = os.pidfd_open(pid)
        except ProcessLookupError:
            raise Stop from None
        if not process.is_alive(pid, started):
            raise Stop

    def _notice_deaths(self):
        for name, child in self._running.items():
            if name in self._stopped_on_purpose or child.poll() is None:
                continue
            last = process.tail(self._log(name))
            if self._report is not None and "address already in use" in last:
                raise _PortRace(f"another program took a port of {name}")
            raise Failed(f"{name} ended unexpectedly ({_how(child.returncode)}); all logs are in "
                         f"{self._spec.path('logs')}. Its last words:\n{last}")

    # ---- requests: stop and start single servers, for tests of failure ----

    def _listen(self):
        path = self._spec.path("control.sock")
        self._control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        folder = os.open(self._spec.folder, os.O_PATH | os.O_DIRECTORY)
        try:
            # By way of /proc, for a socket's path may have 107 characters only.
            self._control.bind(f"/proc/self/fd/{folder}/control.sock")
        finally:
            os.close(folder)
        os.chmod(path, 0o600)
        self._control.listen()

    def _serve_request(self):
        connection, _ = self._control.accept()
        with connection:
            connection.settimeout(5)
            try:
                request = json.loads(connection.makefile().readline())
                answer = self._answer(request["do"], request["component"])
            except (OSError, ValueError, KeyError) as error:
                answer = {"error": f"not a request: {error!r}"}
            try:
                connection.sendall(json.dumps(answer).encode() + b"\n")
            except OSError:
                pass  # the asker is gone; what it asked for is done all the same

    def _answer(self, verb, name):
        component = next((c for c in self._components if c.name == name), None)
        if component is None:
            return {"error": f"no component {name}: there are "
                             + ", ".join(c.name for c in self._components)}
        child = self._running[name]
        if verb in ("stop", "kill"):
            self._stopped_on_purpose.add(name)
            process.stop(child, 0 if verb == "kill" else 5)
        elif verb == "start" and child.poll() is not None:
            self._spawn(component)
        elif verb != "start":
            return {"error": f"cannot {verb}: stop, kill or start"}
        self._write_state()
        return {"done": True}

    # ---- the end ----

    def _stop_all(self):
        """The API server's clients first, then it, then etcd."""
        for group in (("kwok", "kube-scheduler", "kube-controller-manager"),
                      ("kube-apiserver",), ("etcd",)):
            members = [self._running[name] for name in group if name in self._running]
            for child in members:
                if child.poll() is None:
                    child.send_signal(signal.SIGCONT)
                    child.terminate()
            for child in members:
                process.stop(child)
        self._running.clear()

    # ---- what others see ----

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
        state = {
            "server": self._server, "ports": self._ports,
            "kubeconfig": self._spec.path("kubeconfig"),
            "ca": self._spec.path("pki", "ca.crt"), "token": self._tokens["admin"],
            "kubectl": os.path.join(self._spec.binaries, "kubectl"),
            "supervisor": [os.getpid(), process.start_time(os.getpid())],
            "pids": {name: child.pid for name, child in self._running.items()},
            "logs": self._spec.path("logs")}
        kubeconfig.write_private(self._spec.path("cluster.json"), json.dumps(state, indent=1))
        return state

    def _log(self, name):
        return self._spec.path("logs", f"{name}.log")

    def _say(self, text, passing=False):
        self._tell({"say": text, "passing": passing})

    def _tell(self, message):
        if self._report is None:
            return
        try:
            os.write(self._report, json.dumps(message).encode() + b"\n")
        except OSError as error:
            if error.errno != errno.EPIPE:
                raise
            # Whoever started us is gone before the cluster was there.
            self._close_report()
            self._stop_requested = True

    def _close_report(self):
        if self._report is not None:
            os.close(self._report)
            self._report = None


def remove_files(spec, keep_logs):
    """Removes what a cluster left in its folder, and the folder if it made it."""
    for name in _FILES:
        try:
            os.unlink(spec.path(name))
        except FileNotFoundError:
            pass
    for name in _FOLDERS + ([] if keep_logs else ["logs"]):
        shutil.rmtree(spec.path(name), ignore_errors=True)
    if keep_logs:
        return
    try:
        os.unlink(spec.path("spec.json"))
    except FileNotFoundError:
        pass
    if spec.made_folder:
        try:
            os.rmdir(spec.folder)
        except OSError:
            pass  # somebody put a file of theirs there


def _first_address(cidr):
    """The address of the Service default/kubernetes: the first of its range."""
    return str(next(ipaddress.ip_network(cidr.split(",")[0]).hosts()))


def _how(code):
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def main(folder, report):
    """Entry of the supervisor process; `report` is the pipe's file descriptor."""
    with open(os.path.join(folder, "spec.json"), encoding="utf-8") as text:
        spec = Spec(**json.load(text))
    # Held as long as we live: tells a running cluster from the remains of one.
    with open(spec.path("lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return Supervisor(spec, report).run()
