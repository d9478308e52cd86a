"""The benchmark's Go programs (client-go/), built once and cached by the hash of their sources."""

import hashlib
import os
import pathlib
import re
import subprocess
import sys

from benchlib import paths

sys.path.insert(0, str(paths.ROOT / "tests" / "control-plane"))
from controlplane.binaries import needed_go  # noqa: E402
from controlplane.cache import cache_folder, locked  # noqa: E402

SOURCES = pathlib.Path(__file__).with_name("client-go")


def say(text, passing=False):
    """Prints a step of the preparation; `passing` ones are left out."""
    if not passing:
        print(f"  {text}", flush=True)


def fingerprint():
    """A digest of the sources and the versions of their modules."""
    digest = hashlib.sha256()
    for path in sorted([*SOURCES.rglob("*.go"), SOURCES / "go.mod", SOURCES / "go.sum"]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def programs():
    """The folder with `fill` and `informer`. A first build takes seconds where the control plane was built, else up to
    ten minutes on two cores."""
    folder = pathlib.Path(cache_folder("bench-informer", fingerprint()))
    with locked(folder / "lock", say):
        if not all((folder / name).exists() for name in ("fill", "informer")):
            say("building the Go programs of the informer benchmark: once, up to ten minutes on two cores")
            environment = dict(os.environ, CGO_ENABLED="0", GOTOOLCHAIN="local", GOWORK="off",
                               GOFLAGS="-mod=readonly -buildvcs=false")
            subprocess.run([needed_go(say), "build", "-trimpath", "-ldflags", "-s -w", "-o", f"{folder}/",
                            "./fill", "./informer"], cwd=SOURCES, env=environment, check=True)
    return folder


def versions():
    """The versions of client-go and of the Go that builds it."""
    client_go = re.search(r"k8s\.io/client-go (v\S+)", (SOURCES / "go.mod").read_text(encoding="utf-8"))[1]
    go = subprocess.run([needed_go(say), "version"], check=True, stdout=subprocess.PIPE, text=True).stdout.split()[2]
    return {"client-go": client_go, "go": go}
