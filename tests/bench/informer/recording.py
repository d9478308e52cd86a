"""A real API server with the benchmark's objects, and the recording of what it sends."""

import contextlib
import http.client
import json
import pathlib
import re
import shutil
import ssl
import subprocess
import tempfile
import urllib.parse

from benchlib import paths

import go_programs
from go_programs import cache_folder, say
from controlplane import Cluster, wait_for

PATHS = {"pods": "/api/v1/pods", "services": "/api/v1/services", "namespaces": "/api/v1/namespaces",
         "endpointslices": "/apis/discovery.k8s.io/v1/endpointslices"}
TYPES = {"pb": "application/vnd.kubernetes.protobuf", "json": "application/json"}
STREAM = "?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"


@contextlib.contextmanager
def filled_cluster(sizes):
    """A cluster of etcd and kube-apiserver alone, with `sizes` = {"pods": …, "services": …} written past the API
    server. Nothing changes the objects: the other servers have been stopped."""
    with Cluster.start(say=say) as cluster:
        for name in ("kwok", "kube-scheduler", "kube-controller-manager"):
            cluster.stop_component(name)
        say(f"writing {sizes['pods']:,} Pods into etcd")
        fill(cluster, sizes)
        yield cluster


def versions():
    """The versions of the servers, from the module that they are built from."""
    module = (paths.ROOT / "tests" / "control-plane" / "go.mod").read_text(encoding="utf-8")
    names = {"kube-apiserver": r"k8s\.io/kubernetes", "etcd": r"go\.etcd\.io/etcd/server/v3"}
    return {name: re.search(rf"{path} (v\S+)", module)[1] for name, path in names.items()}


def fill(cluster, sizes, *more):
    """Writes the objects, or with "--change" all Pods once more."""
    subprocess.run([go_programs.programs() / "fill", f"--etcd=http://127.0.0.1:{cluster.ports['etcd']}",
                    *(f"--{name}={count}" for name, count in sizes.items()), *more], check=True)


def cache(sizes):
    """The folder in the cache for a recording of these sizes, sources and servers. Others are removed: each takes up to
    a gigabyte."""
    name = "-".join(["recording", versions()["kube-apiserver"], *map(str, sizes.values())])
    folder = pathlib.Path(cache_folder("bench-informer", go_programs.fingerprint(), name))
    for other in pathlib.Path(cache_folder("bench-informer")).glob("*/recording-*"):
        if other != folder:
            shutil.rmtree(other)
    return folder


def record(cluster, sizes, folder):
    """Records all bodies (replay/recording.hpp has their names) into `folder`, unless they are there. It changes all
    Pods: they are no longer Ready."""
    if (folder / "pods.changes.json").exists():
        return
    with tempfile.TemporaryDirectory(dir=folder) as partial:
        _record(Recorder(cluster), sizes, pathlib.Path(partial), lambda: fill(cluster, sizes, "--change"))
        # Last, the file that stands for a complete recording.
        for path in sorted(pathlib.Path(partial).iterdir(), key=lambda path: path.name == "pods.changes.json"):
            path.rename(folder / path.name)


class Recorder:
    """GETs to an API server whose answers are written to files."""

    def __init__(self, cluster):
        self._address = urllib.parse.urlsplit(cluster.server)
        self._tls = ssl.create_default_context(cafile=cluster.ca_file)
        self._token = cluster.kubectl("config", "view", "--raw", "-o", "jsonpath={.users[0].user.token}")

    @contextlib.contextmanager
    def get(self, target, ending, may_fail=False):
        """The answer to a GET; `ending` names the encoding."""
        connection = http.client.HTTPSConnection(self._address.hostname, self._address.port, context=self._tls,
                                                 timeout=120)
        with contextlib.closing(connection):
            connection.request("GET", target, headers={"Authorization": f"Bearer {self._token}",
                                                       "Accept": TYPES[ending]})
            answer = connection.getresponse()
            if answer.status != 200 and not may_fail:
                raise SystemExit(f"GET {target}: {answer.status} {answer.read(1000)}")
            yield answer

    def version(self):
        """The resourceVersion of the Pods now."""
        with self.get(PATHS["pods"] + "?limit=1", "json") as answer:
            return json.load(answer)["metadata"]["resourceVersion"]

    def has_cached(self, version):
        """Whether the API server's cache has reached this version, which it waits for a little.
        https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions"""
        target = f"{PATHS['pods']}?limit=1&resourceVersion={version}&resourceVersionMatch=NotOlderThan"
        with self.get(target, "json", may_fail=True) as answer:
            return answer.status == 200

    def write_body(self, target, ending, path, is_last=lambda chunk: False):
        """Records a body chunk by chunk as it comes, up to its end or to the chunk for which `is_last` is true."""
        with self.get(target, ending) as answer, open(path, "wb") as out:
            while chunk := _next_chunk(answer):
                out.write(framed(chunk))
                if is_last(chunk):
                    return

    def write_events(self, target, ending, path, count):
        """Records the first events of a watch, each as one chunk."""
        with self.get(target, ending) as answer, open(path, "wb") as out:
            for _ in range(count):
                out.write(framed(_next_event(answer, ending)))


def framed(chunk):
    """A chunk with its size, as HTTP has it."""
    return b"%x\r\n%s\r\n" % (len(chunk), chunk)


def _next_chunk(answer):
    """The next chunk of a body; empty at its end. http.client itself would hide where chunks begin."""
    size = int(answer.fp.readline(), 16)
    return answer.fp.read(size + 2)[:size]


def _next_event(answer, ending):
    """The bytes of one event of a watch. In protobuf its size comes first, in four bytes; in JSON it is a line.
    https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding"""
    if ending == "json":
        event = answer.readline()
    else:
        size = answer.read(4)
        event = size + answer.read(int.from_bytes(size, "big"))
    if not event or b"ERROR" in event[:40]:
        raise SystemExit(f"the API server ended a watch that is being recorded: {event[:400]}")
    return event


def _record(server, sizes, folder, change_pods):
    for resource in PATHS:
        for ending in TYPES:
            say(f"recording {resource}, {ending}")
            server.write_body(PATHS[resource] + "?limit=0", ending, folder / f"{resource}.list.{ending}")
            server.write_body(PATHS[resource] + STREAM, ending, folder / f"{resource}.stream.{ending}",
                              lambda chunk: b"k8s.io/initial-events-end" in chunk)
    # The server sends past changes as slowly as they are read. It drops a watcher that is too slow for new ones.
    before = server.version()
    change_pods()
    after = server.version()
    wait_for(lambda: server.has_cached(after), 60, "the API server's cache")
    for ending in TYPES:
        say(f"recording changes of Pods, {ending}")
        server.write_events(f"{PATHS['pods']}?watch=1&resourceVersion={before}", ending,
                            folder / f"pods.changes.{ending}", sizes["pods"])
