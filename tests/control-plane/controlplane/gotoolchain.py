"""Provides a Go that is new enough, even if the distribution's is not.

Debian 12 has Go 1.19, which cannot switch to a newer toolchain (1.21 and later can). But a
toolchain is published as a module, which any Go can fetch and check against the checksum
database. This module does what the newer Go would do after the download: files in a module are
not executable, and nested go.mod files have the name `_go.mod`."""

import json
import os
import re
import shutil
import subprocess

from .cache import cache_folder, locked

VERSION = "1.26.8"
_MODULE = "golang.org/toolchain"
_SUMS = {  # of the module's content, as in go.sum
    "amd64": "h1:ZOmGe1OnfREDMIdb1Qi4G9JSuDPBLGExZMQ4nis1RXM=",
    "arm64": "h1:sYL/O6MqS68ML0kjsQ36WoYIpJqkw60TxizWUYUKQMc=",
}
# Debian's versioned packages keep Go here, outside the PATH.
_DEBIAN = [f"/usr/lib/go-1.{minor}/bin/go" for minor in range(30, 18, -1)]


class NoGo(Exception):
    """No Go is installed."""


def find_go(minimum):
    """The path of a `go` of at least `minimum` (such as "1.26.0"): the installed one if it is
    new enough, else one that was fetched before; None without either."""
    candidates = [os.environ.get("KNM_GO"), shutil.which("go"), *_DEBIAN, _fetched_go()]
    for go in filter(None, candidates):
        version = go_version(go)
        if version and version >= _numbers(minimum):
            return go
    return None


def find_any():
    """The path of any installed or fetched `go`; None if there is none."""
    candidates = (os.environ.get("KNM_GO"), shutil.which("go"), *_DEBIAN)
    return next((go for go in candidates if go and go_version(go)), None)


def fetch_go(say):
    """Fetches Go `VERSION` through the module proxy into the cache, with an older Go, and
    returns its path. Raises NoGo without one."""
    old = find_any()
    if not old:
        raise NoGo("no Go on this machine: run `make deps` (as root)")
    target = os.path.dirname(os.path.dirname(_fetched_go()))
    with locked(os.path.join(cache_folder("go"), "lock"), say):
        if not os.path.exists(_fetched_go()):
            _fetch(old, target, say)
    return _fetched_go()


def go_version(go):
    """The version of a `go` program as a tuple of numbers, None if it does not run."""
    environment = dict(os.environ, GOTOOLCHAIN="local")
    try:
        done = subprocess.run([go, "version"], capture_output=True, text=True, check=True,
                              env=environment)
    except (OSError, subprocess.CalledProcessError):
        return None
    found = re.search(r"go(\d+(?:\.\d+)*)", done.stdout)
    return _numbers(found.group(1)) if found else None


def _fetched_go():
    return os.path.join(cache_folder("go"), f"go{VERSION}", "bin", "go")


def _fetch(old, target, say):
    scratch = cache_folder("go", "scratch")
    environment = dict(os.environ, GOMODCACHE=scratch, GOFLAGS="-modcacherw", GOTOOLCHAIN="local")
    arch = subprocess.run([old, "env", "GOARCH"], capture_output=True, text=True,
                          check=True).stdout.strip()
    module_version = f"{_MODULE}@v0.0.1-go{VERSION}.linux-{arch}"
    say(f"fetching Go {VERSION} (70 MB) through the Go module proxy")
    try:
        done = subprocess.run([old, "mod", "download", "-json", module_version], env=environment,
                              capture_output=True, text=True, check=False, cwd=scratch)
        if done.returncode != 0:
            raise RuntimeError(f"could not fetch {module_version}: {done.stdout}{done.stderr}")
        module = json.loads(done.stdout)
        pinned = _SUMS.get(arch)
        if pinned and module["Sum"] != pinned:
            raise RuntimeError(f"{module_version} has the checksum {module['Sum']}, not {pinned}")
        _unpack(module["Dir"], target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _unpack(module, target):
    """Makes a Go installation from a fetched module at `target`."""
    partial = f"{target}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    shutil.move(module, partial)
    for folder, _, names in os.walk(partial):
        os.chmod(folder, 0o755)
        program = folder == os.path.join(partial, "bin") or "/pkg/tool/" in folder + "/"
        for name in names:
            path = os.path.join(folder, name)
            os.chmod(path, 0o755 if program else 0o644)
            if name == "_go.mod":
                os.rename(path, os.path.join(folder, "go.mod"))
    os.rename(partial, target)


def _numbers(version):
    return tuple(int(part) for part in version.split("."))
