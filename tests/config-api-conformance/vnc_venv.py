#!/usr/bin/env python3
"""Makes the Python environment with the public client vnc_api once, and prints its interpreter.

The environment is in .cache/ of the repository, and its name contains a hash of the
requirements: a second run is fast, and changed requirements get a new environment. Parallel runs
wait for the first one."""

import fcntl
import hashlib
import pathlib
import shutil
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
REQUIREMENTS = HERE / "vnc-requirements.txt"
CACHE = HERE.parent.parent / ".cache"


def folder():
    """The folder for the environment of these requirements and this Python."""
    digest = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()[:12]
    return CACHE / f"vnc-api-{digest}"


def build(target):
    """Builds into another folder and renames it, so that no incomplete environment is ever
    found."""
    unfinished = target.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    print(f"making the Python environment for vnc_api in {target} ...", file=sys.stderr)
    venv.create(unfinished, with_pip=True)
    command = [unfinished / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*command, "--requirement", REQUIREMENTS], check=True, stdout=sys.stderr)
    unfinished.rename(target)


def ensure():
    """Builds the environment if it is missing, and returns its interpreter."""
    target = folder()
    CACHE.mkdir(exist_ok=True)
    with open(CACHE / "vnc-api.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            build(target)
    return target / "bin" / "python"


if __name__ == "__main__":
    print(ensure())
