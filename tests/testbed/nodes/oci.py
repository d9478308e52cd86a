"""Image files in the OCI layout: a tar file that `ctr images import` takes. The same files give
the same bytes.

https://github.com/opencontainers/image-spec/blob/main/image-layout.md"""

import hashlib
import io
import json
import platform
import tarfile
from dataclasses import dataclass

_TYPE = "application/vnd.oci.image"
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True)
class File:
    """A file of an image. `link`: the target of a symbolic link instead of content."""

    path: str  # absolute
    content: bytes = b""
    mode: int = 0o644
    link: str = None


def layer(files):
    """The layer as a tar file, with the folders above the files; all belong to root."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for folder in sorted({parent for file in files for parent in _parents(file.path)}):
            tar.addfile(_entry(folder, tarfile.DIRTYPE, 0o755))
        for file in sorted(files, key=lambda each: each.path):
            kind = tarfile.SYMTYPE if file.link else tarfile.REGTYPE
            entry = _entry(file.path, kind, file.mode)
            entry.linkname, entry.size = file.link or "", len(file.content)
            tar.addfile(entry, io.BytesIO(file.content))
    return out.getvalue()


def write(path, name, files, config):
    """Writes an image of one layer to the tar file `path`. `name`: with registry and tag, such as
    localhost/pause:1; `config`: its Entrypoint, User and so on.
    https://github.com/opencontainers/image-spec/blob/main/config.md"""
    blobs = _Blobs()
    content = layer(files)
    made = blobs.add_json("config.v1+json", {
        "architecture": _MACHINES.get(platform.machine(), platform.machine()), "os": "linux",
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": [_digest(content)]}})
    manifest = blobs.add_json("manifest.v1+json", {
        "schemaVersion": 2, "mediaType": f"{_TYPE}.manifest.v1+json", "config": made,
        "layers": [blobs.add("layer.v1.tar", content)]})
    index = {"schemaVersion": 2, "mediaType": f"{_TYPE}.index.v1+json", "manifests": [
        {**manifest, "annotations": {"io.containerd.image.name": name}}]}
    entries = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}',
               "index.json": _json(index), **blobs.entries}
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        for entry, data in sorted(entries.items()):
            info = _entry(entry, tarfile.REGTYPE, 0o644)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


class _Blobs:
    """Contents by their digests. `entries`: path in the layout → content."""

    def __init__(self):
        self.entries = {}

    def add(self, kind, content):
        """Adds one; its descriptor."""
        digest = _digest(content)
        self.entries[f"blobs/{digest.replace(':', '/')}"] = content
        return {"mediaType": f"{_TYPE}.{kind}", "digest": digest, "size": len(content)}

    def add_json(self, kind, value):
        """Adds a value as JSON; its descriptor."""
        return self.add(kind, _json(value))


def _parents(path):
    parts = path.strip("/").split("/")[:-1]
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _entry(path, kind, mode):
    """Of a tar file, without a time or an owner of this machine."""
    entry = tarfile.TarInfo(path.lstrip("/"))
    entry.type, entry.mode = kind, mode
    return entry


def _json(value):
    return json.dumps(value, sort_keys=True).encode()


def _digest(content):
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
