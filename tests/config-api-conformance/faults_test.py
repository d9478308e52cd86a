#!/usr/bin/env python3
"""Tests the faults of the stand-in: each has its effect, is counted, and ends.

    CONTRAIL_CONFIG_API=build/bin/contrail-config-api tests/config-api-conformance/faults_test.py
"""

import concurrent.futures
import contextlib
import http.client
import socket
import time
import unittest

from standin import Client, StandIn, wait_until


def outcome(server, method="POST", name="x", timeout=30):
    """The result for a client: a status, "reset", "closed", "half" or "silence"."""
    body = {"project": {"fq_name": ["default-domain", name], "parent_type": "domain"}}
    with contextlib.closing(server.client(timeout)) as client:
        try:
            return client.send(method, "/projects", body if method == "POST" else None).status
        except http.client.IncompleteRead:
            return "half"
        except http.client.RemoteDisconnected:
            return "closed"
        except ConnectionResetError:
            return "reset"
        except TimeoutError:
            return "silence"


class OneFault(unittest.TestCase):
    def check(self, fault, seen, executed, **settings):
        """Injects the fault once with a rule at run time, and once with a flag at the start."""
        with StandIn() as server:
            server.faults(**{fault: {"next": 1, **settings}})
            self.assertEqual(outcome(server, timeout=1), seen)
            self.assertEqual("x" in server.project_names(), executed)
            self.assertEqual(server.stats()["faults"][fault], 1)
            self.assertEqual(outcome(server, name="y"), 200, "the next request is served")
        with StandIn(f"--{fault}", 1) as server:
            outcome(server, timeout=0.3)
            self.assertEqual(server.stats()["faults"][fault], 1)
            self.assertEqual("x" in server.project_names(), executed)

    def test_error_before(self):
        self.check("error-before", 500, False)

    def test_error_after(self):
        self.check("error-after", 500, True)

    def test_reset_before(self):
        self.check("reset-before", "reset", False)

    def test_reset_after(self):
        self.check("reset-after", "reset", True)

    def test_half_answer(self):
        self.check("half-answer", "half", True)

    def test_stall_before(self):
        self.check("stall-before", "silence", False)

    def test_stall_after(self):
        self.check("stall-after", "silence", True)

    def test_refuse(self):
        for status in (401, 403, 429, 503):
            self.check("refuse", status, False, status=status)

    def test_retry_after(self):
        with StandIn() as server:
            server.faults(refuse={"next": 1, "status": 429, "retry-after": 7})
            self.assertEqual(server.send("GET", "/projects").headers["Retry-After"], "7")

    def test_half_of_an_answer_without_body(self):
        with StandIn() as server:
            server.create_project("x")
            uuid = server.dump()["project"][-1]["uuid"]
            server.faults(half_answer={"next": 1})
            with socket.create_connection(server.address) as connection:
                connection.sendall(f"DELETE /project/{uuid} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
                received = b"".join(iter(lambda: connection.recv(4096), b""))
            self.assertTrue(received.startswith(b"HTTP/1.1 200"))
            self.assertNotIn(b"\r\n\r\n", received)

    def test_stall_ms_limits_a_stall(self):
        with StandIn("--stall-ms", 1) as server:
            server.faults(stall_before={"next": 1})
            self.assertEqual(outcome(server), "closed")


class Rules(unittest.TestCase):
    def test_a_fault_can_be_limited_to_writes_or_a_type(self):
        with StandIn() as server:
            server.faults(error_before={"next": 1, "only": "writes"})
            self.assertEqual(outcome(server, "GET"), 200)
            self.assertEqual(outcome(server), 500)
            server.faults(error_before={"next": 1, "type": "virtual-network"})
            self.assertEqual(outcome(server), 200)
            self.assertEqual(server.send("GET", "/virtual-networks").status, 500)

    def test_faults_with_a_probability_are_seeded_and_counted(self):
        def run(seed):
            with StandIn("--error-before", 0.3, "--fault-seed", seed) as server, contextlib.closing(server.client()) as client:
                statuses = [client.send("GET", "/projects").status for _ in range(100)]
                stats = server.stats()
                self.assertEqual(stats["faults"]["error-before"], statuses.count(500))
                self.assertEqual(stats["by_status"], {"200": statuses.count(200), "500": statuses.count(500)})
                return statuses

        self.assertEqual(run(1), run(1))
        self.assertNotEqual(run(1), run(2))

    def test_wrong_settings_are_refused(self):
        with StandIn() as server:
            for settings in ({"bogus": 1}, {"latency-ms": -1}, [], {"error-before": {"only": "x"}}):
                status, answer = server.control("PUT", "/faults", settings)
                self.assertEqual(status, 400, settings)
                self.assertIn("error", answer)
            self.assertEqual(server.control("GET", "/bogus")[0], 404)

    def test_all_faults_can_be_removed(self):
        with StandIn("--error-before", 1, "--latency-ms", 1) as server:
            self.assertEqual(outcome(server), 500)
            server.control("DELETE", "/faults")
            self.assertEqual(outcome(server), 200)
            self.assertEqual(server.stats()["faults"]["error-before"], 1, "the counters stay")
            server.control("POST", "/stats/reset")
            stats = server.stats()
            self.assertEqual((stats["faults"]["error-before"], stats["requests"]), (0, 0))

    def test_control_requests_are_not_counted(self):
        with StandIn("--error-before", 1) as server:
            with contextlib.closing(Client(server.address)) as client:
                self.assertEqual(client.send("GET", "/_control/stats").status, 200, "served on the API's address too")
            self.assertEqual(server.stats()["requests"], 0)
            with contextlib.closing(Client(server.control_address)) as client:
                self.assertEqual(client.send("GET", "/projects").status, 404, "the control address serves no API")

    def test_the_idle_time_is_reported(self):
        with StandIn() as server:
            self.assertIsNone(server.stats()["idle_ms"], "there was no request yet")
            began = time.monotonic()
            server.send("GET", "/projects")
            idle = server.stats()["idle_ms"]
            self.assertLessEqual(idle, 1000 * (time.monotonic() - began))
            self.assertGreaterEqual(
                server.stats()["idle_ms"], idle, "reading the statistics is no request")


class Latency(unittest.TestCase):
    COUNT = 16

    def timed(self, server):
        with concurrent.futures.ThreadPoolExecutor(self.COUNT) as pool:
            began = time.monotonic()
            statuses = list(pool.map(lambda _: server.send("GET", "/projects").status, range(self.COUNT)))
            self.assertEqual(statuses, [200] * self.COUNT)
            return time.monotonic() - began

    def test_requests_wait_at_the_same_time(self):
        with StandIn("--latency-ms", 500) as server:
            self.assertGreaterEqual(self.timed(server), 0.5)
            self.assertEqual(server.stats()["in_flight_peak"], self.COUNT)

    def test_requests_of_a_serial_server_wait_for_each_other(self):
        with StandIn("--latency-ms", 20, "--serial") as server:
            self.assertGreaterEqual(self.timed(server), 0.02 * self.COUNT)

    def test_the_latency_grows_up_to_its_maximum(self):
        flags = ["--latency-ms", 1, "--slowdown-factor", 2, "--slowdown-every", 2, "--slowdown-max", 32]
        with StandIn(*flags) as server, contextlib.closing(server.client()) as client:
            latencies = []
            for _ in range(14):
                latencies.append(server.stats()["latency_now_ms"])
                began = time.monotonic()
                client.send("GET", "/projects")
                self.assertGreaterEqual(time.monotonic() - began, latencies[-1] / 1000)
            self.assertEqual(latencies, [1, 1, 2, 2, 4, 4, 8, 8, 16, 16, 32, 32, 32, 32])


class Down(unittest.TestCase):
    def assert_refused(self, server):
        with self.assertRaises(ConnectionRefusedError):
            server.send("GET", "/projects")

    def answers(self, server):
        try:
            return server.send("GET", "/projects").status == 200
        except (ConnectionError, http.client.HTTPException):
            return False

    def test_down_lasts_until_up(self):
        with StandIn() as server, contextlib.closing(server.client()) as client:
            self.assertEqual(client.send("GET", "/projects").status, 200)
            self.assertEqual(server.control("POST", "/down"), (200, {"down": True}))
            self.assert_refused(server)
            with self.assertRaises((ConnectionError, http.client.HTTPException)):
                client.send("GET", "/projects")
            self.assertTrue(server.stats()["down"])
            server.control("POST", "/up")
            self.assertTrue(self.answers(server))

    def test_down_can_have_a_duration(self):
        with StandIn() as server:
            server.control("POST", "/down", {"seconds": 0.2})
            self.assert_refused(server)
            wait_until(lambda: self.answers(server), "the server is up again")

    def test_a_server_can_start_down(self):
        with StandIn("--down", 3600) as server:
            self.assert_refused(server)
            server.control("POST", "/up")
            self.assertTrue(self.answers(server))

    def test_wrong_durations_are_refused(self):
        with StandIn() as server:
            for body in ({"seconds": -1}, {"seconds": "x"}, []):
                self.assertEqual(server.control("POST", "/down", body)[0], 400)


class Freeze(unittest.TestCase):
    def test_after_the_nth_write_nothing_is_answered(self):
        with StandIn("--freeze-after-writes", 2) as server:
            self.assertEqual(outcome(server, name="a"), 200)
            self.assertEqual(outcome(server, "GET"), 200, "reads do not count")
            self.assertEqual(outcome(server, name="b"), 200)
            self.assertTrue(server.stats()["frozen"])
            wait_until(lambda: any(line.startswith("frozen") for line in server.lines),
                       "the line that reports the freeze")
            self.assertEqual(outcome(server, name="c", timeout=0.3), "silence")
            self.assertEqual(outcome(server, "GET", timeout=0.3), "silence")
            self.assertEqual(server.project_names()[0:2], ["a", "b"])

            with concurrent.futures.ThreadPoolExecutor() as pool:
                waiting = pool.submit(outcome, server, "POST", "d")
                wait_until(lambda: server.stats()["connections"]["open"] > 1, "a connection that waits")
                server.control("POST", "/thaw")
                self.assertIn(waiting.result(), ("closed", "reset", 200))
            self.assertEqual(outcome(server, name="e"), 200)
            self.assertNotIn("c", server.project_names(), "what came while frozen is never executed")

    def test_a_freeze_can_be_set_at_run_time(self):
        with StandIn() as server:
            server.faults(freeze_after_writes=0)
            self.assertEqual(outcome(server, timeout=0.3), "silence")
            server.control("POST", "/thaw")
            server.faults(freeze_after_writes=1)
            self.assertEqual(outcome(server, name="y"), 200)
            self.assertEqual(outcome(server, name="z", timeout=0.3), "silence")


class Races(unittest.TestCase):
    def test_of_sixteen_creates_with_one_name_one_succeeds(self):
        with StandIn("--latency-ms", 20) as server, concurrent.futures.ThreadPoolExecutor(16) as pool:
            statuses = sorted(pool.map(lambda _: outcome(server, name="one"), range(16)))
            self.assertEqual(statuses, [200] + [409] * 15)

    def test_concurrent_ref_updates_lose_nothing(self):
        with StandIn("--latency-ms", 5) as server:
            project = ["default-domain", "default-project"]
            network = server.send("GET", "/virtual-networks").json()["virtual-networks"][0]["uuid"]
            policies = []
            for index in range(16):
                body = {"network-policy": {"fq_name": [*project, f"p{index}"], "parent_type": "project"}}
                policies.append(server.send("POST", "/network-policys", body).json()["network-policy"]["uuid"])

            def add(policy):
                update = {"type": "virtual-network", "uuid": network, "ref-type": "network-policy", "ref-uuid": policy}
                return server.send("POST", "/ref-update", {**update, "operation": "ADD", "attr": None}).status

            with concurrent.futures.ThreadPoolExecutor(16) as pool:
                self.assertEqual(list(pool.map(add, policies)), [200] * 16)
            read = server.send("GET", f"/virtual-network/{network}").json()["virtual-network"]
            self.assertEqual({ref["uuid"] for ref in read["network_policy_refs"]}, set(policies))


if __name__ == "__main__":
    unittest.main()
