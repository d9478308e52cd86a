"""The parts of the layout that need no root: annotations, leftovers, ranges, running testbeds."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from ipaddress import ip_address
from unittest import mock

import paths  # extends sys.path
from bed.ranges import Ranges
from controlplane import process
from layout import leftovers
from layout.attachment import ANNOTATION, attachment
from layout.folder import PREFIX, Folder
from matrix.running import NoTestbed, find

_STATE = {"uuid": "4e2e18ce-2043-536c-bc98-78adf6321775", "macAddress": "02:4e:2e:18:ce:20",
          "ipAddress": "10.0.0.7", "gateway": "10.0.255.254", "podUid": "uid-1"}


def pod(state=None, **spec):
    """A Pod with this value of its annotation."""
    text = state if state is None or isinstance(state, str) else json.dumps(state)
    return {"metadata": {"namespace": "shop", "name": "web-0", "uid": "uid-1",
                         "annotations": {ANNOTATION: text} if text is not None else {}},
            "spec": {"nodeName": "node-01", **spec}, "status": {"phase": "Running"}}


class Attachments(unittest.TestCase):
    """What a Pod's annotation asks for."""

    def test_values(self):
        """All of it, with a device name that Linux takes."""
        found = attachment(pod(_STATE))
        self.assertEqual((found.pod, found.uid, found.node), ("shop/web-0", "uid-1", "node-01"))
        self.assertEqual(found.addresses, (ip_address("10.0.0.7"),))
        self.assertEqual((found.mac, str(found.gateway)), ("02:4e:2e:18:ce:20", "10.0.255.254"))
        self.assertEqual(found.port, "p4e2e18ce204353")
        self.assertLessEqual(len(found.port), 15)

    def test_both_families(self):
        """`ipAddresses` has them all."""
        found = attachment(pod({**_STATE, "ipAddresses": ["10.0.0.7", "fd00::7"]}))
        self.assertEqual(list(map(str, found.addresses)), ["10.0.0.7", "fd00::7"])

    def test_nothing_to_attach(self):
        """Without an annotation or a node, with the node's own network, or when it is over."""
        over = pod(_STATE)
        over["status"]["phase"] = "Failed"
        for one in (pod(), pod(""), pod(_STATE, nodeName=None), pod(_STATE, hostNetwork=True),
                    over):
            self.assertIsNone(attachment(one))

    def test_what_cannot_be_attached(self):
        """Another Pod's annotation, and texts that are none."""
        for state in ({**_STATE, "podUid": "uid-2"}, "[]", "null", "{}", "no JSON",
                      {**_STATE, "ipAddress": "10.0.0"}, {**_STATE, "ipAddresses": 5},
                      {**_STATE, "gateway": None}):
            with self.assertRaises(ValueError, msg=state):
                attachment(pod(state))


class Leftovers(unittest.TestCase):
    """Folders of layouts, in a temporary place."""

    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.root = place.name

    def test_folder(self):
        """It is known as this process', and goes with remove()."""
        folder = Folder(self.root)
        self.assertEqual(list(leftovers.folders(self.root)), [(folder.path, True)])
        self.assertEqual(leftovers.clean(self.root), [])
        folder.remove()
        self.assertEqual(os.listdir(self.root), [])

    def test_kept_logs(self):
        """They outlive the folder."""
        folder = Folder(self.root)
        self.addCleanup(folder.remove)
        with open(folder.file("logs", "ovs-vswitchd-node-01.log"), "w", encoding="ascii") as log:
            log.write("late\n")
        with mock.patch.object(tempfile, "tempdir", self.root):
            kept = folder.keep_logs()
        folder.remove()
        self.assertEqual(os.listdir(self.root), [os.path.basename(kept)])
        with open(os.path.join(kept, "ovs-vswitchd-node-01.log"), encoding="ascii") as log:
            self.assertEqual(log.read(), "late\n")
        self.assertEqual(list(leftovers.folders(self.root)), [])

    def test_killed_owner(self):
        """Its folder goes by itself: the janitor."""
        owner = subprocess.Popen(
            [sys.executable, "-c", "import sys, time; sys.path[:0] = sys.argv[2:]\n"
             "from layout.folder import Folder\nFolder(sys.argv[1])\nprint('made', flush=True)\n"
             "time.sleep(600)", self.root, *paths.ALL], stdout=subprocess.PIPE, text=True)
        self.addCleanup(owner.stdout.close)
        self.assertEqual(owner.stdout.readline(), "made\n")
        self.assertEqual([alive for _, alive in leftovers.folders(self.root)], [True])
        owner.kill()
        owner.wait()
        self.assertEqual(owner.stdout.read(), "")  # the janitor has it open until it has ended
        self.assertEqual(os.listdir(self.root), [])

    def test_clean(self):
        """Folders without an owner go, with their processes; all else stays."""
        child = subprocess.Popen(["sleep", "600"])
        self.addCleanup(child.wait)
        started = process.start_time(child.pid)
        dead = os.path.join(self.root, f"{PREFIX}{os.getpid()}.1")  # an earlier process' number
        os.mkdir(dead)
        with open(os.path.join(dead, "pids"), "w", encoding="ascii") as pids:
            pids.write(f"{child.pid} {started}\n{os.getpid()} 1\nodd\n4 \n")
        for name in (f"{PREFIX}odd", f"{PREFIX}1.", "other"):
            os.mkdir(os.path.join(self.root, name))
        self.assertEqual(leftovers.clean(self.root),
                         [f"ended process {child.pid}", f"removed {dead}"])
        self.assertEqual(child.wait(), -signal.SIGKILL)
        self.assertEqual(sorted(os.listdir(self.root)),
                         sorted(["other", f"{PREFIX}1.", f"{PREFIX}odd"]))

    def test_find(self):
        """The probe finds the one testbed that runs."""
        with self.assertRaisesRegex(NoTestbed, "no testbed runs"):
            find(self.root)
        folder = Folder(self.root)
        self.addCleanup(folder.remove)
        with self.assertRaisesRegex(NoTestbed, "no testbed runs"):
            find(self.root)  # it is not ready
        with open(folder.file("testbed.json"), "w", encoding="ascii") as text:
            text.write("{}")
        self.assertEqual(find(self.root), folder.path)


class Families(unittest.TestCase):
    """Ranges."""

    def test_one(self):
        """IPv4."""
        ranges = Ranges()
        self.assertEqual(list(map(str, ranges.gateways().values())), ["10.0.255.254"])
        self.assertNotIn("2001", " ".join(ranges.renderer_arguments()))

    def test_two(self):
        """Each range twice; the gateway is the last address that can be used."""
        ranges = Ranges(dual_stack=True)
        self.assertEqual(str(ranges.gateways()[6]), "fd00:10::ffff:ffff:ffff:fffe")
        self.assertEqual(len(ranges.reached_from_outside()), 6)
        self.assertEqual(ranges.renderer_arguments().count("--next-hop"), 2)


if __name__ == "__main__":
    unittest.main()
