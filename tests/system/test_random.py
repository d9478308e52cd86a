"""Random clusters with random changes: whatever happened, what is there is what an independent oracle says.

    KNM_SEED=17 KNM_STEPS=40 python3 tests/system/test_random.py    # one seed again, or longer
"""

import os
import random
import time
import unittest

import oracle
from random_steps import NAMESPACES, RandomSteps
from rig import SystemTest, eventually

_SOAK = os.environ.get("KNM_SOAK")
_SEEDS = [int(os.environ["KNM_SEED"])] if os.environ.get("KNM_SEED") else range(1, 13 if _SOAK else 3)
_STEPS = int(os.environ.get("KNM_STEPS") or (120 if _SOAK else 35))
_FAULTS = ({"error-before": 0.1, "error-after": 0.1}, {"reset-before": 0.05, "reset-after": 0.05},
           {"half-answer": 0.1}, {"latency-ms": 20})


class RandomClusters(SystemTest):
    """Steps of all kinds, and now and then a look when all is quiet."""

    settings = oracle.Settings()

    def test_seeds(self):
        """Each on what the one before left behind."""
        for seed in _SEEDS:
            self.play(seed)

    def setUp(self):
        super().setUp()
        self.untouched = oracle.baseline(self.api)
        self.start_controller()
        self.restarts = []

    def play(self, seed):
        """One seed."""
        began = time.monotonic()
        chance = random.Random(seed)
        steps = RandomSteps(self.cluster.api, chance)
        for name in NAMESPACES:
            steps.make_namespace(name)
        looks = 0
        try:
            for _ in range(_STEPS):
                steps.step()
                self.disturb(chance, steps.log)
                if chance.random() < 0.3:
                    self.look()
                    looks += 1
            self.wait_namespaces()
            self.look()
            self.restarts_without_a_write()
        except AssertionError as error:
            story = "\n  ".join(steps.log)
            raise AssertionError(f"KNM_SEED={seed} KNM_STEPS={_STEPS}, after {looks} looks:\n  {story}\n{error}\n"
                                 f"{self.controller.output()[-3000:]}") from error
        print(f"\n  seed {seed}: {_STEPS} steps, {looks} looks, {len(self.restarts)} restarts so far, "
              f"{len(self.untouched ^ oracle.baseline(self.api))} objects at the end, {time.monotonic() - began:.0f} s")

    def disturb(self, chance, log):
        """The controller ends, or the config API fails for a while."""
        what = chance.random()
        if what < 0.08:
            log.append("the controller is stopped")
            eventually(lambda: "starting" in self.controller.output(), "it hears signals")
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
        """A new start."""
        self.restarts.append(self.controller)
        self.start_controller()

    def look(self):
        """Without faults from now on: cluster and controller come to rest, and nothing is amiss."""
        self.api.control("faults", method="DELETE")
        found = ["nobody looked yet"]

        def good():
            found[:] = self.amiss()
            return not found
        eventually(good, lambda: "\n  ".join(["as the oracle says:", *found]), 60)

    def amiss(self):
        """What is not as it must be, or still moves."""
        before = oracle.Snapshot(self.cluster.api)
        if moving := before.at_rest():
            return [moving]
        if not self.settled():
            return ["the controller has something to do"]
        try:
            said = oracle.complaints(before, self.api, self.settings, self.untouched)
        except KeyError as error:
            said = [f"a cluster that cannot be, for it moves: {error!r}"]
        if said and oracle.Snapshot(self.cluster.api).versions() != before.versions():
            return ["the cluster moves", *said]
        return said

    def wait_namespaces(self):
        """Those that were deleted take their time."""
        eventually(lambda: not any("deletionTimestamp" in item["metadata"] for item in
                                   oracle.Snapshot(self.cluster.api).namespaces.values()), "no Namespace is on its way out")

    def restarts_without_a_write(self):
        """What a new start finds is what it wants."""
        self.assertEqual(self.controller.stop(), 0)
        before = len(self.api.writes())
        self.begin_again()
        self.wait_ready()
        self.look()
        self.assertEqual(self.api.writes()[before:], [])


if __name__ == "__main__":
    unittest.main()
