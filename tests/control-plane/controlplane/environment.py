"""Python environments for a file of requirements, each made once.

They are in the folder `python` of the cache, and the name of each contains a hash of its
requirements: a second run is fast, in another clone too, and changed requirements get a new
environment. Parallel runs wait for the first one."""

import hashlib
import pathlib
import shutil
import subprocess
import sys
import venv

from .cache import cache_folder, locked

CACHE = pathlib.Path(cache_folder("python"))
# A file in an environment that has been made to its end.
COMPLETE = "complete"


def _say(text):
    print(text, file=sys.stderr)


def folder(requirements, name):
    """The folder for the environment of these requirements and this Python."""
    digest = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:12]
    return CACHE / f"{name}-{digest}"


def build(target, requirements):
    """Builds in place, since an environment cannot be moved: its programs contain its path."""
    shutil.rmtree(target, ignore_errors=True)
    _say(f"making the Python environment of {requirements.name} in {target} ...")
    venv.create(target, with_pip=True)
    command = [target / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*command, "--requirement", requirements], check=True, stdout=sys.stderr)
    (target / COMPLETE).touch()


def ensure(requirements, name):
    """Builds the environment if it is missing, and returns its folder `bin`. `requirements` is the
    path of the file, `name` the first part of the folder's name."""
    target = folder(requirements, name)
    with locked(CACHE / f"{name}.lock", _say):
        if not (target / COMPLETE).exists():
            build(target, requirements)
    return target / "bin"
