"""Sockets in other network namespaces: a socket stays in the namespace in which it was made."""

import contextlib
import ctypes
import os
import resource

_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


@contextlib.contextmanager
def inside(path):
    """In this block the calling thread is in the network namespace `path`; None: its own."""
    if path is None:
        yield
        return
    here = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        there = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            _enter(there, path)
        finally:
            os.close(there)
        try:
            yield
        finally:
            _enter(here, "back")
    finally:
        os.close(here)


def _enter(namespace, what):
    if _libc.setns(namespace, _CLONE_NEWNET):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)


def allow_many_sockets():
    """Raises the limit of open files as far as this process may."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
