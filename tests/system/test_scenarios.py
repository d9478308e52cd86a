"""Each rule's scenario once more, on a real API server: the same steps lead to the same graph."""

import os
import re
import unittest

import scenarios
from rig import BIN, SystemTest, call, eventually
from scenarios.other_client import OtherClient

_GRAPH = os.path.join(os.path.dirname(os.path.realpath(BIN)), "tests", "scenario-graph")
# These are played in memory alone.
NOT_HERE = {}
_SECONDS = int(os.environ.get("KNM_X","30"))
_BASE = """\
api-server: 127.0.0.1
api-port: {api_port}
listen-http: 127.0.0.1:{http_port}
retry-delay-max: 1s
audit-interval: 1s
"""


class Scenarios(SystemTest):
    """One controller and one config API for each."""

    manifests = "rbac"

    def write_config(self, text=None):
        base = _BASE.format(api_port=self.api.port, http_port=self.http_port)
        return super().write_config(text or base + "".join(self.player.outward(line) + "\n"
                                                           for line in self.scenario.config))

    def problems(self):
        """What the controller reports of users' objects: "Kind ns/name" → reasons."""
        if not (self.controller and self.controller.running()):
            return {}
        status, state = self.get("/state?full")
        out = {}
        for problem in state["problems"] if status == 200 else []:
            out.setdefault(f"{problem['kind']} {problem['object']}", []).append(problem["reason"])
        return out

    def audits(self):
        """How often the config API has been read whole."""
        found = re.search(r'knm_audit_duration_seconds_count\{result="complete"\} (\d+)', str(self.get("/metrics")[1]))
        return int(found.group(1)) if found else 0

    def wait_audit(self):
        """Until one has begun and ended."""
        before = self.audits()
        eventually(lambda: self.audits() >= before + 2, self.controller.output)

    def control(self, command):
        """The controller, and faults of the config API."""
        verb, *words = command.split()
        if verb == "start":
            self.start_controller()
            self.wait_ready()
        elif verb == "restart":
            self.controller.stop()
            self.start_controller()
            self.wait_ready()
        elif verb == "audit":
            self.wait_audit()
        elif verb == "lose":
            self.api.control("faults", {"reset-after": {"next": int(words[0]), "only": "writes"}}, "PUT")
        elif verb == "refuse":
            fault = {"next": int(words[0]), "only": "writes", "status": int(words[1])}
            self.api.control("faults", {"error-before": fault}, "PUT")
        elif verb == "cut":
            self.api.control("down", {}, "POST")
        elif verb == "mend":
            self.api.control("up", {}, "POST")
        else:
            raise NotImplementedError(command)

    def play(self, scenario, number):
        """Step by step; each must come to the graph that its file expects, and stay there."""
        self.scenario = scenario
        self.player = scenarios.Player(scenario, number, self.cluster.api, OtherClient(self.api.url, self.api.control_url),
                                       _GRAPH)
        self.addCleanup(self.player.close)
        self.start_controller()
        self.wait_ready()
        eventually(self.settled, self.controller.output)
        self.player.begin()
        if scenario.starts_the_controller():
            self.controller.stop()
        for step, expected in zip(scenario.steps, scenario.graphs()):
            for command in step.commands:
                if not self.player.perform(command):
                    self.control(command)
            seen = {}

            def reached(expected=expected, seen=seen):
                seen.clear()
                seen.update(self.player.sight(self.problems()))
                return seen == expected

            eventually(reached, lambda step=step, expected=expected, seen=seen: _difference(step, expected, seen), _SECONDS)
        self.stays(expected)

    def stays(self, expected):
        """An audit later there was nothing to write."""
        if not self.controller.running() or not self.api.alive():
            return
        eventually(self.settled, self.controller.output, 30)
        writes = len(self.api.writes())
        self.wait_audit()
        self.assertEqual(self.api.writes()[writes:], [])
        self.assertEqual(self.player.sight(self.problems()), expected)


def _difference(step, expected, seen):
    lines = [f"the graph of step '{step.title}'"]
    for key in sorted(expected.keys() | seen.keys()):
        if expected.get(key) != seen.get(key):
            lines += [f"  {key}", f"    expected {expected.get(key)}", f"    seen     {seen.get(key)}"]
    return "\n".join(lines)


def _add_tests():
    for number, scenario in enumerate(scenarios.load()):
        if scenario.name in NOT_HERE:
            continue

        def test(self, scenario=scenario, number=number):
            self.play(scenario, number)

        test.__doc__ = scenario.name
        setattr(Scenarios, f"test_{re.sub(r'[^a-z0-9]', '_', scenario.name)}", test)


_add_tests()

if __name__ == "__main__":
    unittest.main()
