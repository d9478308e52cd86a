"""Runs the clients of the informer benchmark in interleaved rounds."""

import dataclasses
import json
import os
import pathlib
import statistics
import subprocess

from benchlib import paths
from benchlib.servers import call

import go_programs

OURS, TRANSPORT, CLIENT_GO = "k8sclient", "transport alone", "client-go"
RATE = 200  # paced changes a second


@dataclasses.dataclass(frozen=True)
class Case:
    """A client with its settings."""

    client: str
    mode: str  # list, pages, stream
    encoding: str = "protobuf"

    @property
    def name(self):
        """Its key in the results."""
        return f"{self.client}, {self.mode}, {self.encoding}"

    def command(self, kubeconfig, changes):
        """The command line; `changes` = (paced, burst)."""
        program = go_programs.programs() / "informer" if self.client == CLIENT_GO else paths.program("bench-informer")
        more = ["--transport-only"] if self.client == TRANSPORT else [f"--paced={changes[0]}", f"--burst={changes[1]}"]
        return [str(program), f"--kubeconfig={kubeconfig}", f"--mode={self.mode}", f"--encoding={self.encoding}", *more]


CASES = [
    Case(OURS, "list"), Case(TRANSPORT, "list"), Case(CLIENT_GO, "list"),
    Case(OURS, "stream"), Case(TRANSPORT, "stream"), Case(CLIENT_GO, "stream"),
    Case(OURS, "list", "json"), Case(TRANSPORT, "list", "json"), Case(CLIENT_GO, "list", "json"),
    Case(OURS, "stream", "json"), Case(CLIENT_GO, "stream", "json"),
]
# Pages name the next one, so they are not replayed.
APISERVER_CASES = [*CASES, Case(OURS, "pages")]


def write_kubeconfig(path, server):
    """Writes a kubeconfig for a server without TLS and authentication."""
    content = {"apiVersion": "v1", "kind": "Config", "current-context": "c",
               "clusters": [{"name": "c", "cluster": {"server": server}}], "users": [{"name": "u", "user": {}}],
               "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}]}
    pathlib.Path(path).write_text(json.dumps(content), encoding="utf-8")


def run(case, kubeconfig, server=None, changes=(0, 0)):
    """One run: {phase: its line}. With a replay `server`, its changes are asked for phase by phase; "sent_at" are the
    times of the paced ones."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("KUBE_FEATURE_")}
    phases = {}
    with subprocess.Popen(case.command(kubeconfig, changes), stdout=subprocess.PIPE, text=True,
                          env=environment) as process:
        for text in process.stdout:
            line = json.loads(text)
            phase = line.pop("phase")
            phases[phase] = line
            if phase == "steady" and changes[0] > 0:
                sent = call(f"{server}/_control/changes?count={changes[0]}&rate={RATE}", "POST")
                phases["sent_at"] = sent["sent_at"]
            elif phase == "paced" and changes[1] > 0:
                call(f"{server}/_control/changes?count={changes[1]}&rate=0", "POST")
    if process.returncode != 0:
        raise SystemExit(f"{case.name} ended with {process.returncode}")
    return phases


def measure(case, kubeconfig, sizes, server=None, changes=(0, 0)):
    """The figures of one run, which must have seen all Pods."""
    phases = run(case, kubeconfig, server, changes)
    if case.client != TRANSPORT and phases["synced"]["objects"]["pods"] != sizes["pods"]:
        raise SystemExit(f"{case.name} saw {phases['synced']['objects']} of {sizes}")
    return figures_of(phases, changes)


def figures_of(phases, changes):
    """The figures of a run."""
    synced = phases["synced"]
    out = {"sync_cpu_s": synced["cpu"], "sync_s": synced["seconds"], "peak_mb": synced["peak_kb"] / 1024}
    if "steady" in phases:
        out["resident_mb"] = synced["resident_kb"] / 1024
        out["steady_mb"] = phases["steady"]["resident_kb"] / 1024
    if "paced" in phases:
        delays = [(handled - sent) / 1000 for sent, handled in zip(phases["sent_at"], phases["paced"]["handled_at"])]
        out["paced_cpu_us"] = phases["paced"]["cpu"] / changes[0] * 1e6
        out["delay_p50_us"] = statistics.median(delays)
    if "burst" in phases:
        out["burst_cpu_us"] = phases["burst"]["cpu"] / changes[1] * 1e6
        out["end_peak_mb"] = phases["burst"]["peak_kb"] / 1024
    return {key: round(value, 4) for key, value in out.items()}


def rounds(count, cases, run):
    """{case: [figures of each round]}. Every round runs all cases once, so that a busy minute does not hit one of
    them."""
    raw = {case.name: [] for case in cases}
    for number in range(count):
        print(f"  round {number + 1} of {count} ...", flush=True)
        for case in cases:
            raw[case.name].append(run(case))
    return raw


def summary(raw):
    """{case: {figure: {"least", "median"}}}."""
    out = {}
    for name, runs in raw.items():
        keys = runs[0].keys()
        out[name] = {key: {"least": min(run[key] for run in runs),
                           "median": round(statistics.median(run[key] for run in runs), 4)} for key in keys}
    return out
