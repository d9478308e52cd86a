"""What the demo does, from the first step to the last."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

from controlplane import Cluster, ClusterError, free_port, is_free, port_owner
from controlplane.kubeconfig import write_private
from controlplane.process import die_with_parent, exit_code
from controlplane.say import Progress

from . import application, commands
from .interrupts import Interrupts, Stopped
from .server import DemoError, Server

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_STEPS = 7
_CONFIG_API_PORT = 8082
_CONTROLLER_PORT = 9402
_STATE_PORT = 9403
_ACCOUNT = ("kube-system", "kube-network-manager")
_TOKEN_SECONDS = 3600

_CONFIG = """\
# The demo's configuration of kube-network-manager; every other key has its default.
api-server: 127.0.0.1
api-port: {api_port}
public-ip-range: 192.0.2.0/24
cluster-service: kube-system/default # every pod may use DNS
listen-http: 127.0.0.1:{http_port}
listen-state: 127.0.0.1:{state_port}
"""


class Demo:
    """One run. `run()` returns an exit code; everything that was started has ended by
    then, also after an error."""

    def __init__(self, options):
        self._options = options
        self._say = Progress(sys.stdout)
        self._step = 0
        self._began = time.monotonic()
        self._folder = os.path.join(tempfile.gettempdir(), f"kube-network-manager-{os.getpid()}")
        self._cluster = None
        self._servers = []
        self._token_age = None

    def run(self):
        """Starts everything, reports, stays; then takes everything down."""
        self._interrupts = Interrupts()
        code = 0
        try:
            self._play()
        except (Stopped, BrokenPipeError):
            pass
        except (DemoError, ClusterError, TimeoutError, OSError, RuntimeError) as error:
            code = 1
            print(f"\ndemo: {error}", file=sys.stderr)
        finally:
            self._interrupts.ignore()
            self._take_down(failed=code != 0)
        return code

    def _play(self):
        name = os.path.basename(os.path.normpath(self._options.app))
        print(f"kube-network-manager demo: {name} on a real Kubernetes control plane\n", flush=True)
        programs = self._build_programs()
        cluster = self._start_kubernetes()
        self._grant_rights(cluster)
        config_api = self._start_config_api(programs)
        controller = self._start_controller(programs, config_api)
        namespace = self._apply_application(cluster)
        self._wait_for_network(cluster, controller)
        print(flush=True)
        self._run([os.path.join(programs, "kube-network-manager"), "report",
                   "--server", controller.state_url])
        if not self._options.once:
            print(commands.to_try(cluster, config_api, controller, namespace), flush=True)
            self._stay()

    # ---- the steps ----

    def _build_programs(self):
        """The folder with our programs. They and those of the control plane are built side by
        side if need be: each build waits now and then, for the network or for one linker."""
        self._begin("Programs")
        builds = [[os.path.join(ROOT, "tests", "control-plane", "cluster"), "build",
                   "--quiet"]]
        folder = os.environ.get("KNM_BIN")
        if not folder:
            folder = os.path.join(ROOT, "bin")
            builds.append([os.path.join(ROOT, "scripts", "build"), "release",
                           "kube-network-manager", "contrail-config-api"])
        self._run(*builds)
        for program in ("kube-network-manager", "contrail-config-api"):
            if not os.access(os.path.join(folder, program), os.X_OK):
                raise DemoError(f"there is no program {os.path.join(folder, program)}: "
                                "run `make build`")
        self._done(os.path.relpath(folder))
        return folder

    def _start_kubernetes(self):
        self._begin("Kubernetes")
        self._cluster = Cluster.start(self._folder, say=self._say)
        nodes = [node["metadata"]["name"]
                 for node in self._cluster.api.get("/api/v1/nodes")["items"]]
        self._done(f"{self._cluster.server} with {', '.join(nodes)}")
        return self._cluster

    def _grant_rights(self, cluster):
        """The controller's ServiceAccount and rights, and the DNS Service."""
        self._begin("Rights and DNS")
        application.apply(cluster, os.path.join(ROOT, "manifests", "demo"), kustomize=True)
        self._done(f"ServiceAccount {'/'.join(_ACCOUNT)} and its role; Service kube-system/kube-dns")

    def _start_config_api(self, programs):
        self._begin("Config API")
        port, remark = self._port(_CONFIG_API_PORT)
        server = self._serve("contrail-config-api", programs,
                             ["--listen", f"127.0.0.1:{port}"], port)
        server.wait_for("/virtual-networks", 30)
        self._done(f"{server.url}, a stand-in for the real server{remark}")
        return server

    def _start_controller(self, programs, config_api):
        self._begin("Controller")
        port, remark = self._port(_CONTROLLER_PORT)
        state_port, state_remark = self._port(_STATE_PORT)
        config = self._file("config.yaml")
        write_private(config, _CONFIG.format(api_port=config_api.port, http_port=port,
                                             state_port=state_port))
        self._cluster.write_account_kubeconfig(
            self._file("controller.kubeconfig"), *_ACCOUNT, seconds=_TOKEN_SECONDS,
            token_file=self._file("token"))
        self._token_age = time.monotonic()
        server = self._serve("kube-network-manager", programs,
                             ["run", "--config", config,
                              "--kubeconfig", self._file("controller.kubeconfig")], port, state_port)
        server.wait_for("/readyz", 60)
        self._done(f"{server.url}{remark}, its state on {server.state_url}{state_remark}")
        return server

    def _apply_application(self, cluster):
        """Returns the application's namespace."""
        self._begin("Application")
        applied = application.apply(cluster, self._options.app)
        self._done(f"kubectl apply -f {os.path.relpath(self._options.app)}: "
                   f"{len(applied.splitlines())} objects")
        namespaces = re.findall(r"^namespace/(\S+)", applied, re.MULTILINE)
        return namespaces[0] if namespaces else "default"

    def _wait_for_network(self, cluster, controller):
        self._begin("Network")
        pods = application.wait_until_ready(cluster, self._say, self._look_after)
        application.wait_until_settled(cluster, controller, self._say, self._look_after)
        self._done(f"{pods} pods are Ready, and the controller has nothing left to do")

    def _stay(self):
        while True:
            self._look_after()
            time.sleep(0.5)

    # ---- what the steps share ----

    def _begin(self, title):
        self._step += 1
        self._began = time.monotonic()
        print(f"[{self._step}/{_STEPS}] {title}", flush=True)

    def _done(self, text):
        self._say(f"{text} ({time.monotonic() - self._began:.1f} s)")

    def _port(self, wanted):
        """`wanted` or, where it is taken, another one and words that say so."""
        if is_free(wanted):
            return wanted, ""
        return free_port(), f"; port {wanted} is taken by {port_owner(wanted)}"

    def _file(self, name):
        return os.path.join(self._cluster.work_folder(), name)

    def _serve(self, name, programs, arguments, port, state_port=None):
        with self._interrupts.held():
            server = Server(name, [os.path.join(programs, name), *arguments], port,
                            os.path.join(self._cluster.logs, f"{name}.log"), state_port)
            self._servers.append(server)
        return server

    def _run(self, *programs):
        """Runs programs side by side to their end, with their output shown. DemoError where one
        fails; the others are ended then."""
        sys.stdout.flush()
        here, children = os.getpid(), []
        try:
            for argv in programs:
                with self._interrupts.held():
                    # In a session of its own: Ctrl-C reaches this process only, which ends the others.
                    children.append(subprocess.Popen(
                        argv, start_new_session=True,
                        preexec_fn=lambda: die_with_parent(here, signal.SIGTERM)))
            while children:
                self._reap(children)
        except BaseException:
            for child in children:
                with contextlib.suppress(ProcessLookupError):  # it has ended meanwhile
                    os.killpg(child.pid, signal.SIGTERM)
            for child in children:
                child.wait()
            raise

    @staticmethod
    def _reap(children):
        """Waits for the end of one of the programs, and takes it out of the list."""
        ended = next((child for child in children if exit_code(child) is not None), None)
        if ended is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                children[0].wait(0.1 if len(children) > 1 else None)
            return
        children.remove(ended)
        if ended.returncode != 0:
            raise DemoError(f"{' '.join(ended.args)} failed with exit code {ended.returncode}")

    def _look_after(self):
        """DemoError if anything has ended by itself; a new token before the old expires."""
        for server in self._servers:
            server.check()
        if not self._cluster.is_running():
            Cluster.attach(self._cluster.folder)  # says what it ended with
        if self._token_age and time.monotonic() - self._token_age > _TOKEN_SECONDS / 2:
            write_private(self._file("token"), self._cluster.token(*_ACCOUNT, _TOKEN_SECONDS))
            self._token_age = time.monotonic()

    def _take_down(self, failed):
        with contextlib.suppress(OSError):  # where the output is not read any more
            print("\nStopping" if self._cluster else "", flush=True)
        for server in reversed(self._servers):
            server.stop()
        if self._cluster and self._options.keep_logs:
            self._cluster.keep_logs(self._options.keep_logs)
            print(f"The logs are in {self._options.keep_logs}", flush=True)
        elif failed and self._cluster:
            print("Run it with ARGS='--keep-logs DIR' to keep all logs.", file=sys.stderr)
        with contextlib.suppress(ClusterError):  # there is none (yet, or any more)
            (self._cluster or Cluster.attach(self._folder)).stop()
