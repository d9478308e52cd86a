"""The servers' programs, built from their Go modules and cached."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
import time

from . import gotoolchain
from .cache import cache_folder, locked

_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

TOOLS = {  # program → its Go package; ordered so that the others reuse most of the first
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
    "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
    "kubectl": "k8s.io/kubernetes/cmd/kubectl",
    "etcd": "go.etcd.io/etcd/server/v3",
    "kwok": "sigs.k8s.io/kwok/cmd/kwok",
}


with open(os.path.join(_HERE, "go.mod"), encoding="utf-8") as _module:
    _GO_MOD = _module.read()
_MINIMUM = re.search(r"^go (\S+)$", _GO_MOD, re.MULTILINE).group(1)
_KUBERNETES = re.search(r"k8s\.io/kubernetes (v\S+)", _GO_MOD).group(1)


def binaries(say):
    """The folder with all programs. A missing one is built, which takes ten minutes on two
    cores; it is reused until go.mod or go.sum change. `say` gets progress messages."""
    folder = os.path.join(cache_folder("control-plane"), _fingerprint())
    if _complete(folder):
        return folder
    with locked(os.path.join(cache_folder("control-plane"), "lock"), say):
        if not _complete(folder):
            _build(folder, say)
    return folder


def needed_go(say):
    """The Go that builds the programs. It is fetched if it is missing, unless `say` is None;
    then the result is None unless the programs exist already."""
    go = gotoolchain.find_go(_MINIMUM)
    if go or say:
        return go or gotoolchain.fetch_go(say)
    built = _complete(os.path.join(cache_folder("control-plane"), _fingerprint()))
    return "none is needed: the programs are there" if built else None


def _complete(folder):
    return all(os.access(os.path.join(folder, name), os.X_OK) for name in TOOLS)


def _fingerprint():
    """A digest of all inputs of the build: the modules and the linker flags."""
    digest = hashlib.sha256("\n".join([*TOOLS.values(), *_flags("v0")]).encode())
    digest.update(os.uname().machine.encode())
    for name in ("go.mod", "go.sum"):
        with open(os.path.join(_HERE, name), "rb") as module:
            digest.update(module.read())
    return digest.hexdigest()[:16]


def _flags(version):
    """Kubernetes gets its version from the linker. Without it, it reports v0.0.0."""
    major, minor = (version.lstrip("v").split(".") + ["0"])[:2]
    stamp = "k8s.io/component-base/version"
    return ["-trimpath", "-ldflags",
            f"-s -w -X {stamp}.gitVersion={version} -X {stamp}.gitMajor={major}"
            f" -X {stamp}.gitMinor={minor} -X {stamp}.gitTreeState=clean"]


def _build(folder, say):
    go = needed_go(say)
    say(f"building the control plane, Kubernetes {_KUBERNETES}: once, about ten minutes on two cores")
    # Static programs need no C compiler, and run wherever the cache is moved to.
    environment = dict(os.environ, CGO_ENABLED="0", GOTOOLCHAIN="local", GOWORK="off",
                       GOFLAGS="-mod=readonly -buildvcs=false")
    partial = f"{folder}.partial"
    os.makedirs(partial, exist_ok=True)
    began = time.monotonic()
    say("fetching the Go modules")
    _run([go, "mod", "download"], environment, "fetching the Go modules", say)
    for number, (name, package) in enumerate(TOOLS.items(), 1):
        target = os.path.join(partial, name)
        if not os.path.exists(target):
            _run([go, "build", "-v", *_flags(_KUBERNETES), "-o", target + ".new", package],
                 environment, f"building {name} ({number} of {len(TOOLS)})", say)
            os.rename(target + ".new", target)
    shutil.rmtree(folder, ignore_errors=True)
    os.rename(partial, folder)
    say(f"built the control plane in {time.monotonic() - began:.0f} s: {folder}")


def _run(argv, environment, what, say):
    """Runs a step of the build and reports its progress every few seconds."""
    began = time.monotonic()
    interval = 1 if sys.stderr.isatty() else 15
    with subprocess.Popen(argv, cwd=_HERE, env=environment, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True) as process:
        lines = []
        reader = threading.Thread(target=_collect, args=(process.stderr, lines), daemon=True)
        reader.start()
        try:
            while True:
                try:
                    process.wait(interval)
                    break
                except subprocess.TimeoutExpired:
                    say(f"{what}: {time.monotonic() - began:.0f} s, {len(lines)} packages compiled",
                        passing=True)
        except BaseException:
            process.terminate()
            raise
        reader.join()
    if process.returncode != 0:
        raise RuntimeError(f"{what} failed:\n" + "".join(lines[-20:]))
    say(f"{what}: done in {time.monotonic() - began:.0f} s")


def _collect(stream, lines):
    for line in stream:
        lines.append(line)
