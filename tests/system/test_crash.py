"""kill -9 after the n-th write, and a new start: always the same end."""

import os
import unittest

from rig import ROOT, SystemTest, differences, eventually

APP = os.path.join(ROOT, "examples", "guestbook-go")
NS = "guestbook"
# Every n in `make soak`; here a sample that meets every kind of object. In memory the unit tests do every n.
_STRIDE = 1 if os.environ.get("KNM_SOAK") else 9


class Crash(SystemTest):
    """The same cluster each time, and a config API that stops answering after the n-th write."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(lambda: cls.cluster.kubectl("delete", "namespace", NS, "--ignore-not-found"))

    def setUp(self):
        super().setUp()
        self.start_controller()
        self.wait_ready()
        self.apply(APP)
        self.wait_pods(NS, 6)
        self.wait_backends(NS, 6)
        self.wait_pods("kube-system", 1)
        self.wait_quiet()
        self.wanted = self.api.dump()
        self.assertEqual(self.controller.stop(), 0)

    def new_config_api(self):
        """An empty one."""
        self.api.stop()
        self.api.start(self.folder)

    def crash_after(self, count):
        """Runs until the config API has carried out so many writes and fallen silent, then kill -9.
        False where there were fewer writes to do."""
        self.api.control("faults", {"freeze-after-writes": count}, "PUT")
        self.start_controller()
        frozen = eventually(lambda: self.frozen() or (self.finished() and "finished"),
                            lambda: self.controller.output()[-3000:])
        self.controller.kill()
        self.api.control("thaw", {})
        self.api.control("faults", method="DELETE")
        return frozen != "finished"

    def frozen(self):
        """Whether the config API has fallen silent."""
        return self.api.control("stats").get("frozen")

    def finished(self):
        """Whether the controller has nothing left to do."""
        return self.get("/readyz")[0] == 200 and self.quiet()

    def objects(self):
        """All that there are, by type and name."""
        return {(kind, name) for kind, found in self.api.dump().items() for name in found}

    def converge(self):
        """A new start, to the end."""
        self.start_controller()
        self.wait_ready()
        self.wait_quiet()
        self.assertEqual(self.controller.stop(), 0)

    def test_create(self):
        """While everything is made."""
        crashes, count = 0, 1
        while True:
            self.new_config_api()
            crashed = self.crash_after(count)
            self.converge()
            self.assertEqual(differences(self.api.dump(), self.wanted), [], f"after a crash at write {count}")
            if not crashed:
                break
            crashes, count = crashes + 1, count + _STRIDE
        print(f"\n  {crashes} crashes while creating, up to write {count - _STRIDE}")
        self.assertGreater(crashes, 5 if _STRIDE > 1 else 50)

    def test_delete(self):
        """While a namespace is taken apart."""
        self.new_config_api()
        self.converge()
        objects = [self.objects()]  # then, and after each crash
        self.delete_namespace(NS)
        while self.crash_after(1):  # counted from the server's start: from now on each write is the last one
            objects.append(self.objects())
        print(f"\n  {len(objects) - 1} crashes while deleting")
        for before, after in zip(objects, objects[1:]):
            self.assertLessEqual(after, before, "nothing comes back")
            self.assertLessEqual(len(before - after), 1, "a write takes one object")
        # With nothing left to write, all is as if the namespace had never been.
        left = self.api.dump()
        self.assertEqual(self.objects(), objects[-1])
        self.new_config_api()
        self.converge()
        self.assertEqual(differences(left, self.api.dump()), [])
        self.assertIn(("projects", f"default-domain:{NS}"), objects[0] - objects[-1])


if __name__ == "__main__":
    unittest.main()
