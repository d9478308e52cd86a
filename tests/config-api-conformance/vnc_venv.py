#!/usr/bin/env python3
"""Makes a Python environment for a file of requirements once: that of the public client vnc_api,
if nothing else is asked for. As a program it prints its interpreter.

The environment is in the folder `python` of the cache (tests/control-plane/controlplane/cache.py),
and its name contains a hash of the requirements: a second run is fast, in another clone too, and
changed requirements get a new environment. Parallel runs wait for the first one."""

import hashlib
import pathlib
import shutil
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "control-plane"))
from controlplane.cache import cache_folder, locked  # noqa: E402  (needs the path above)

REQUIREMENTS = HERE / "vnc-requirements.txt"
CACHE = pathlib.Path(cache_folder("python"))


def _say(text):
    print(text, file=sys.stderr)


def folder(requirements, name):
    """The folder for the environment of these requirements and this Python."""
    digest = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:12]
    return CACHE / f"{name}-{digest}"


def build(target, requirements):
    """Builds into another folder and renames it, so that no incomplete environment is ever
    found."""
    unfinished = target.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    _say(f"making the Python environment of {requirements.name} in {target} ...")
    venv.create(unfinished, with_pip=True)
    command = [unfinished / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*command, "--requirement", requirements], check=True, stdout=sys.stderr)
    unfinished.rename(target)


def ensure(requirements=REQUIREMENTS, name="vnc-api"):
    """Builds the environment if it is missing, and returns its interpreter."""
    target = folder(requirements, name)
    with locked(CACHE / f"{name}.lock", _say):
        if not target.exists():
            build(target, requirements)
    return target / "bin" / "python"


if __name__ == "__main__":
    print(ensure())
