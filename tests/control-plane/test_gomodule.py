"""Programs of Go modules are built once, and again when something changes. A script plays Go."""

import os
import sys
import tempfile
import unittest
from unittest import mock

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, _HERE)

from controlplane.binaries import OPTIONAL, TOOLS  # noqa: E402
from controlplane.gomodule import GoModule, required_version  # noqa: E402
from controlplane.say import QUIET  # noqa: E402

_GO = """\
#!/bin/sh
case "$1" in
  version) echo go version go1.26.8 linux/amd64 ;;
  list) echo "{\\"Dir\\": \\"$KNM_TEST_MODULE\\"}" ;;
  build)
    for word; do package=$word; done
    echo "$package" >>"$KNM_TEST_BUILT"
    [ "$package" != example.com/broken ] || { echo "it is broken" >&2; exit 1; }
    while [ "$1" != -o ]; do shift; done
    printf '#!/bin/sh\\n' >"$2" && chmod +x "$2" ;;
esac
"""


class GoModules(unittest.TestCase):
    """One module in a temporary folder, with a cache of its own."""

    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.folder, self.log = place.name, os.path.join(place.name, "built")
        self._write("go.mod", "module example\n\ngo 1.26.0\n\n"
                    "require (\n\texample.com/a v1.2.3\n)\n")
        self._write("go.sum", "sums\n")
        self._write("go", _GO)
        os.chmod(os.path.join(self.folder, "go"), 0o755)
        environment = mock.patch.dict(os.environ, {
            "KNM_GO": os.path.join(self.folder, "go"), "KNM_TEST_BUILT": self.log,
            "KNM_TEST_MODULE": os.path.join(self.folder, "module"),
            "KNM_CACHE": os.path.join(self.folder, "cache")})
        environment.start()
        self.addCleanup(environment.stop)

    def _write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as out:
            out.write(text)

    def _module(self, flags=()):
        programs = {name: f"example.com/{name}" for name in ("one", "two", "broken")}
        return GoModule(self.folder, "the example", "example", programs, list(flags),
                        {"pages": ("example.com/a", "part/public")})

    def _build(self, *names, **options):
        """The folder, and the packages that were compiled for it."""
        before = self._built()
        folder = self._module(**options).build(names, QUIET)
        return folder, self._built()[len(before):]

    def _built(self):
        try:
            with open(self.log, encoding="utf-8") as lines:
                return lines.read().split()
        except FileNotFoundError:
            return []

    def test_only_what_is_missing(self):
        """A program is compiled when it is first asked for."""
        folder, built = self._build("one")
        self.assertEqual(built, ["example.com/one"])
        self.assertEqual(os.listdir(folder), ["one"])
        self.assertEqual(self._build("one", "two"), (folder, ["example.com/two"]))
        self.assertEqual(self._build("one", "two"), (folder, []))

    def test_inputs(self):
        """Other sums and other flags are another folder."""
        folders = {self._build("one")[0], self._build("one", flags=["-trimpath"])[0]}
        self._write("go.sum", "other sums\n")
        folders.add(self._build("one")[0])
        self._write("main.go", "package main\n")
        folders.add(self._build("one")[0])
        self.assertEqual(len(folders), 4)

    def test_copied(self):
        """A folder of a module, which may be read-only, is copied once."""
        public = os.path.join(self.folder, "module", "part", "public")
        os.makedirs(public)
        self._write(os.path.join("module", "part", "public", "index.html"), "page")
        os.chmod(public, 0o555)
        folder, built = self._build("pages", "one")
        self.assertEqual(built, ["example.com/one"])
        with open(os.path.join(folder, "pages", "index.html"), encoding="utf-8") as page:
            self.assertEqual(page.read(), "page")
        os.chmod(public, 0o755)
        os.unlink(os.path.join(public, "index.html"))
        self.assertEqual(self._build("pages", "one"), (folder, []))
        self.assertTrue(os.path.exists(os.path.join(folder, "pages", "index.html")))

    def test_failure(self):
        """What Go said is in the error; programs that were compiled before stay."""
        with self.assertRaisesRegex(RuntimeError, "it is broken"):
            self._build("one", "broken")
        self.assertEqual(self._build("one")[1], [])

    def test_go(self):
        """No Go is needed once all is there."""
        module = self._module()
        self.assertEqual(module.needed_go(["one"], None), os.environ["KNM_GO"])
        self._build("one")
        with mock.patch("controlplane.gotoolchain.find_go", lambda minimum: None):
            self.assertIn("none is needed", module.needed_go(["one"], None))
            self.assertIsNone(module.needed_go(["one", "two"], None))

    def test_version(self):
        """Of a required module."""
        self.assertEqual(required_version(self.folder, "example.com/a"), "v1.2.3")

    def test_kubelet_is_optional(self):
        """The control plane's tools are go.mod's, and one is built only when asked for."""
        self.assertFalse(set(TOOLS) & set(OPTIONAL))
        with open(os.path.join(_HERE, "go.mod"), encoding="utf-8") as text:
            tools = text.read().partition("tool (")[2].partition(")")[0].split()
        self.assertEqual(sorted(tools), sorted([*TOOLS.values(), *OPTIONAL.values()]))


if __name__ == "__main__":
    unittest.main()
