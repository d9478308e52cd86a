"""Starts the programs of a benchmark and sends requests to them."""

import contextlib
import json
import pathlib
import socket
import subprocess
import time
import urllib.request

from benchlib import paths


def call(url, method="GET"):
    """The JSON answer to a request."""
    data = b"" if method == "POST" else None
    request = urllib.request.Request(url, method=method, data=data)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def free_port():
    """A free port of the loopback interface."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(*command):
    """Runs a program that prints `listening on URL` when it is ready, and yields the URL."""
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True) as process:
        try:
            for line in process.stdout:
                if line.startswith("listening on "):
                    yield line.split()[-1]
                    return
            raise SystemExit(f"{command[0]} ended before it listened")
        finally:
            process.terminate()


class Controller:
    """A kube-network-manager between an API server and a config API."""

    def __init__(self, folder, kubernetes, config_api):
        port = int(config_api.rsplit(":", 1)[1])
        self.config = folder / "config.yaml"
        self.config.write_text(
            f"api-server: 127.0.0.1\napi-port: {port}\n"
            "private-ip-range: 10.0.0.0/15\npublic-ip-range: 198.18.0.0/15\n"
            "cluster-service: kube-system/default\n"
            # The replayed API server sends no bookmarks.
            "watch-silence-limit: 1h\n"
        )
        self.kubeconfig = folder / "kubeconfig"
        self.kubeconfig.write_text(
            json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "clusters": [{"name": "c", "cluster": {"server": kubernetes}}],
                    "users": [{"name": "u", "user": {}}],
                    "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
                    "current-context": "c",
                }
            )
        )
        self.process, self.port = None, 0

    def configure(self, lines):
        """Adds lines to the configuration, for the next start."""
        self.config.write_text(self.config.read_text() + lines)

    def start(self, *, under=(), program=None, log=None):
        """Starts the program and returns the start time. `under`: a command that runs it; `program`: the path of another
        copy of it; `log`: the file for its lines, at its default level (otherwise: stderr, warnings)."""
        self.port = free_port()
        command = [*under, program or paths.program("kube-network-manager"), "run", "--config", self.config, "--kubeconfig",
                   self.kubeconfig, "--listen-http", f"127.0.0.1:{self.port}", "--listen-state", "127.0.0.1:0"]
        if log is None:
            command += ["--log-level", "warning"]
        began = time.monotonic()
        self.process = subprocess.Popen(list(map(str, command)), stderr=log)
        return began

    def is_ready(self):
        """Whether it has read what is there."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=10):
                return True
        except OSError:  # also an answer other than 200
            return False

    def stop(self):
        """Stops the program. It must still run, and exit with 0."""
        if self.process.poll() is not None:
            raise SystemExit(f"kube-network-manager ended by itself: {self.process.returncode}")
        self.process.terminate()
        if self.process.wait(timeout=30) != 0:
            raise SystemExit(f"kube-network-manager ended with {self.process.returncode}")

    def kill(self):
        """Ends the program, if it still runs, without a look at its exit code."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def cpu_seconds(self):
        """The CPU time of the program so far, of all its threads."""
        # /proc/PID/stat counts in hundredths of a second.
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text(encoding="ascii").split()[0]) for task in tasks) / 1e9
