"""One controller leads, the other one follows when the leader is killed, paused or stopped. The
config API never has two writers."""

import os
import unittest

from led import Instance, LeaderTest
from rig import ROOT

_HAND_OVERS = int(os.environ.get("KNM_HAND_OVERS") or 3)


class Leader(LeaderTest):
    """One instance leads, and another one is ready to follow."""

    def test_a_standby_is_ready_and_sends_no_request(self):
        self.assertFalse(self.second.leads())
        self.assertEqual(self.second.entrance.requests, 0)
        self.assertEqual(self.writers(), ["first"])
        controller = self.second.get("/state")[1]["controller"]
        self.assertEqual(controller["phase"], "standby: another instance is the leader")
        self.assertEqual(controller["leader_election"]["leader"], self.holder())
        self.assertNotEqual(controller["leader_election"]["identity"], self.holder())

    def test_a_killed_leader_has_a_successor(self):
        self.first.program.kill()
        self.assert_followed()

    def test_a_stopped_leader_releases_the_lease(self):
        self.assertEqual(self.first.program.stop(), 0)
        self.assertNotIn("leadership lost", self.first.program.output())
        self.assert_followed()

    def test_a_paused_leader_writes_nothing_when_it_goes_on(self):
        with self.first.program.halted():
            self.second.wait(self.second.leads)
            self.cause_a_write()
        self.assertEqual(self.first.program.wait(), 4, self.first.program.output()[-4000:])
        self.assertIn("leadership lost", self.first.program.output())
        self.assert_followed()

    def test_many_hand_overs_have_one_writer_at_a_time(self):
        names = ["first", "second"]
        leader, standby = self.first, self.second
        for turn in range(_HAND_OVERS):
            if turn % 10 == 9:
                leader.program.kill()  # the next one waits for the expiry
            else:
                self.assertEqual(leader.program.stop(), 0)
            leader = standby
            leader.wait(leader.leads)
            names.append(f"instance-{turn}")
            standby = Instance(names[-1], self)
            standby.wait(standby.ready)
            self.cause_a_write()
        self.assertEqual(self.writers(), names[:-1])

    def test_a_lease_that_cannot_be_read_makes_a_standby_unready(self):
        self.addCleanup(self.cluster.kubectl, "apply", "-k", os.path.join(ROOT, "manifests", "demo"))
        self.cluster.kubectl("delete", "role", "kube-network-manager", "-n", "kube-system")
        self.second.wait(lambda: "leader-election failed" in str(self.second.get("/readyz")[1]))
        self.assertEqual(self.first.program.wait(), 4, self.first.program.output()[-4000:])
        self.assertEqual(self.second.entrance.requests, 0)


if __name__ == "__main__":
    unittest.main()
