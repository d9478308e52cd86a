"""Image files: what an image loader reads from them."""

import hashlib
import io
import json
import os
import tarfile
import tempfile
import unittest

import paths  # extends sys.path
from bed.container_testbed import image_names
from layout.errors import LayoutError
from nodes.images import full_name, shared_libraries
from nodes.oci import File, layer, write

_FILES = [File("/usr/bin/tool", b"program", 0o755), File("/etc/name", b"x\n"),
          File("/bin/tool", link="/usr/bin/tool")]
_LDD = """\
\tlinux-vdso.so.1 (0x00007fbac9516000)
\tlibssl.so.3 => /lib/x86_64-linux-gnu/libssl.so.3 (0x00007fbac8dd0000)
\t/lib64/ld-linux-x86-64.so.2 (0x00007fbac9518000)
"""


class Layers(unittest.TestCase):
    """The layer's tar file."""

    def test_entries(self):
        """Folders come before what is in them; modes and links are kept; all is of root."""
        with tarfile.open(fileobj=io.BytesIO(layer(_FILES))) as tar:
            entries = {entry.name: entry for entry in tar}
            self.assertEqual(list(entries), ["bin", "etc", "usr", "usr/bin", "bin/tool",
                                             "etc/name", "usr/bin/tool"])
            self.assertEqual(tar.extractfile("usr/bin/tool").read(), b"program")
        self.assertEqual(entries["usr/bin/tool"].mode, 0o755)
        self.assertEqual(entries["bin/tool"].linkname, "/usr/bin/tool")
        self.assertTrue(entries["usr/bin"].isdir())
        self.assertEqual({(entry.uid, entry.gid, entry.mtime) for entry in entries.values()},
                         {(0, 0, 0)})


class Images(unittest.TestCase):
    """The OCI layout."""

    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.path = os.path.join(place.name, "image.tar")
        write(self.path, "localhost/tool:1", _FILES, {"Entrypoint": ["/bin/tool"]})

    def _content(self):
        with tarfile.open(self.path) as tar:
            return {entry.name: tar.extractfile(entry).read() for entry in tar}

    def test_layout(self):
        """From the index by way of manifest and configuration to the layer: each digest and size
        is that of the content."""
        content = self._content()

        def follow(descriptor):
            blob = content[f"blobs/{descriptor['digest'].replace(':', '/')}"]
            self.assertEqual(descriptor["digest"], f"sha256:{hashlib.sha256(blob).hexdigest()}")
            self.assertEqual(descriptor["size"], len(blob))
            return blob

        self.assertEqual(json.loads(content["oci-layout"]), {"imageLayoutVersion": "1.0.0"})
        listed = json.loads(content["index.json"])["manifests"][0]
        self.assertEqual(listed["annotations"]["io.containerd.image.name"], "localhost/tool:1")
        manifest = json.loads(follow(listed))
        configuration = json.loads(follow(manifest["config"]))
        self.assertEqual(configuration["config"]["Entrypoint"], ["/bin/tool"])
        self.assertEqual(configuration["rootfs"]["diff_ids"],
                         [one["digest"] for one in manifest["layers"]])
        self.assertEqual(follow(manifest["layers"][0]), layer(_FILES))

    def test_same_bytes(self):
        """The same files give the same image, in whichever order they come."""
        before = self._content()
        write(self.path, "localhost/tool:1", _FILES[::-1], {"Entrypoint": ["/bin/tool"]})
        self.assertEqual(self._content(), before)


class Names(unittest.TestCase):
    """How containerd completes the names that manifests have."""

    def test_names(self):
        """Registry, folder and tag are added where they are missing."""
        for name, full in (
                ("redis:7", "docker.io/library/redis:7"),
                ("nginx", "docker.io/library/nginx:latest"),
                ("group/tool:1", "docker.io/group/tool:1"),
                ("localhost/tool", "localhost/tool:latest"),
                ("registry:5000/tool", "registry:5000/tool:latest"),
                ("registry.k8s.io/coredns/coredns:v1", "registry.k8s.io/coredns/coredns:v1")):
            self.assertEqual(full_name(name), full)

    def test_manifests(self):
        """All images of Pod templates, of a List or of objects one after the other."""
        one, two = ({"spec": {"template": {"spec": {"containers": [{"image": name}]}}}}
                    for name in ("redis:7", "nginx"))
        other = {"spec": {"ports": []}}
        self.assertEqual(image_names(json.dumps({"items": [one, other, two, one]})),
                         {"redis:7", "nginx"})
        self.assertEqual(image_names(f"{json.dumps(one, indent=1)}\n{json.dumps(two)}\n"),
                         {"redis:7", "nginx"})
        self.assertEqual(image_names(""), set())


class Libraries(unittest.TestCase):
    """What a program loads."""

    def test_paths(self):
        """Libraries and the loader; not what the kernel maps."""
        self.assertEqual(shared_libraries(_LDD), ["/lib/x86_64-linux-gnu/libssl.so.3",
                                                  "/lib64/ld-linux-x86-64.so.2"])

    def test_missing(self):
        """An image without a library would be of no use."""
        with self.assertRaisesRegex(LayoutError, "libnone.so.1"):
            shared_libraries("\tlibnone.so.1 => not found\n")


if __name__ == "__main__":
    unittest.main()
