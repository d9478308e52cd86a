"""Requests to a running cluster: stop, kill or start one of its servers.

The requests go over a Unix socket in the cluster's folder, with one line of JSON in each
direction."""

import contextlib
import json
import os
import socket

_NAME = "control.sock"


@contextlib.contextmanager
def _address(folder):
    """The socket's address through /proc, because the path of a socket has at most 107
    characters."""
    handle = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{handle}/{_NAME}"
    finally:
        os.close(handle)


def listen(folder):
    """Makes the listening socket."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with _address(folder) as address:
        listener.bind(address)
    os.chmod(os.path.join(folder, _NAME), 0o600)
    listener.listen()
    return listener


def serve(listener, answer):
    """Serves one request. `answer(verb, name)` returns the error, or None."""
    connection, _ = listener.accept()
    with connection, contextlib.suppress(OSError):  # the client may have gone
        connection.settimeout(5)
        try:
            request = json.loads(connection.makefile().readline())
            problem = answer(request["do"], request["component"])
        except (ValueError, KeyError) as error:
            problem = f"not a request: {error!r}"
        connection.sendall(json.dumps({"problem": problem}).encode() + b"\n")


def request(folder, verb, name):
    """Sends a request to the cluster in `folder`. Returns the error, or None; OSError if no
    cluster answers."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(30)
        with _address(folder) as address:
            connection.connect(address)
        connection.sendall(json.dumps({"do": verb, "component": name}).encode() + b"\n")
        return json.loads(connection.makefile().readline() or '{"problem": "no answer"}')["problem"]
