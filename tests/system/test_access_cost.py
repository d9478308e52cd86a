"""What TLS and tokens cost: the same objects are made over both ways, in turns, at 5 ms a request."""

import sys
import unittest

from rig import ConfigApi, in_soak
from test_config_api_access import AccessTest
from tls_front import TlsFront

PODS, ROUNDS = 60, 5
_PLAIN = "log-level: warning\n"


@in_soak
class Cost(AccessTest):
    """A real Keystone issues the tokens; HAProxy ends TLS directly before the stand-in."""

    def ports(self):
        return super().ports() | {"api_port": self.used_port}

    def fill(self, secured):
        """The controller fills an empty config API. Returns (milliseconds from its first to its
        last request, requests for objects, requests in all)."""
        api = ConfigApi(self.folder)
        front = TlsFront(self.folder, [api.port], self.authority.issue("config-api"))
        try:
            api.control("faults", {"latency-ms": 5}, "PUT")
            self.used_port = front.port if secured else api.port
            self.login = self.secured if secured else _PLAIN
            before = len(api.requests())
            self.start_controller()
            self.wait_ready()
            self.wait_quiet()
            self.assertEqual(self.controller.stop(), 0)
            requests = [r for r in api.requests()[before:] if r["target"] != "/"]
            writes = [r for r in requests if r["target"] not in ("/list-bulk-collection", "/fqname-to-id")]
            return writes[-1]["ms"] - requests[0]["ms"], len(writes), len(requests)
        finally:
            front.stop()
            api.stop()

    def test_tls_and_tokens_cost_little(self):
        self.secured = self.login.replace("log-level: trace\n", _PLAIN)
        self.used_port = 0
        for number in range(PODS):
            self.make_pod(f"pod-{number}")
        times = {True: [], False: []}
        for _ in range(ROUNDS):
            found = {}
            for secured in (False, True):
                time, *found[secured] = self.fill(secured)
                times[secured].append(time)
            self.assertEqual(found[True][0], found[False][0], "no further request for an object")
        ratio = sorted(times[True])[ROUNDS // 2] / sorted(times[False])[ROUNDS // 2]
        print(f"\n  {ratio:.3f} times the time at 5 ms a request, median of {ROUNDS}: {times}; {found}", file=sys.stderr)
        self.controller = None  # its last one has ended


if __name__ == "__main__":
    unittest.main()
