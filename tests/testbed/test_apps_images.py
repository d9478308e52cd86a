"""The images of the applications' real programs."""

import json
import os
import tarfile
import tempfile
import unittest
from unittest import mock

import paths  # extends sys.path
from apps import images, programs


class Names(unittest.TestCase):
    """Which images are real."""

    def test_names(self):
        """Those of the example and of the cluster's DNS, with any tag."""
        for name in ("redis:7", "redis", "registry.k8s.io/guestbook:v3",
                     "registry.k8s.io/coredns/coredns:v1.12.1"):
            self.assertTrue(images.is_real(name), name)
        for name in ("nginx:1", "localhost/redis:7", "redis-master"):
            self.assertFalse(images.is_real(name), name)


class Guestbook(unittest.TestCase):
    """The image of guestbook-go, of a program and pages that a test has made."""

    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        os.mkdir(os.path.join(place.name, "public"))
        for name, text in (("guestbook", "program"),
                           ("public/index.html", f'<script src="{images.JQUERY_ELSEWHERE}">'),
                           ("jquery", "jQuery")):
            with open(os.path.join(place.name, name), "w", encoding="ascii") as out:
                out.write(text)
        self.path = os.path.join(place.name, "image.tar")
        with mock.patch.object(programs, "guestbook", lambda say: place.name), \
                mock.patch.object(images, "JQUERY", os.path.join(place.name, "jquery")):
            images.make(self.path, "registry.k8s.io/guestbook:v3", None)

    def test_content(self):
        """The page loads jQuery from the image: the outside has no Internet."""
        with tarfile.open(self.path) as outer:
            index = json.load(outer.extractfile("index.json"))["manifests"][0]
            self.assertEqual(index["annotations"]["io.containerd.image.name"],
                             "registry.k8s.io/guestbook:v3")
            layer = next(entry for entry in outer if entry.size > 2000)
            with tarfile.open(fileobj=outer.extractfile(layer)) as inner:
                names = {entry.name for entry in inner}
                self.assertEqual(inner.extractfile("public/index.html").read(),
                                 b'<script src="jquery.min.js">')
                self.assertEqual(inner.extractfile("public/jquery.min.js").read(), b"jQuery")
        self.assertLessEqual({"guestbook", "bin/busybox"}, names)

    def test_lacks(self):
        """What is not there is said with its package."""
        with mock.patch.object(images, "JQUERY", "/none/jquery.min.js"):
            self.assertIn("/none/jquery.min.js (package libjs-jquery)", images.lacks())


if __name__ == "__main__":
    unittest.main()
