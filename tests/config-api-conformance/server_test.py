#!/usr/bin/env python3
"""Tests the program around the core: state file, request log, signals, and misbehaving clients.

    CONTRAIL_CONFIG_API=build/bin/contrail-config-api tests/config-api-conformance/server_test.py
"""

import contextlib
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import tempfile
import unittest

import standin
from standin import StandIn, wait_until


class InFolder(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def run_to_end(self, *flags):
        return subprocess.run([standin.program(), *flags], capture_output=True, text=True, timeout=standin.DEADLINE)


class State(InFolder):
    def setUp(self):
        super().setUp()
        self.file = self.folder / "state"

    def start(self):
        return StandIn("--state", self.file)

    @staticmethod
    def make_network(server):
        network = {
            "fq_name": ["default-domain", "default-project", "n"],
            "parent_type": "project",
            "network_ipam_refs": [
                {
                    "to": ["default-domain", "default-project", "default-network-ipam"],
                    "attr": {"ipam_subnets": [{"subnet": {"ip_prefix": "10.0.0.0", "ip_prefix_len": 24}}]},
                }
            ],
        }
        return server.send("POST", "/virtual-networks", {"virtual-network": network}).json()["virtual-network"]["uuid"]

    @staticmethod
    def make_address(server, name):
        ip = {"fq_name": [name], "virtual_network_refs": [{"to": ["default-domain", "default-project", "n"]}]}
        return server.send("POST", "/instance-ips", {"instance-ip": ip}).status

    def test_the_state_survives_a_kill_after_any_write(self):
        with StandIn() as undisturbed:
            self.make_network(undisturbed)
            for index in range(6):
                self.make_address(undisturbed, f"ip-{index}")
            expected = undisturbed.dump()
        with self.start() as server:
            self.make_network(server)
            server.kill()
        for index in range(6):
            with self.start() as server:
                self.assertEqual(self.make_address(server, f"ip-{index}"), 200)
                server.kill()
        with self.start() as server:
            self.assertEqual(server.dump(), expected)

    def test_addresses_of_ip_alloc_stay_taken(self):
        with self.start() as server:
            network = self.make_network(server)
            path = f"/virtual-network/{network}/ip-alloc"
            self.assertEqual(server.send("POST", path, {"count": 2}).json(), {"ip_addr": ["10.0.0.252", "10.0.0.251"]})
            server.kill()
        for expected in ("10.0.0.250", "10.0.0.249"):
            with self.start() as server:
                self.assertEqual(server.send("POST", path, {"count": 1}).json(), {"ip_addr": [expected]})
                self.assertEqual(server.stop(), 0)

    def test_half_a_line_in_the_journal_is_ignored(self):
        with self.start() as server:
            server.create_project("whole")
            server.kill()
        with open(f"{self.file}.journal", "a") as journal:
            journal.write('{"sequence":2,"method":"POST","target":"/proj')
        with self.start() as server:
            self.assertEqual(server.project_names(), ["default-project", "whole"])

    def test_a_journal_older_than_the_snapshot_is_ignored(self):
        with self.start() as server:
            server.create_project("once")
            server.kill()
        journal = pathlib.Path(f"{self.file}.journal").read_bytes()
        with self.start() as server:
            server.stop()
        pathlib.Path(f"{self.file}.journal").write_bytes(journal)
        with self.start() as server:
            before = server.dump()
            self.assertEqual([name for name in server.project_names() if name == "once"], ["once"])
        with self.start() as server:
            self.assertEqual(server.dump(), before)

    def test_an_invalid_state_file_is_named_and_not_changed(self):
        for text in ("no state", '{"sequence":1,"state":{}}'):
            self.file.write_text(text)
            ended = self.run_to_end("--listen", "127.0.0.1:0", "--state", str(self.file))
            self.assertEqual(ended.returncode, 1)
            self.assertIn(str(self.file), ended.stderr)
            self.assertEqual(self.file.read_text(), text)

    def test_a_missing_folder_is_named(self):
        ended = self.run_to_end("--listen", "127.0.0.1:0", "--state", str(self.folder / "none" / "state"))
        self.assertEqual(ended.returncode, 1)
        self.assertIn(str(self.folder / "none"), ended.stderr)


class RequestLog(InFolder):
    def test_the_log_has_a_line_for_each_request(self):
        log = self.folder / "log"
        with StandIn("--request-log", log) as server:
            server.create_project("a")
            server.send("GET", "/projects?count=true")
            server.faults(error_after={"next": 1}, reset_before={"next": 0})
            server.create_project("b")
            server.faults(reset_before={"next": 1})
            with self.assertRaises(ConnectionError):
                server.create_project("c")
            lines = [json.loads(line) for line in log.read_text().splitlines()]
        seen = [(line["sequence"], line["method"], line["target"], line["status"], line.get("fault")) for line in lines]
        self.assertEqual(
            seen,
            [
                (1, "POST", "/projects", 200, None),
                (2, "GET", "/projects?count=true", 200, None),
                (3, "POST", "/projects", 500, "error-after"),
                (4, "POST", "/projects", 0, "reset-before"),
            ],
        )
        self.assertEqual(json.loads(lines[0]["body"])["project"]["fq_name"], ["default-domain", "a"])


class Process(InFolder):
    def test_ends_cleanly_on_signals(self):
        for which in (signal.SIGTERM, signal.SIGINT):
            with StandIn("--latency-ms", 60000) as server, contextlib.closing(server.client()) as client:
                client.connection.request("GET", "/projects")
                wait_until(lambda: server.stats()["in_flight"] == 1, "a request in flight")
                os.kill(server.process.pid, which)
                self.assertEqual(server.process.wait(standin.DEADLINE), 0)

    def test_a_taken_port_is_named_with_a_remedy(self):
        with StandIn() as server:
            address = "{}:{}".format(*server.address)
            ended = self.run_to_end("--listen", address)
        self.assertEqual(ended.returncode, 1)
        for part in (address, "--listen", "ss -ltnp"):
            self.assertIn(part, ended.stderr)

    def test_wrong_flags_are_refused(self):
        for flags in (["--listen", "nonsense"], ["--listen", "127.0.0.1:99999"], ["--bogus"], ["--error-before", "2"],
                      ["--faults", "["], ["--faults", '{"bogus":1}'], ["--freeze-after-writes", "-1"]):
            ended = self.run_to_end(*flags)
            self.assertNotEqual(ended.returncode, 0, flags)
            self.assertTrue(ended.stderr, flags)

    def test_help_and_version_are_printed(self):
        self.assertIn("--request-log", self.run_to_end("--help").stdout)
        self.assertRegex(self.run_to_end("--version").stdout, r"^contrail-config-api \S+\d")

    def test_the_default_address_is_on_loopback(self):
        self.assertIn("127.0.0.1:8082", self.run_to_end("--help").stdout)


class BadClients(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(StandIn())

    def raw(self, *parts, receive=True):
        """Sends bytes and returns what the server sends until it closes the connection."""
        with socket.create_connection(self.server.address, standin.DEADLINE) as connection:
            try:
                for part in parts:
                    connection.sendall(part)
                if not receive:
                    return b""
                connection.shutdown(socket.SHUT_WR)
                return b"".join(iter(lambda: connection.recv(65536), b""))
            except ConnectionError:
                return b""

    def assert_serves(self):
        self.assertEqual(self.server.send("GET", "/projects").status, 200)
        self.assertIsNone(self.server.process.poll())

    def test_garbage_is_refused(self):
        dice = random.Random(4)
        for size in [1, 2, 10, 100, 1000] * 20:
            self.raw(dice.randbytes(size))
        for text in (b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\0" * 1000, b"GET / HTTP/1.1\r\nX\r\n\r\n",
                     b"POST /projects HTTP/1.1\r\nContent-Length: x\r\n\r\n"):
            answer = self.raw(text)
            self.assertTrue(answer == b"" or answer.startswith(b"HTTP/1.1 400"), answer)
        self.assert_serves()

    def test_huge_headers_are_refused(self):
        self.assertTrue(self.raw(b"GET / HTTP/1.1\r\nX: " + b"x" * 100_000 + b"\r\n\r\n").startswith(b"HTTP/1.1 431"))
        self.assertTrue(self.raw(b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 4"))
        self.assert_serves()

    def test_huge_bodies_are_refused(self):
        for size, status in ((1_024_001, 413), (9_000_000, 413), (10**18, 413)):
            head = f"POST /projects HTTP/1.1\r\nHost: h\r\nContent-Length: {size}\r\n\r\n".encode()
            answer = self.raw(head, b" " * min(size, 1_024_001))
            self.assertTrue(answer == b"" or answer.startswith(b"HTTP/1.1 %d" % status), answer)
        self.assert_serves()

    def test_a_long_url_is_accepted(self):
        uuids = ",".join(["00000000-0000-4000-8000-000000000000"] * 400)
        self.assertEqual(self.server.send("GET", f"/projects?obj_uuids={uuids}").json(), {"projects": []})

    def test_pipelined_requests_are_answered(self):
        request = b"GET /projects HTTP/1.1\r\nHost: h\r\n\r\n"
        self.assertEqual(self.raw(request * 10).count(b"HTTP/1.1 200"), 10)

    def test_the_server_waits_for_an_announced_body(self):
        body = json.dumps({"project": {"fq_name": ["default-domain", "x"], "parent_type": "domain"}}).encode()
        head = b"POST /projects HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body)
        with socket.create_connection(self.server.address, standin.DEADLINE) as connection:
            connection.sendall(head)
            self.assertTrue(connection.recv(1000).startswith(b"HTTP/1.1 100"))
            connection.sendall(body)
            self.assertTrue(connection.recv(1000).startswith(b"HTTP/1.1 200"))

    def test_slow_and_half_open_clients_do_not_delay_others(self):
        with contextlib.ExitStack() as stack:
            starts = [b"", b"G", b"GET / HTTP/1.1\r\n", b"POST /projects HTTP/1.1\r\nContent-Length: 1000\r\n\r\n{"]
            for start in starts * 50:
                connection = stack.enter_context(socket.create_connection(self.server.address))
                connection.sendall(start)
            wait_until(lambda: self.server.stats()["connections"]["open"] >= 200, "200 open connections")
            self.assert_serves()
        wait_until(lambda: self.server.stats()["connections"]["open"] <= 1,
                   "the connections are closed")

    def test_requests_of_clients_that_leave_are_executed(self):
        self.server.faults(**{"latency-ms": 50})
        for _ in range(50):
            self.raw(b"GET /projects?detail=true HTTP/1.1\r\nHost: h\r\n\r\n", receive=False)
        wait_until(lambda: self.server.stats()["by_status"].get("200", 0) == 50,
                   "all requests are executed")
        self.assert_serves()

    def test_deeply_nested_json_is_refused(self):
        for body in (b"[" * 1_000_000, b'{"project":' * 80_000, b"[" * 400_000 + b"]" * 400_000):
            self.assertEqual(self.server.send("POST", "/projects", body).status, 500)
        self.assertEqual(self.server.control("PUT", "/faults", b"[" * 100_000)[0], 400)
        self.assert_serves()


if __name__ == "__main__":
    unittest.main()
