"""Each rule's scenario once more, on a real API server: the same steps lead to the same graph."""

import os
import re
import unittest

import scenarios
from liar import Liar
from rig import ACCOUNT, BIN, SystemTest, eventually
from scenarios.other_client import OtherClient

_GRAPH = os.path.join(os.path.dirname(os.path.realpath(BIN)), "tests", "scenario-graph")
# These are played in memory alone.
NOT_HERE = {
    "2.13-big-policies": "who shares a rule, and how long it is, depends on the Namespace's name, which is another here",
    "2.16-creation-order": "an API server takes no Pod before its Namespace",
    "2.6b-nothing-reserved": "the first address of the range is the API server's own",
    "3.5g-without-selector": "likewise",
    "3.6c-named-ports": "an API server says itself when an object was created",
    "4.12-address-changes": "a ClusterIP does not change",
    "4.5-load-balancers": "which address a Service gets depends on its UID; test_load_balancer.py has these",
    "4.5b-load-balancer-class": "likewise",
    "4.5d-load-balancer-release": "likewise",
    "4.3-address-cool-down": "time would have to stand still",
    "5.1-ranges": "an API server gives out no ClusterIP beyond its range",
    "5.2-reserved-addresses": "nor those that it keeps",
    "5.3-claims": "an API server says itself when an object was created",
    "5.3b-address-limit": "likewise",
    "5.3c-chosen-addresses": "Namespaces have other names here",
    "5.3d-address-texts": "an API server of today takes no such texts",
    "5.5-exhausted": "an address rests for longer than a test waits",
    "6.10-orphans": "time would have to stand still",
    "6.12-take-over": "a cluster stays itself",
    "6.3b-adopted-machines": "a Pod's UID is known once it is there",
}
# Every cluster has it, and says that it gets nothing (rule 3.5); no scenario that is played here knows it.
_API_SERVICE = ("Service", "default/kubernetes")
# In memory time passes until a fight is forgotten. Here it lasts: its audits are moments apart.
_FIGHTS = {"6.9-drift-deleted": "Service shop/web: OverwrittenByOthers"}
_SECONDS = 30  # for each step
_LISTED = {"namespaces": "namespaces", "pods": "pods", "services": "services", "slices": "endpointslices"}
_BASE = """\
api-server: 127.0.0.1
api-port: {api_port}
listen-http: 127.0.0.1:{http_port}
listen-state: 127.0.0.1:{state_port}
retry-delay-max: 1s
audit-interval: 250ms
"""


class _Scenarios(SystemTest):
    """One controller and one config API for each."""

    manifests = "rbac"
    policy = False  # others write the annotation here
    liar = None  # between the controller and the API server, where lists are to show what is not so

    def write_config(self, text=None):
        base = _BASE.format(**self.ports())
        return super().write_config(text or base + "".join(self.player.outward(line) + "\n"
                                                           for line in self.scenario.config))

    def problems(self):
        """What the controller reports of users' objects: "Kind ns/name" → reasons."""
        fight = self.player.outward(_FIGHTS.get(self.scenario.name, ""))
        if not (self.controller and self.controller.running()):
            return {}
        status, state = self.get("/state?full")
        out = {}
        for problem in [*state["problems"], *state["notices"]] if status == 200 else []:
            if (problem["kind"], problem["object"]) == _API_SERVICE:
                continue
            who = f"{problem['kind']} {problem['object']}"
            if f"{who}: {problem['reason']}" != fight:
                out.setdefault(who, []).append(problem["reason"])
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
            self.begin(*words)
        elif verb == "stop":
            self.controller.kill()
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
        elif verb == "lie":
            self.liar.hide(_LISTED[words[0]], int(words[1]) if words[1:] else 1)
        elif verb == "relist":
            self.relist(_LISTED[words[0]])
        elif verb == "unseen":
            self.liar.blind(_LISTED[f"{words[0]}s"])
            self.player.perform(f"delete {' '.join(words)}")
        elif verb == "cut":
            self.api.control("down", {}, "POST")
        elif verb == "mend":
            self.api.control("up", {}, "POST")
        else:
            raise NotImplementedError(command)

    def relist(self, kind):
        """It is listed, and once more if that was a lie."""
        lists = self.liar.listed[kind] + 1 + self.liar.hides(kind)
        self.liar.relist(kind)
        eventually(lambda: self.liar.listed[kind] >= lists, self.controller.output)

    def start_controller(self, *arguments, kubeconfig=None):
        if self.liar and kubeconfig is None:
            kubeconfig = self.path("through")
            self.liar.write_kubeconfig(kubeconfig, self.cluster, ACCOUNT)
        return super().start_controller(*arguments, kubeconfig=kubeconfig)

    def begin(self, *flags):
        """The controller starts, and does what is to be done already."""
        self.start_controller(*flags)
        self.wait_ready()
        self.wait_audit()
        self.player.begin()

    def play(self, scenario, number):
        """Step by step; each must come to the graph that its file expects, and stay there."""
        self.scenario = scenario
        self.player = scenarios.Player(scenario, number, self.cluster.api, OtherClient(self.api.url, self.api.control_url),
                                       _GRAPH)
        self.addCleanup(self.player.close)
        if scenario.lies():
            self.liar = Liar(self.cluster.server, self.cluster.ca_file)
            self.addCleanup(self.liar.stop)
        if not scenario.starts_the_controller():
            self.begin()
        for step, expected in zip(scenario.steps, scenario.graphs()):
            writes = len(self.api.writes())
            for command in step.commands:
                if not self.player.perform(command):
                    self.control(command)
            seen = {}

            def reached(expected=expected, seen=seen):
                seen.clear()
                seen.update(self.player.sight(self.problems()))
                return seen == expected

            eventually(reached, lambda step=step, expected=expected, seen=seen: _difference(step, expected, seen), _SECONDS)
            if self.liar:
                self.assertEqual([kind for kind in _LISTED.values() if self.liar.hides(kind)], [], "each lie was told")
            if step.is_silent() and self.at_work():
                self.wait_audit()
                self.wrote_nothing(writes, step.title)
        if self.at_work():
            self.stays(expected)

    def at_work(self):
        """Whether the controller could write."""
        return self.controller.running() and self.api.alive()

    def wrote_nothing(self, since, what=None):
        """No request but some about the scenario before."""
        written = [write for write in self.api.writes()[since:] if not self.player.is_of_another(write)]
        self.assertEqual(written, [], what)

    def stays(self, expected):
        """An audit later there was nothing to write."""
        self.wait_audit()
        writes = len(self.api.writes())
        self.wait_audit()
        self.wrote_nothing(writes)
        self.assertEqual(self.player.sight(self.problems()), expected)


class Scenarios(_Scenarios):
    """Those of one family, which are nearly all."""


class TwoFamilies(_Scenarios):
    """Those that need a cluster with IPv4 and IPv6."""

    cluster_parameters = {"service_range": "10.254.0.0/16,fd00:20::/112"}


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
        where = TwoFamilies if scenario.has_two_families() else Scenarios
        setattr(where, f"test_{re.sub(r'[^a-z0-9]', '_', scenario.name)}", test)


_add_tests()

if __name__ == "__main__":
    unittest.main()
