#!/usr/bin/env python3
"""Tests the notifications of the stand-in: the recording of a real server, replayed, and read by a
public client for Server-Sent Events; and their faults.

    CONTRAIL_CONFIG_API=build/bin/contrail-config-api tests/config-api-conformance/notifications_test.py
"""

import contextlib
import http.client
import json
import os
import pathlib
import queue
import socket
import sys
import threading
import unittest

from vnc_venv import environment

HERE = pathlib.Path(__file__).resolve().parent

if __name__ == "__main__" and os.environ.get("IN_SSE_VENV") != "1":
    interpreter = str(environment.ensure(HERE / "sse-requirements.txt", "sse") / "python")
    os.execve(interpreter, [interpreter, *sys.argv], {**os.environ, "IN_SSE_VENV": "1"})

import sseclient  # noqa: E402  (in the environment only)

from standin import DEADLINE, StandIn, wait_until  # noqa: E402

# As the recording was made: types in this order, and these fields of three of them.
TYPES = ["project", "virtual_network", "network_policy", "virtual_machine", "virtual_machine_interface", "instance_ip",
         "floating_ip_pool", "floating_ip", "network_ipam"]
FIELDS = {"virtual_network": "annotations,network_policy_refs,network_ipam_refs",
          "floating_ip": "annotations,floating_ip_address,virtual_machine_interface_refs"}
QUERY = "?resource_type=" + ",".join(TYPES) + "".join(f"&{kind}_fields={FIELDS.get(kind, 'annotations')}" for kind in TYPES)


def recordings():
    with open(HERE / "notifications.jsonl") as file:
        return [json.loads(line) for line in file]


class Stream:
    """A stream of notifications, read by the public client in a thread."""

    def __init__(self, server, query=QUERY):
        self.connection = http.client.HTTPConnection(*server.address, timeout=DEADLINE)
        self.connection.request("GET", "/watch" + query)
        self.socket = self.connection.sock
        self.response = self.connection.getresponse()
        self.events = queue.Queue()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _chunks(self):
        while True:
            chunk = self.response.read1(65536)
            if not chunk:
                return
            yield chunk

    def _read(self):
        with contextlib.suppress(OSError, http.client.HTTPException):
            for event in sseclient.SSEClient(self._chunks()).events():
                self.events.put((event.event, json.loads(event.data)))
        self.events.put(None)

    def next(self):
        """The next event as name and data; None: the stream has ended."""
        return self.events.get(timeout=DEADLINE)

    def skip_lists(self):
        return [self.next() for _ in TYPES]

    def close(self):
        with contextlib.suppress(OSError):  # the server may have closed it
            self.socket.shutdown(socket.SHUT_RDWR)  # ends the read of the thread
        self.thread.join(DEADLINE)
        self.response.close()
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Ids:
    """Names the ids that the server chose as the recording has them."""

    def __init__(self):
        self.recorded = {}

    def fill_in(self, text):
        for recorded, ours in self.recorded.items():
            text = text.replace(recorded, ours)
        return text

    def learn(self, recorded, ours):
        """Binds the ids of equal places, and returns the recorded value with our ids."""
        if isinstance(recorded, dict) and isinstance(ours, dict):
            for key in recorded.keys() & ours.keys():
                self.learn(recorded[key], ours[key])
        elif isinstance(recorded, list) and isinstance(ours, list):
            for one, other in zip(recorded, ours):
                self.learn(one, other)
        elif isinstance(recorded, str) and isinstance(ours, str) and len(recorded) == len(ours) == 36:
            self.recorded.setdefault(recorded, ours)
        return json.loads(self.fill_in(json.dumps(recorded)))


class Recording(unittest.TestCase):
    maxDiff = None

    def test_each_request_has_the_recorded_events(self):
        steps = recordings()
        steps = steps[:next(i for i, step in enumerate(steps) if "burst" in step)]
        lines = [step["line"] for step in steps if "line" in step]
        names = [line.removeprefix("event: ") for line in lines[0::2]]
        data = [json.loads(line.removeprefix("data: ")) for line in lines[1::2]]
        recorded = list(zip(names, data))
        ids = Ids()
        with StandIn() as server, Stream(server) as stream:
            self.assertEqual(stream.response.status, steps[0]["opened"])
            for name, value in steps[0]["headers"].items():
                self.assertEqual(stream.response.headers[name], value)
            at = 0
            for step in steps[1:]:
                if "request" in step:
                    while at < len(recorded) and self.is_before(steps, step, at):
                        at = self.compare(stream, recorded, at, ids)
                    request = step["request"]
                    body = None if request["body"] is None else json.loads(ids.fill_in(json.dumps(request["body"])))
                    answer = server.send(request["method"], ids.fill_in(request["path"]), body)
                    self.assertEqual(answer.status, step["status"], request)
            while at < len(recorded):
                at = self.compare(stream, recorded, at, ids)
            self.assertEqual(at, len(recorded))
            self.assertEqual(server.stats()["events"], at - len(TYPES))

    @staticmethod
    def is_before(steps, step, at):
        """Whether the event of that number was recorded before the step."""
        seen = sum(1 for other in steps[:steps.index(step)] if other.get("line", "").startswith("data: "))
        return at < seen

    def compare(self, stream, recorded, at, ids):
        name, data = stream.next()
        self.assertEqual((name, data), (recorded[at][0], ids.learn(recorded[at][1], data)), f"event {at}")
        return at + 1

    def test_refusals(self):
        with StandIn() as server:
            for step in recordings():
                if "refused" not in step:
                    continue
                answer = server.send("GET", "/watch" + step["refused"])
                self.assertEqual((answer.status, answer.headers["Content-Type"], answer.body.decode()),
                                 (step["status"], step["content_type"], step["text"]))


class Burst(unittest.TestCase):
    """What the recording of fifty projects shows, with any times: an object that is gone when its
    event is sent is deleted, by nulls."""

    def test_an_event_has_the_object_of_its_time(self):
        with StandIn() as server, Stream(server) as stream:
            stream.skip_lists()
            server.faults(event_delay_ms=200)
            uuid = server.create_project("b").json()["project"]["uuid"]
            self.assertEqual(server.send("DELETE", "/project/" + uuid).status, 200)
            nulls = {"uuid": uuid, "fq_name": None, "parent_type": None, "parent_uuid": None}
            for _ in range(3):  # the create, its update, and the update before the deletion
                self.assertEqual(stream.next(), ("delete", {"project": nulls}))
            self.assertEqual(stream.next(), ("delete", {"project": {"uuid": uuid}}))


class Faults(unittest.TestCase):
    def test_events(self):
        with StandIn() as server, Stream(server, "?resource_type=project&project_fields=annotations") as stream:
            stream.next()
            server.faults(event_loss={"next": 2}, event_double={"next": 1})
            server.create_project("lost")
            server.create_project("b")
            heard = [stream.next() for _ in range(3)]
            self.assertEqual([name for name, _ in heard], ["create", "create", "update"])
            self.assertEqual({data["project"]["fq_name"][-1] for _, data in heard}, {"b"})
            counted = server.stats()["faults"]
            self.assertEqual((counted["event-loss"], counted["event-double"]), (2, 1))
            server.faults(event_late_ms=50, event_late={"next": 1})
            server.create_project("c")
            self.assertEqual([stream.next()[0] for _ in range(2)], ["update", "create"])
            self.assertEqual(server.stats()["faults"]["event-late"], 1)

    def test_stop(self):
        with StandIn() as server, Stream(server) as stream:
            stream.skip_lists()
            self.assertEqual(server.control("POST", "/watches/stop"), (200, {"watches": 1}))
            self.assertEqual(stream.next(), ("stop", {"error": "injected fault: stop"}))
            self.assertIsNone(stream.next())
            wait_until(lambda: server.stats()["watches"] == 0, "the stream ends")

    def test_cut(self):
        with StandIn() as server, Stream(server) as stream:
            stream.skip_lists()
            server.control("POST", "/watches/cut")
            self.assertIsNone(stream.next())

    def test_silence(self):
        with StandIn() as server:
            server.faults(watch_silent=True, watch_keepalive_ms=1)
            with Stream(server, "?resource_type=project") as stream:
                wait_until(lambda: server.stats()["watches"] == 1, "the stream is open")
                server.create_project("a")
                self.assertTrue(stream.events.empty())
                server.faults(watch_silent=False)
                self.assertEqual(stream.next()[0], "init")
                self.assertEqual(stream.next()[0], "create")

    def test_a_client_that_goes_is_forgotten(self):
        with StandIn() as server:
            with Stream(server) as stream:
                stream.skip_lists()
                self.assertEqual(server.stats()["watches"], 1)
            wait_until(lambda: server.stats()["watches"] == 0, "the server notices")

    def test_keep_alive(self):
        with StandIn() as server:
            server.faults(watch_keepalive_ms=5)
            connection = http.client.HTTPConnection(*server.address, timeout=DEADLINE)
            connection.request("GET", "/watch?resource_type=instance-ip")
            response = connection.getresponse()
            lines = [response.readline() for _ in range(5)]
            self.assertEqual(lines, [b"event: init\n", b'data: {"instance-ips":[]}\n', b"\n", b":\n", b"\n"])
            connection.close()


if __name__ == "__main__":
    unittest.main()
