"""The cache for programs that were built or fetched.

`KNM_CACHE` if set, else `${XDG_CACHE_HOME:-~/.cache}/kube-network-manager`: one place for all
clones on a machine, since the names of the entries contain a digest of their inputs."""

import contextlib
import fcntl
import os


def cache_folder(*parts):
    """The path of a folder inside the cache, which is created if it is missing."""
    root = os.environ.get("KNM_CACHE")
    if not root:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        root = os.path.join(base, "kube-network-manager")
    path = os.path.join(os.path.abspath(root), *parts)
    os.makedirs(path, exist_ok=True)
    return path


@contextlib.contextmanager
def locked(path, say):
    """Holds the lock file `path`. A message appears while another process has it."""
    with open(path, "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another process that works on {os.path.dirname(path)}")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
