"""Random clusters with random changes. The objects and reported problems must be as an
independent oracle computes them.

    KNM_SEED=17 KNM_STEPS=50 python3 tests/system/test_random.py    # one seed again, or longer
    KNM_SEED=17 python3 tests/system/test_random.py TwoFamilies     # in one of the worlds
"""

import collections
import datetime
import os
import random
import re
import time
import unittest

import oracle
from random_outside import OutsideSteps
from random_steps import RandomSteps
from random_world import ONE_FAMILY, TWO_FAMILIES
from rig import SystemTest, eventually

_SOAK = os.environ.get("KNM_SOAK")
_SEEDS = [int(os.environ["KNM_SEED"])] if os.environ.get("KNM_SEED") else range(1, 13 if _SOAK else 4)
_STEPS = int(os.environ.get("KNM_STEPS") or (120 if _SOAK else 50))
_FAULTS = ({"error-before": 0.1, "error-after": 0.1}, {"reset-before": 0.05, "reset-after": 0.05},
           {"half-answer": 0.1}, {"latency-ms": 20})
# The changes that a whole run must have made, and the observations that its checks must have made.
_DONE = {
    "a Namespace is deleted", "a Namespace is created", "a Namespace with a foreign project",
    "a Deployment", "a Deployment is scaled", "a Deployment is deleted", "a Pod",
    "a Pod is deleted", "a Pod moves", "a Pod uses", "a Pod's readiness", "a Pod ends",
    "a forged annotation", "a headless Service", "a LoadBalancer Service", "a manual Service",
    "a Service is deleted", "a Service changes", "a setting that the config API cannot express",
    "a request of a load-balancer address", "a forged status", "a status of another implementation",
    "an EndpointSlice by hand", "an external network is created", "an external network is deleted",
    "an external network of another owner", "a public address of another client"}
_SEEN = {
    "AccessPolicy", "GlobalPolicy", "policy of an external service",
    "policy on an external network", "load-balancer address", "external address", "Warning",
    "Warning NetworkClosed", "an address that lasted", "a Normal Event"}
_SEEN_OF_TWO = {"second ClusterIP", "second address of a Pod"}


class _Random(SystemTest):
    """Random changes of all kinds, and now and then a check once everything is at rest."""

    world = None
    policy = False  # the changes write the annotation

    def write_config(self, text=None):
        """Writes the configuration of the world."""
        return super().write_config(text or self.world.config(**self.ports()))

    def setUp(self):
        super().setUp()
        OutsideSteps.prepare(self.api)
        self.untouched = oracle.baseline(self.api)
        self.start_controller()
        self.restarts = []
        self.done, self.seen = collections.Counter(), collections.Counter()

    def play_seeds(self, done, seen):
        """Plays all seeds, each on the objects that the former left. Fails if a whole run lacks
        a change of `done` or an observation of `seen`."""
        for seed in _SEEDS:
            self.play(seed)
        if not os.environ.get("KNM_SEED") and not os.environ.get("KNM_STEPS"):
            self.assertFalse(done - self.done.keys(), "changes that were never made")
            self.assertFalse(seen - self.seen.keys(), "observations that were never made")

    def play(self, seed):
        """Plays one seed."""
        began = time.monotonic()
        chance = random.Random(seed)
        steps = RandomSteps(self.cluster.api, self.api, self.world, chance)
        self.chronicle, self.undisturbed = oracle.Chronicle(), False
        checks, peace = 0, False
        try:
            steps.begin()
            for _ in range(_STEPS):
                steps.step()
                self.chronicle.note(self.cluster.api, steps.take_foreign())
                if not peace:
                    self.disturb(chance, steps.log)
                if chance.random() < 0.3:
                    self.check()
                    checks, peace = checks + 1, chance.random() < 0.4
            self.wait_namespaces()
            self.check()
            # a Service that requests such an address asks for it again and again
            steps.others_go()
            self.chronicle.note(self.cluster.api, steps.take_foreign())
            self.check()
            self.restarts_without_a_write()
        except AssertionError as error:
            story = "\n  ".join(steps.log)
            raise AssertionError(f"KNM_SEED={seed} KNM_STEPS={_STEPS}, after {checks} checks:\n"
                                 f"  {story}\n{error}\n"
                                 f"{self.controller.output()[-3000:]}") from error
        self.done += steps.done
        self.seen += collections.Counter({"an address that lasted": self.chronicle.kept,
                                          "a Normal Event": self.chronicle.said})
        print(f"\n  seed {seed}: {_STEPS} steps, {checks} checks, "
              f"{len(self.restarts)} restarts so far, "
              f"{len(self.untouched ^ oracle.baseline(self.api))} objects at the end, {time.monotonic() - began:.0f} s\n"
              f"  done: {_shown(steps.done)}\n  seen so far: {_shown(self.seen)}")

    def disturb(self, chance, log):
        """Restarts the controller, or makes the config API fail for a while."""
        what = chance.random()
        self.undisturbed &= what >= 0.31
        if what < 0.08:
            log.append("the controller is stopped")
            eventually(lambda: "starting" in self.controller.output(),
                       "the controller handles signals")
            self.assertEqual(self.controller.stop(), 0)
            self.begin_again()
        elif what < 0.18:
            log.append("kill -9")
            self.controller.kill()
            self.begin_again()
        elif what < 0.28:
            faults = chance.choice(_FAULTS)
            log.append(f"faults: {faults}")
            self.api.control("faults", method="DELETE")
            self.api.control("faults", dict(faults, seed=chance.randrange(1000)), "PUT")
        elif what < 0.31:
            log.append("the config API is away")
            self.api.control("down", {"seconds": 1})
            eventually(lambda: self.api.alive(), "the config API is back")

    def begin_again(self):
        """Starts the controller again."""
        self.restarts.append(self.controller)
        self.start_controller()

    def check(self):
        """Ends all faults, and waits until cluster and controller are at rest and the oracle
        finds nothing amiss."""
        self.api.control("faults", method="DELETE")
        found = ["nothing was checked yet"]

        def good():
            found[:] = self.amiss()
            return not found
        eventually(good, lambda: "\n  ".join(["as the oracle says:", *found]), 60)
        self.chronicle.look(self.judgement)
        self.undisturbed = True
        self.seen += _seen(self.judgement)

    def amiss(self):
        """The complaints of the oracle, or what is not at rest yet."""
        before = oracle.Snapshot(self.cluster.api)
        if moving := before.at_rest():
            return [moving]
        if busy := self.busy() - {"conflict", "waiting", "backing_off"}:
            return [f"the controller has something to do: {busy}"]
        try:
            self.judgement = oracle.Judgement(before, self.api, self.world.settings, self.untouched)
        except KeyError as error:
            return [f"the snapshot is inconsistent, because the cluster changes: {error!r}"]
        if busy := self.busy() - self.judgement.meaning.outside.in_the_way():
            return [f"the controller has something to do: {busy}", *self.judgement.complaints]
        events = oracle.Events(self.cluster.api) if self.undisturbed else None
        said = self.judgement.complaints + self.chronicle.complaints(self.judgement, events)
        counted, right = oracle.counted(self.get("/metrics")[1]), oracle.by_reason(self.judgement.told)
        if counted != right:
            said.append(f"problems are counted as {counted}, not {dict(right)}: {self.judgement.told}")
        if said and oracle.Snapshot(self.cluster.api).versions() != before.versions():
            return ["the cluster changes", *said]
        return said

    def busy(self):
        """The entry states other than in sync that the controller has objects in."""
        found = re.findall(r'^knm_objects{state="([^"]+)".*} (\S+)$', str(self.get("/metrics")[1]), re.MULTILINE)
        return {state for state, number in found if state != "in_sync" and float(number)}

    def wait_namespaces(self):
        """Waits for the deletion of Namespaces, which takes a while."""
        eventually(lambda: not any("deletionTimestamp" in item["metadata"] for item in
                                   oracle.Snapshot(self.cluster.api).namespaces.values()), "no Namespace is terminating")

    def restarts_without_a_write(self):
        """A restarted controller writes no object. It reports every present problem once more,
        and nothing else."""
        self.assertEqual(self.controller.stop(), 0)
        before = len(self.api.writes())
        since = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        self.begin_again()
        self.wait_ready()
        self.check()
        eventually(lambda: not oracle.Events(self.cluster.api, since).missing(self.judgement.told),
                   lambda: "\n  ".join(oracle.Events(self.cluster.api, since).missing(self.judgement.told)), 20)
        self.assertEqual(oracle.Events(self.cluster.api, since).unfounded(self.judgement.told), [])
        self.assertEqual(self.api.writes()[before:], [])


class OneFamily(_Random):
    """A world with IPv4."""

    world = ONE_FAMILY

    def test_seeds(self):
        """The world has external networks and few public addresses."""
        self.play_seeds(_DONE, _SEEN)


class TwoFamilies(_Random):
    """A world with IPv4 and IPv6."""

    world = TWO_FAMILIES
    cluster_parameters = {"service_range": ",".join(TWO_FAMILIES.settings.service_ranges)}

    def test_seeds(self):
        """The world has second addresses too."""
        self.play_seeds(_DONE | {"a Service gets or loses a family"}, _SEEN | _SEEN_OF_TWO)


def _shown(counter):
    return ", ".join(f"{what} {count}" for what, count in sorted(counter.items()))


def _seen(judgement):
    """The observations of a check, counted."""
    out = collections.Counter(f"Warning {item.reason}" for item in judgement.told)
    out["Warning"] = len(judgement.told)
    others = judgement.meaning.outside.networks
    for (kind, name), fields in judgement.wanted.objects.items():
        what = fields["mark"].get("opencontrail.org/kind", "")
        out[what] += kind == "network-policy"
        out["second ClusterIP"] += kind == "floating-ip" and name.endswith(("_v4", "_v6"))
        out["second address of a Pod"] += kind == "instance-ip" and name.endswith("_v6")
        out["policy on an external network"] += name in others and bool(fields["policies"])
        out["policy of an external service"] += what == "AccessPolicy" and any(
            target in others for _, target, _ in fields.get("rules", ()))
        out["external address"] += name.startswith("public address")
    balanced = sum(len(judgement.meaning.ingress(service)) for service in judgement.meaning.services.values())
    out["load-balancer address"], out["external address"] = balanced, out["external address"] - balanced
    return +out


if __name__ == "__main__":
    unittest.main()
