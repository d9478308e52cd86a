"""The controller is killed after the n-th write and started again. The final state is always the
same."""

import os
import unittest

from rig import ROOT, SystemTest, differences, eventually

APP = os.path.join(ROOT, "examples", "guestbook-go")
NS = "guestbook"
# `make soak` tries every n. Here a sample covers every kind of object; the property tests try every
# n in memory.
_STRIDE = 1 if os.environ.get("KNM_SOAK") else 9


class Crash(SystemTest):
    """The cluster is the same each time, and the config API stops answering after the n-th
    write."""

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
        self.desired = self.api.dump()
        self.assertEqual(self.controller.stop(), 0)

    def new_config_api(self):
        """Replaces the config API by an empty one."""
        self.api.stop()
        self.api.start(self.folder)

    def crash_after(self, count):
        """Runs the controller until the config API has executed `count` writes and stopped
        answering, and kills it. Returns False if there were fewer writes to do."""
        self.api.control("faults", {"freeze-after-writes": count}, "PUT")
        self.start_controller()
        frozen = eventually(lambda: self.frozen() or (self.finished() and "finished"),
                            lambda: self.controller.output()[-3000:])
        self.controller.kill()
        self.api.control("thaw", {})
        self.api.control("faults", method="DELETE")
        return frozen != "finished"

    def frozen(self):
        """Whether the config API has stopped answering."""
        return self.api.control("stats").get("frozen")

    def finished(self):
        """Whether the controller has nothing left to do."""
        return self.get("/readyz")[0] == 200 and self.quiet()

    def objects(self):
        """All objects, as (type, name)."""
        return {(kind, name) for kind, found in self.api.dump().items() for name in found}

    def converge(self):
        """Starts the controller and waits until it has nothing left to do."""
        self.start_controller()
        self.wait_ready()
        self.wait_quiet()
        self.assertEqual(self.controller.stop(), 0)

    def test_crashes_while_objects_are_created(self):
        """The crashes occur while all objects are created."""
        crashes, count = 0, 1
        while True:
            self.new_config_api()
            crashed = self.crash_after(count)
            self.converge()
            self.assertEqual(differences(self.api.dump(), self.desired), [],
                             f"after a crash at write {count}")
            if not crashed:
                break
            crashes, count = crashes + 1, count + _STRIDE
        print(f"\n  {crashes} crashes while creating, up to write {count - _STRIDE}")
        self.assertGreater(crashes, 5 if _STRIDE > 1 else 50)

    def test_crashes_while_objects_are_deleted(self):
        """The crashes occur while the objects of a Namespace are deleted."""
        self.new_config_api()
        self.converge()
        objects = [self.objects()]  # at first, and after each crash
        self.delete_namespace(NS)
        # the server counts from its start, so that it executes exactly one more write each time
        while self.crash_after(1):
            objects.append(self.objects())
        print(f"\n  {len(objects) - 1} crashes while deleting")
        for before, after in zip(objects, objects[1:]):
            self.assertLessEqual(after, before, "no object is created again")
            self.assertLessEqual(len(before - after), 1, "a write deletes at most one object")
        # With nothing left to write, the objects are those of a cluster that never had the
        # Namespace.
        left = self.api.dump()
        self.assertEqual(self.objects(), objects[-1])
        self.new_config_api()
        self.converge()
        self.assertEqual(differences(left, self.api.dump()), [])
        self.assertIn(("projects", f"default-domain:{NS}"), objects[0] - objects[-1])


if __name__ == "__main__":
    unittest.main()
