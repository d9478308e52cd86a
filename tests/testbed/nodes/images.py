"""The images of the testbed: what they hold, and under which names Pods know them."""

import os
import re

from layout.command import run
from layout.errors import LayoutError

from .oci import File, write

PAUSE = "localhost/pause:1"
TOOLS = "localhost/tools:1"
# As manifests/base names it; containerd completes the name in this way.
CONTROLLER = "docker.io/library/kube-network-manager:latest"

_BUSYBOX = "/bin/busybox"
_SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pause.c")
_NON_ROOT = "65532:65532"


def pause(path):
    """The image of a Pod's first container; written to the tar file `path`."""
    program = f"{path}.program"
    run("cc", "-static", "-Os", "-s", "-o", program, _SOURCE)
    try:
        write(path, PAUSE, [_program(program, "/pause")],
              {"Entrypoint": ["/pause"], "User": _NON_ROOT})
    finally:
        os.unlink(program)


def tools(path):
    """busybox, for Pods of tests: a shell, httpd, wget, nc; written to the tar file `path`."""
    commands = run(_BUSYBOX, "--list").split()
    files = _with_libraries(_BUSYBOX, _BUSYBOX)
    files += [File(f"/bin/{command}", link=_BUSYBOX) for command in commands
              if command != "busybox"]
    files.append(File("/etc/passwd", b"root:x:0:0:root:/:/bin/sh\n"))
    write(path, TOOLS, files, {"Cmd": ["/bin/sh"], "Env": ["PATH=/bin"]})


def controller(path, program):
    """The controller, with the shared libraries that it needs; written to the tar file `path`."""
    inside = "/kube-network-manager"
    write(path, CONTROLLER, _with_libraries(program, inside),
          {"Entrypoint": [inside], "User": _NON_ROOT})


def _with_libraries(program, inside):
    return [_program(program, inside), *map(_program, shared_libraries(run("ldd", program)))]


def shared_libraries(text):
    """Paths of libraries, and of what loads them, from the output of ldd."""
    if missing := re.findall(r"^\s*(\S+) => not found", text, re.MULTILINE):
        raise LayoutError(f"shared libraries are missing: {', '.join(missing)}")
    return re.findall(r"^\s*(?:\S+ => )?(/\S+) \(0x", text, re.MULTILINE)


def _program(path, inside=None):
    with open(path, "rb") as content:
        return File(inside or path, content.read(), 0o755)
