"""Programs that are built from a Go module, and cached."""

import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time

from . import gotoolchain
from .cache import cache_folder, locked


def required_version(folder, module):
    """The version of a module that go.mod in `folder` requires, such as "v1.36.3"."""
    return re.search(rf"^\s*(?:require )?{re.escape(module)} (v\S+)", _go_mod(folder), re.MULTILINE).group(1)


def _go_mod(folder):
    with open(os.path.join(folder, "go.mod"), encoding="utf-8") as text:
        return text.read()


class GoModule:
    """A folder with go.mod, go.sum and perhaps Go code. Its programs are built once and reused
    until these files or the flags change.

    `title`: for progress messages; `cache`: a folder of the cache; `programs`: name → Go package,
    ordered so that the others reuse most of the first; `flags`: arguments of `go build`;
    `copied`: name → (module, folder of it), for what a program reads when it runs."""

    def __init__(self, folder, title, cache, programs, flags, copied=None):
        self._folder, self._title, self._cache = folder, title, cache
        self._programs, self._flags, self._copied = programs, flags, copied or {}
        self._go_mod = _go_mod(folder)
        self._minimum = re.search(r"^go (\S+)$", self._go_mod, re.MULTILINE).group(1)

    def build(self, names, say):
        """The folder with the programs and copied folders `names`. A missing one is made. `say`
        gets progress messages."""
        folder = self._target()
        if self._lacking(folder, names):
            with locked(os.path.join(cache_folder(self._cache), "lock"), say):
                if lacking := self._lacking(folder, names):
                    self._build(folder, lacking, say)
        return folder

    def needed_go(self, names, say):
        """The Go that builds the programs. It is fetched if it is missing, unless `say` is None;
        then the result is None unless the programs `names` exist already."""
        go = gotoolchain.find_go(self._minimum)
        if go or say:
            return go or gotoolchain.fetch_go(say)
        built = not self._lacking(self._target(), names)
        return "none is needed: the programs are there" if built else None

    def _target(self):
        return os.path.join(cache_folder(self._cache), self._fingerprint())

    @staticmethod
    def _lacking(folder, names):
        return [name for name in names if not os.access(os.path.join(folder, name), os.X_OK)]

    def _fingerprint(self):
        """A digest of all inputs of the build: the modules, the packages, the flags, the code."""
        digest = hashlib.sha256("\n".join([*self._programs.values(), *self._flags]).encode())
        digest.update(os.uname().machine.encode())
        digest.update(self._go_mod.encode())
        code = glob.glob(os.path.join(self._folder, "**", "*.go"), recursive=True)
        for path in [os.path.join(self._folder, "go.sum"), *sorted(code)]:
            with open(path, "rb") as text:
                digest.update(text.read())
        return digest.hexdigest()[:16]

    def _build(self, folder, names, say):
        go = self.needed_go(names, say)
        say(f"building {self._title}: once, some minutes on two cores")
        # Static programs need no C compiler, and run wherever the cache is moved to.
        environment = dict(os.environ, CGO_ENABLED="0", GOTOOLCHAIN="local", GOWORK="off",
                           GOFLAGS="-mod=readonly -buildvcs=false")
        os.makedirs(folder, exist_ok=True)
        began = time.monotonic()
        say("fetching the Go modules")
        self._run([go, "mod", "download"], environment, "fetching the Go modules", say)
        for number, name in enumerate(names, 1):
            target = os.path.join(folder, name)
            if name in self._copied:
                self._copy(go, environment, name, target + ".new")
            else:
                self._run([go, "build", "-v", *self._flags, "-o", target + ".new",
                           self._programs[name]],
                          environment, f"building {name} ({number} of {len(names)})", say)
            os.rename(target + ".new", target)
        say(f"built {self._title} in {time.monotonic() - began:.0f} s: {folder}")

    def _copy(self, go, environment, name, target):
        module, part = self._copied[name]
        listed = subprocess.run([go, "list", "-m", "-json", module], cwd=self._folder,
                                env=environment, stdout=subprocess.PIPE, text=True, check=True)
        shutil.rmtree(target, ignore_errors=True)
        # Without the modes of the module cache, which is read-only.
        shutil.copytree(os.path.join(json.loads(listed.stdout)["Dir"], part), target,
                        copy_function=shutil.copyfile)
        os.chmod(target, 0o755)

    def _run(self, argv, environment, what, say):
        """Runs a step of the build and reports its progress every few seconds."""
        began = time.monotonic()
        interval = 1 if sys.stderr.isatty() else 15
        with subprocess.Popen(argv, cwd=self._folder, env=environment, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True) as process:
            lines = []
            reader = threading.Thread(target=lines.extend, args=(process.stderr,), daemon=True)
            reader.start()
            try:
                while True:
                    try:
                        process.wait(interval)
                        break
                    except subprocess.TimeoutExpired:
                        say(f"{what}: {time.monotonic() - began:.0f} s, {len(lines)} packages "
                            "compiled", passing=True)
            except BaseException:
                process.terminate()
                raise
            reader.join()
        if process.returncode != 0:
            raise RuntimeError(f"{what} failed:\n" + "".join(lines[-20:]))
        say(f"{what}: done in {time.monotonic() - began:.0f} s")
