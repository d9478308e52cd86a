"""A cluster, as tests, the demo and the command line use it."""

import dataclasses
import fcntl
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile

from . import control, kubeconfig, pki, process
from .api import Api
from .binaries import binaries
from .files import remove_files
from .say import QUIET
from .second import SecondApiServer
from .spec import Spec

_PROGRAM = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cluster")


class ClusterError(Exception):
    """The cluster did not start, does not exist, or a command in it failed."""


class Cluster:
    """A running control plane. As a context manager it is stopped at the end. It also ends when
    its owner process ends for any reason."""

    def __init__(self, folder, state):
        self.folder = folder
        self.server = state["server"]  # https://127.0.0.1:PORT
        self.ports = state["ports"]
        self.kubeconfig = state["kubeconfig"]  # the administrator's
        self.certificate_kubeconfig = os.path.join(folder, "admin-certificate.kubeconfig")
        self.kubectl_path = state["kubectl"]
        self.ca_file = state["ca"]
        self.logs = state["logs"]
        self.supervisor = tuple(state["supervisor"])  # pid, start time
        self.api = Api(self.server, self.ca_file, state["token"])

    @classmethod
    def start(cls, folder=None, *, say=QUIET, owned=True, owner=None,
              **parameters):
        """Starts a cluster in `folder` (default: a new temporary one) and waits until
        pods can run. `parameters` are those of `Spec`: service_range, nodes, stages,
        ports, extra. It ends with this process, or with `owner` (a pid); with
        owned=False it goes on until it is stopped. Raises ClusterError."""
        programs = binaries(say)
        # The supervisor makes the folder and removes it, so that nothing stays behind even if this
        # process is killed.
        folder = os.path.abspath(folder or os.path.join(
            tempfile.gettempdir(), f"control-plane-{secrets.token_hex(4)}"))
        refuse_running(folder)
        earlier = _load_spec(folder)  # a failed cluster that left its logs
        made = earlier.made_folder if earlier else not os.path.isdir(folder)
        pid = owner or os.getpid()
        identity = [pid, process.start_time(pid)] if owned else None
        spec = Spec(folder, programs, made_folder=made, owner=identity, **parameters)
        return cls(folder, _launch(spec, say))

    @classmethod
    def attach(cls, folder):
        """The cluster that runs in `folder`; ClusterError if there is none."""
        folder = os.path.abspath(folder)
        state = _load_state(folder)
        if not state or not process.is_alive(*state["supervisor"]):
            last = process.tail(os.path.join(folder, "logs", "supervisor.log"))
            raise ClusterError(f"no control plane runs in {folder}"
                               + (f"; the last one ended with\n{last}" if last else ""))
        return cls(folder, state)

    def stop(self):
        """Ends the cluster with all its processes, ports and files."""
        spec = _load_spec(self.folder)
        if not process.stop_pid(*self.supervisor, seconds=40):
            raise ClusterError(f"process {self.supervisor[0]} cannot be stopped")
        if spec:  # the files of a killed supervisor still exist
            remove_files(spec, keep_logs=False)

    def work_folder(self):
        """A folder for the owner's own files. It is removed with the cluster, even if the owner
        is killed."""
        path = os.path.join(self.folder, "work")
        os.makedirs(path, mode=0o700, exist_ok=True)
        return path

    def keep_logs(self, folder):
        """Copies the servers' logs into `folder`."""
        shutil.copytree(self.logs, folder, dirs_exist_ok=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def is_running(self):
        """True while the cluster is up."""
        return process.is_alive(*self.supervisor)

    def pids(self):
        """Component → process id."""
        return _load_state(self.folder)["pids"]

    def stop_component(self, name, kill=False):
        """Stops one server, by SIGTERM or `kill`; the others go on."""
        self._request("kill" if kill else "stop", name)

    def start_component(self, name):
        """Starts a server that was stopped; does not wait until it is ready."""
        self._request("start", name)

    def second_api_server(self, etcd_port, *arguments):
        """Another API server on the same etcd, which it reaches at `etcd_port`."""
        return SecondApiServer(self, _load_spec(self.folder), _load_state(self.folder)["token"], etcd_port, arguments)

    def kubectl(self, *arguments, stdin=None, check=True):
        """Runs kubectl as administrator and returns its output; ClusterError with
        kubectl's message if it fails, unless `check` is off."""
        done = process.run(
            [self.kubectl_path, f"--kubeconfig={self.kubeconfig}", *arguments], stdin,
            env=dict(os.environ, KUBECACHEDIR=os.path.join(self.folder, "home", "kubectl")))
        if check and done.returncode != 0:
            raise ClusterError(f"kubectl {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def token(self, namespace, account, seconds=3600):
        """A new token of a ServiceAccount, for at least ten minutes."""
        answer = self.api.post(
            f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token",
            {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
             "spec": {"expirationSeconds": seconds}})
        return answer["status"]["token"]

    def write_account_kubeconfig(self, path, namespace, account, seconds=3600, token_file=None):
        """Writes a kubeconfig for a ServiceAccount, with its token inside or, where
        `token_file` is given, written to that file and named."""
        token = self.token(namespace, account, seconds)
        if token_file:
            kubeconfig.write_private(token_file, token)
            token = None
        kubeconfig.write(path, self.server, self.ca_file, account, token=token,
                         token_file=token_file)

    def write_node_kubeconfig(self, path, node, server):
        """Writes the kubeconfig of a node's kubelet, with its certificate inside. `server`: the
        API server's URL as the node reaches it, with an address of its certificate.
        https://kubernetes.io/docs/reference/access-authn-authz/node/"""
        pki_folder = os.path.join(self.folder, "pki")
        pki.create_client(pki_folder, node, f"/O=system:nodes/CN=system:node:{node}")
        pair = tuple(os.path.join(pki_folder, f"{node}.{end}") for end in ("crt", "key"))
        kubeconfig.write(path, server, self.ca_file, node, cert=pair, embed=True)

    def _request(self, verb, name):
        try:
            problem = control.request(self.folder, verb, name)
        except OSError as error:
            raise ClusterError(f"no control plane answers in {self.folder}: {error}") from error
        if problem:
            raise ClusterError(problem)


def clean_up(folder):
    """Removes the files of a cluster whose supervisor was killed. Returns whether there were
    any."""
    spec = _load_spec(folder)
    if spec:
        remove_files(spec, keep_logs=False)
    return spec is not None


def refuse_running(folder):
    """ClusterError if a cluster runs in `folder`."""
    try:
        with open(os.path.join(folder, "lock"), "r+", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return
    except BlockingIOError:
        raise ClusterError(f"a control plane already runs in {folder}: stop it with "
                           f"`{os.path.relpath(_PROGRAM)} down --dir {folder}`, or choose "
                           "another --dir") from None


def _launch(spec, say):
    """Starts the supervisor and follows its report until the cluster is ready."""
    read_end, write_end = os.pipe()
    # The shebang would let env choose another Python.
    command = [sys.executable, _PROGRAM, "_supervise", str(write_end)]
    supervisor, last = None, {}
    try:
        with process.undisturbed() as hear_signals:
            supervisor = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[write_end],
                                          start_new_session=True, preexec_fn=hear_signals)
        os.close(write_end)
        with supervisor.stdin as parameters:
            parameters.write(json.dumps(dataclasses.asdict(spec)).encode())
        with open(read_end, encoding="utf-8") as report:
            for line in report:
                last = json.loads(line)
                if "say" in last:
                    say(last["say"], passing=last["passing"])
                elif "ready" in last:
                    return last["ready"]
        supervisor.wait()
    except BaseException:
        if supervisor:
            supervisor.terminate()
            supervisor.wait()
        raise
    finally:
        if supervisor:
            supervisor.returncode = 0  # the process outlives this object: Popen must not warn
    raise ClusterError(last.get("error") or "the control plane was stopped while it started")


def _load_state(folder):
    try:
        with open(os.path.join(folder, "cluster.json"), encoding="utf-8") as text:
            return json.load(text)
    except FileNotFoundError:
        return None


def _load_spec(folder):
    try:
        with open(os.path.join(folder, "spec.json"), encoding="utf-8") as text:
            return Spec(**json.load(text))
    except FileNotFoundError:
        return None
