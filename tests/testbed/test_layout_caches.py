"""Cached flows are emptied again and again, until the end; and what their check needs."""

import json
import os
import queue
import socketserver
import tempfile
import threading
import unittest
from unittest import mock

import paths  # extends sys.path
import caches_check
from controlplane import wait_for
from layout import caches, layout
from layout.errors import LayoutError

_DEADLINE = 30  # seconds


class Switch(socketserver.ThreadingUnixStreamServer):
    """The control socket of a switch, which notes what it is asked for. `answer`: what it says."""

    daemon_threads = True
    answer = b'{"id":0,"error":null,"result":""}'

    def __init__(self, path):
        self.control, self.asked = path, queue.Queue()
        super().__init__(path, Control)

    def next(self):
        """The next command."""
        return self.asked.get(timeout=_DEADLINE)


class Control(socketserver.BaseRequestHandler):
    """One request, of one piece; its answer comes in many."""

    def handle(self):
        self.server.asked.put(json.loads(self.request.recv(4096))["method"])
        for byte in self.server.answer:
            self.request.sendall(bytes([byte]))


class Emptied(unittest.TestCase):
    """A switch that is asked through its socket."""

    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.switch = self.another("vswitchd.ctl")

    def another(self, name):
        """A switch."""
        made = Switch(os.path.join(self.folder, name))
        self.addCleanup(made.server_close)
        threading.Thread(target=made.serve_forever, daemon=True).start()
        self.addCleanup(made.shutdown)
        return made

    def test_again_and_again(self):
        """Also after a switch that does not answer, and after an error."""
        self.switch.answer = b'{"id":0,"error":"not now","result":null}'
        emptied = caches.Caches([self.switch.control + "-of-none", self.switch.control])
        with mock.patch.object(caches, "_EVERY", 0.01):
            emptied.start()
            self.addCleanup(emptied.close)
            self.assertEqual([self.switch.next() for _ in range(3)], ["revalidator/purge"] * 3)
        emptied.check()

    def test_its_end(self):
        """If the thread ends by itself, the check of the layout says so."""
        self.switch.answer = b'["odd"]'
        network = layout.Layout([], {})
        network._programs, network._caches = mock.Mock(), caches.Caches([self.switch.control])
        self.addCleanup(network._caches.close)
        network.check()

        def said():
            try:
                network.check()
            except LayoutError as error:
                return str(error)
            return None

        with mock.patch.object(caches, "_EVERY", 0.01):
            network._caches.start()
            self.assertIn("not emptied any more", wait_for(said, _DEADLINE, "the end"))

    def test_now(self):
        """After the flows that are just being changed, whichever switch has them."""
        other = self.another("other.ctl")
        caches.Caches([self.switch.control, other.control]).empty()
        for switch in self.switch, other:
            self.assertEqual([switch.next(), switch.next()],
                             ["revalidator/wait", "revalidator/purge"])

    def test_answers(self):
        """One without a word of errors is none; an error, an answer that breaks off, and no switch
        at all are."""
        emptied = caches.Caches([self.switch.control])
        self.switch.answer = b'{"id":0,"result":""}'
        emptied.empty()
        for answer, says in ((b'{"id":0,"error":"no such command","result":null}', "no such"),
                             (b'{"id":0,', "no answer")):
            self.switch.answer = answer
            self.assertRaisesRegex(OSError, says, emptied.empty)
        self.assertRaises(FileNotFoundError, caches.Caches(["/nowhere"]).empty)

    def test_without_a_switch(self):
        """Its end does not depend on switches, nor on its start."""
        caches.Caches(["/nowhere"]).close()
        started = caches.Caches(["/nowhere"])
        started.start()
        started.close()


class Check(unittest.TestCase):
    """caches_check.py."""

    def test_without_root(self):
        result = unittest.TestResult()
        with mock.patch("os.geteuid", return_value=1000):
            caches_check.Overlapping("test_change").run(result)
        self.assertEqual(len(result.errors), 1)
        self.assertIn("this machine lacks: root", result.errors[0][1])


if __name__ == "__main__":
    unittest.main()
