"""The program between an API server that replays a cluster's life and the stand-in of the config API."""

import contextlib
import pathlib
import tempfile
import time

from benchlib import paths
from benchlib.servers import Controller, call, running


class World:
    """The two servers and the program between them."""

    def __init__(self, folder, kubernetes, config_api, log):
        self.folder, self.kubernetes, self.config_api, self.log = folder, kubernetes, config_api, log
        self.controller = Controller(folder, kubernetes, config_api)

    def stats(self):
        """What the config API has counted."""
        return call(f"{self.config_api}/_control/stats")

    def reset(self):
        """Sets these counts to zero."""
        call(f"{self.config_api}/_control/stats/reset", "POST")

    def cluster(self):
        """What the API server has counted."""
        return call(f"{self.kubernetes}/_control/state")

    def create(self, count):
        """Creates Pods and returns the time."""
        began = time.monotonic()
        call(f"{self.kubernetes}/_control/create?count={count}", "POST")
        return began

    def settle(self, quiet=1.0, within=120):
        """Waits until every Pod has its annotation and the config API had no request for a while. Returns the time of the
        last request, and the counts."""
        deadline = time.monotonic() + within
        while True:
            stats, now = self.stats(), time.monotonic()
            idle = (stats["idle_ms"] or 0) / 1000
            if idle >= quiet:
                cluster = self.cluster()
                if cluster["annotated"] == cluster["pods"] and not cluster["endpoints_pending"]:
                    return now - idle, stats
            if now > deadline:
                raise SystemExit(f"not settled after {within} s: {self.cluster()} {stats}")
            # Each poll takes time of the server that it also needs for its answers.
            time.sleep(max(quiet - idle, 0.02))


@contextlib.contextmanager
def world(pods, at_start, latency_ms=0, **replay):
    """A cluster of `pods` Pods with names, `at_start` of each Namespace there at the start. `replay`: further options of
    bench-apiserver."""
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="knm-bench-")))
        log = folder / "requests.jsonl"
        config_api = stack.enter_context(
            running(paths.program("contrail-config-api"), "--listen", "127.0.0.1:0", "--latency-ms", latency_ms,
                    "--request-log", log)
        )
        options = {"pods": pods, "at-start": at_start, **replay}
        flags = [f"--{name}={value}" for name, value in options.items()]
        kubernetes = stack.enter_context(running(paths.program("bench-apiserver"), *flags))
        w = World(folder, kubernetes, config_api, log)
        # Only a benchmark that failed leaves it running.
        stack.callback(w.controller.kill)
        yield w
