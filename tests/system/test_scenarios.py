"""Plays the scenarios of the rules on a real API server: the same steps lead to the same graph."""

import os
import re
import unittest

import scenarios
from rig import ACCOUNT, BIN, SystemTest, eventually
from faults.liar import Liar
from scenarios.other_client import OtherClient

_GRAPH = os.path.join(os.path.dirname(os.path.realpath(BIN)), "tests", "scenario-graph")
# These scenarios are played in memory only.
NOT_HERE = {
    "2.13-big-policies": "the length of the rules depends on the name of the Namespace, which is another one here",
    "2.16-creation-order": "an API server accepts no Pod before its Namespace",
    "2.6b-nothing-reserved": "the API server has the first address of the range",
    "3.5g-without-selector": "the API server has the first address of the range",
    "3.6c-named-ports": "an API server sets the creation time of an object itself",
    "4.12-address-changes": "a ClusterIP does not change",
    "4.5-load-balancers": "the address of a Service depends on its UID; see test_load_balancer.py",
    "4.5b-load-balancer-class": "the address of a Service depends on its UID",
    "4.5d-load-balancer-release": "the address of a Service depends on its UID",
    "4.3-address-cool-down": "the scenario stops the clock",
    "5.1-ranges": "an API server assigns no ClusterIP outside its range",
    "5.2-reserved-addresses": "an API server assigns no reserved ClusterIP",
    "5.3-claims": "an API server sets the creation time of an object itself",
    "5.3b-address-limit": "an API server sets the creation time of an object itself",
    "5.3c-chosen-addresses": "Namespaces have other names here",
    "5.3d-address-texts": "a current API server accepts no such texts",
    "5.5-exhausted": "the address cool-down is longer than a test waits",
    "6.10-orphans": "the scenario stops the clock",
    "6.12-take-over": "the UID of the cluster cannot change here",
    "6.3b-adopted-machines": "the UID of a Pod is unknown before its creation",
}
# Every cluster has this Service, with the problem ServiceNotConnected (rule 3.5i). No scenario that
# is played here expects it.
_API_SERVICE = ("Service", "default/kubernetes")
# In memory, time passes until a fight is forgotten. Here the audits follow each other closely, so
# that it lasts.
_FIGHTS = {"6.9-drift-deleted": "Service shop/web: OverwrittenByOthers"}
_SECONDS = 30  # for each step
_LISTED = {"namespaces": "namespaces", "pods": "pods", "services": "services", "slices": "endpointslices"}
_BASE = """\
api-server: 127.0.0.1
api-port: {api_port}
listen-http: 127.0.0.1:{http_port}
listen-state: 127.0.0.1:{state_port}
retry-delay-max: 1s
api-notifications: false
audit-interval: 250ms
"""


class _Scenarios(SystemTest):
    """Each scenario has its own controller and config API."""

    manifests = "rbac"
    policy = False  # the scenarios write the annotation
    liar = None  # the proxy to the API server, for scenarios with false lists

    def write_config(self, text=None):
        base = _BASE.format(**self.ports())
        return super().write_config(text or base + "".join(self.player.outward(line) + "\n"
                                                           for line in self.scenario.config))

    def problems(self):
        """The problems and notices that the controller reports: "Kind ns/name" → reasons."""
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
        """The number of complete audits so far."""
        found = re.search(r'knm_audit_duration_seconds_count\{result="complete"\} (\d+)', str(self.get("/metrics")[1]))
        return int(found.group(1)) if found else 0

    def wait_audit(self):
        """Waits until a new audit has started and ended."""
        before = self.audits()
        eventually(lambda: self.audits() >= before + 2, self.controller.output)

    def control(self, command):
        """Carries out commands about the controller and about faults of the config API."""
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
        """Lists a kind again, until a true list has followed all false ones."""
        lists = self.liar.listed[kind] + 1 + self.liar.hides(kind)
        self.liar.relist(kind)
        eventually(lambda: self.liar.listed[kind] >= lists, self.controller.output)

    def start_controller(self, *arguments, kubeconfig=None):
        if self.liar and kubeconfig is None:
            kubeconfig = self.path("through")
            self.liar.write_kubeconfig(kubeconfig, self.cluster, ACCOUNT)
        return super().start_controller(*arguments, kubeconfig=kubeconfig)

    def begin(self, *flags):
        """Starts the controller, and waits for its first audit."""
        self.start_controller(*flags)
        self.wait_ready()
        self.wait_audit()
        self.player.begin()

    def play(self, scenario, number):
        """Plays a scenario. After each step the graph must be the expected one and stay so."""
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
                left = [kind for kind in _LISTED.values() if self.liar.hides(kind)]
                self.assertEqual(left, [], "each false list was sent")
            if step.is_silent() and self.at_work():
                self.wait_audit()
                self.wrote_nothing(writes, step.title)
        if self.at_work():
            self.stays(expected)

    def at_work(self):
        """Whether the controller runs and the config API answers."""
        return self.controller.running() and self.api.alive()

    def wrote_nothing(self, since, what=None):
        """Asserts that all writes since `since` are about former scenarios."""
        written = [write for write in self.api.writes()[since:] if not self.player.is_of_another(write)]
        self.assertEqual(written, [], what)

    def stays(self, expected):
        """Asserts that an audit writes nothing and leaves the graph unchanged."""
        self.wait_audit()
        writes = len(self.api.writes())
        self.wait_audit()
        self.wrote_nothing(writes)
        self.assertEqual(self.player.sight(self.problems()), expected)


class Scenarios(_Scenarios):
    """The scenarios with one address family: nearly all."""


class TwoFamilies(_Scenarios):
    """The scenarios that need a cluster with IPv4 and IPv6."""

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
