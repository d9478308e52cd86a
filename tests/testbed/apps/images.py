"""The images of the applications' real programs, under the names that manifests have."""

import os

from nodes.images import full_name, program_file, stand_in, tool_files, with_libraries
from nodes.oci import File, write

from . import programs

GUESTBOOK = "registry.k8s.io/guestbook"
REDIS = "docker.io/library/redis"
COREDNS = "registry.k8s.io/coredns/coredns"

# Debian's redis-tools: the program is server and checker in one, and its name decides.
_REDIS = "/usr/bin/redis-check-rdb"
_REDIS_CLIENT = "/usr/bin/redis-cli"
JQUERY = "/usr/share/javascript/jquery/jquery.min.js"
JQUERY_ELSEWHERE = "//ajax.googleapis.com/ajax/libs/jquery/2.1.1/jquery.min.js"


def lacks():
    """What this machine lacks for these images, as a list of texts."""
    needed = {_REDIS: "redis-tools", _REDIS_CLIENT: "redis-tools", JQUERY: "libjs-jquery"}
    return [f"{path} (package {package})" for path, package in needed.items()
            if not os.path.exists(path)]


def is_real(name):
    """Whether an image of this name is a real program here."""
    return _title(name) in _MAKERS


def make(path, name, say):
    """Writes the image `name` to the tar file `path`: a real program, or a stand-in that waits.
    `say` gets progress messages if a program has to be built."""
    maker = _MAKERS.get(_title(name))
    if maker:
        files, config = maker(say)
        write(path, full_name(name), list({file.path: file for file in files}.values()), config)
    else:
        stand_in(path, name)


def _title(name):
    """Without the tag."""
    return full_name(name).rpartition(":")[0]


def _guestbook(say):
    """guestbook-go as it was published, but for jQuery: the outside has no Internet to load it
    from."""
    folder = programs.guestbook(say)
    pages = os.path.join(folder, "public")
    files = [program_file(os.path.join(folder, "guestbook"), "/guestbook"), *tool_files()]
    for name in sorted(os.listdir(pages)):
        with open(os.path.join(pages, name), "rb") as content:
            files.append(File(f"/public/{name}", content.read().replace(
                JQUERY_ELSEWHERE.encode(), b"jquery.min.js")))
    with open(JQUERY, "rb") as content:
        files.append(File("/public/jquery.min.js", content.read()))
    return files, {"Entrypoint": ["/guestbook"], "Env": ["PATH=/bin"], "WorkingDir": "/"}


def _redis(_say):
    """Redis as the official image: it listens to all clients, and its arguments are a command. A
    replica is served as soon as it asks."""
    start = 'exec "$@" --protected-mode no --save "" --repl-diskless-sync-delay 0'
    return [*with_libraries(_REDIS, "/bin/redis-server"),
            *with_libraries(_REDIS_CLIENT, "/bin/redis-cli"), *tool_files()], {
        "Entrypoint": ["/bin/sh", "-c", start, "sh"], "Cmd": ["redis-server"],
        "Env": ["PATH=/bin"], "WorkingDir": "/"}


def _coredns(say):
    program = os.path.join(programs.coredns(say), "coredns")
    return [program_file(program, "/coredns")], {"Entrypoint": ["/coredns"], "WorkingDir": "/"}


_MAKERS = {GUESTBOOK: _guestbook, REDIS: _redis, COREDNS: _coredns}
