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
        write(path, PAUSE, [program_file(program, "/pause")],
              {"Entrypoint": ["/pause"], "User": _NON_ROOT})
    finally:
        os.unlink(program)


def tools(path):
    """busybox, for Pods of tests: a shell, httpd, wget, nc; written to the tar file `path`."""
    write(path, TOOLS, tool_files(), {"Cmd": ["/bin/sh"], "Env": ["PATH=/bin"]})


def tool_files():
    """The files of busybox, under all its names."""
    commands = run(_BUSYBOX, "--list").split()
    files = with_libraries(_BUSYBOX, _BUSYBOX)
    files += [File(f"/bin/{command}", link=_BUSYBOX) for command in commands
              if command != "busybox"]
    files.append(File("/etc/passwd", b"root:x:0:0:root:/:/bin/sh\n"))
    return files


def stand_in(path, name):
    """A program that only waits, under the name of another image: Pods of an application run, and
    the testbed's servers answer in their networks. Written to the tar file `path`."""
    command = "trap 'exit 0' TERM; sleep infinity & wait"
    write(path, full_name(name), tool_files(), {"Entrypoint": ["/bin/sh", "-c", command],
                                            "Env": ["PATH=/bin"]})


def full_name(name):
    """An image's name as containerd completes it.
    https://github.com/distribution/reference (normalized names)"""
    first, slash, _ = name.partition("/")
    if not slash or not ("." in first or ":" in first or first == "localhost"):
        name = f"docker.io/{name if slash else f'library/{name}'}"
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def controller(path, program):
    """The controller, with the shared libraries that it needs; written to the tar file `path`."""
    inside = "/kube-network-manager"
    write(path, CONTROLLER, with_libraries(program, inside),
          {"Entrypoint": [inside], "User": _NON_ROOT})


def with_libraries(program, inside):
    """The file of a program, which is at the path `inside`, and those of its shared libraries."""
    libraries = shared_libraries(run("ldd", program))
    return [program_file(program, inside), *map(program_file, libraries)]


def shared_libraries(text):
    """Paths of libraries, and of what loads them, from the output of ldd."""
    if missing := re.findall(r"^\s*(\S+) => not found", text, re.MULTILINE):
        raise LayoutError(f"shared libraries are missing: {', '.join(missing)}")
    return re.findall(r"^\s*(?:\S+ => )?(/\S+) \(0x", text, re.MULTILINE)


def program_file(path, inside=None):
    """The file of a program of this machine; `inside`: its path in the image."""
    with open(path, "rb") as content:
        return File(inside or path, content.read(), 0o755)
