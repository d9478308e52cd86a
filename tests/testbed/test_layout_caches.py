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
    """The control socket of a switch, which notes what it is asked for."""

    daemon_threads = True
    answer = {"id": 0, "result": "", "error": None}

    def __init__(self, path):
        self.asked = queue.Queue()
        super().__init__(path, Control)


class Control(socketserver.BaseRequestHandler):
    """One request, of one piece."""

    def handle(self):
        request = json.loads(self.request.recv(4096))
        self.request.sendall(json.dumps(self.server.answer).encode())
        self.server.asked.put(request["method"])


class Emptied(unittest.TestCase):
    """A switch that is asked through its socket."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.control = os.path.join(folder.name, "vswitchd.ctl")
        self.switch = Switch(self.control)
        self.addCleanup(self.switch.server_close)
        threading.Thread(target=self.switch.serve_forever, daemon=True).start()
        self.addCleanup(self.switch.shutdown)

    def asked(self):
        """The next command."""
        return self.switch.asked.get(timeout=_DEADLINE)

    def test_again_and_again(self):
        """Also after a switch that does not answer, and after an error."""
        self.switch.answer = {"id": 0, "result": None, "error": "not now"}
        emptied = caches.Caches([self.control + "-of-none", self.control])
        with mock.patch.object(caches, "_EVERY", 0.01):
            emptied.start()
            self.addCleanup(emptied.close)
            self.assertEqual([self.asked() for _ in range(3)], ["revalidator/purge"] * 3)
        emptied.check()

    def test_without_a_word_of_errors(self):
        """Such an answer is none."""
        self.switch.answer = {"id": 0, "result": ""}
        caches.Caches([self.control]).empty()

    def test_its_end(self):
        """If the thread ends by itself, the check of the layout says so."""
        self.switch.answer = ["odd"]
        network = layout.Layout([], {})
        network._programs, network._caches = mock.Mock(), caches.Caches([self.control])
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
        caches.Caches([self.control]).empty()
        self.assertEqual([self.asked(), self.asked()], ["revalidator/wait", "revalidator/purge"])

    def test_now_with_an_error(self):
        self.switch.answer = {"id": 0, "result": None, "error": "no such command"}
        self.assertRaisesRegex(OSError, "no such command", caches.Caches([self.control]).empty)


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
