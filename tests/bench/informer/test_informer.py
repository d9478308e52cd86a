"""The informer benchmark itself, with few objects: both clients see the same on a real kube-apiserver and on the replay
server, the recording is complete, and goals are judged as they should be."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from benchlib import paths, plot  # noqa: E402
from benchlib.servers import call, running  # noqa: E402
import recording  # noqa: E402
import results  # noqa: E402
import rounds  # noqa: E402
from rounds import CLIENT_GO, OURS, TRANSPORT, Case  # noqa: E402

SIZES = {"pods": 40, "services": 6}
CHANGES = (10, 30)


class Clients(unittest.TestCase):
    """On one cluster, and on one recording of it."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.cluster = cls.enterClassContext(recording.filled_cluster(SIZES))
        cls.on_apiserver = {case: rounds.run(case, cls.cluster.kubeconfig) for case in rounds.APISERVER_CASES}
        recording.record(cls.cluster, SIZES, cls.folder)

    def replay(self, case, changes=(0, 0)):
        """The phases of a run on the replay server."""
        with running(paths.program("bench-replay"), self.folder) as server:
            kubeconfig = self.folder / "kubeconfig"
            rounds.write_kubeconfig(kubeconfig, server)
            return rounds.run(case, kubeconfig, server, changes)

    def test_all_clients_see_the_same_objects(self):
        seen = {case.name: phases["synced"]["objects"] for case, phases in self.on_apiserver.items()
                if case.client != TRANSPORT}
        expected = {"pods": 40, "services": 7, "endpointslices": 7, "namespaces": 24}  # with the cluster's own
        self.assertEqual(seen, dict.fromkeys(seen, expected))
        for case in rounds.CASES:
            if case.client != TRANSPORT:
                with self.subTest(case.name):
                    self.assertEqual(self.replay(case)["synced"]["objects"], expected)

    def test_the_transport_reads_all_that_the_informers_read(self):
        for encoding in ("protobuf", "json"):
            with self.subTest(encoding):
                ours = self.replay(Case(OURS, "list", encoding))["synced"]
                transport = self.replay(Case(TRANSPORT, "list", encoding))["synced"]
                self.assertEqual(transport["bytes"], ours["bytes"])
                self.assertGreater(transport["bytes"], SIZES["pods"] * 7_000)

    def test_a_recorded_stream_ends_with_the_bookmark(self):
        for ending in recording.TYPES:
            body = (self.folder / f"pods.stream.{ending}").read_bytes()
            self.assertEqual(body.count(b"k8s.io/initial-events-end"), 1)
            self.assertIn(b"k8s.io/initial-events-end", body[-300:])

    def test_every_change_is_handled_after_it_was_sent(self):
        for case in (Case(OURS, "list"), Case(CLIENT_GO, "list"), Case(CLIENT_GO, "stream"), Case(OURS, "stream"),
                     Case(OURS, "list", "json")):
            with self.subTest(case.name):
                phases = self.replay(case, CHANGES)
                handled, sent = phases["paced"]["handled_at"], phases["sent_at"]
                self.assertEqual((len(handled), len(sent)), (CHANGES[0], CHANGES[0]))
                self.assertEqual([number for number, pair in enumerate(zip(sent, handled)) if pair[0] > pair[1]], [])
                figures = rounds.figures_of(phases, CHANGES)
                for key in ("paced_cpu_us", "burst_cpu_us", "delay_p50_us", "peak_mb", "steady_mb"):
                    self.assertGreater(figures[key], 0, key)

    def test_a_recording_cut_inside_a_change_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            whole = (self.folder / "pods.changes.pb").read_bytes()
            pathlib.Path(folder, "pods.changes.pb").write_bytes(whole[:-1])
            done = subprocess.run([paths.program("bench-replay"), folder], capture_output=True, text=True, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("ends inside a chunk", done.stderr)

    def test_a_transport_without_an_answer_is_no_result(self):
        with tempfile.TemporaryDirectory() as empty, running(paths.program("bench-replay"), empty) as server:
            kubeconfig = pathlib.Path(empty, "kubeconfig")
            rounds.write_kubeconfig(kubeconfig, server)
            for mode in ("list", "stream"):
                done = subprocess.run(Case(TRANSPORT, mode).command(kubeconfig, (0, 0)), capture_output=True, text=True,
                                      check=False)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertIn("the server answered 404", done.stderr)

    def test_more_changes_than_recorded_are_refused(self):
        with running(paths.program("bench-replay"), self.folder) as server:
            kubeconfig = self.folder / "kubeconfig"
            rounds.write_kubeconfig(kubeconfig, server)
            with subprocess.Popen(Case(OURS, "list").command(kubeconfig, (41, 0)), stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL) as client:
                with self.assertRaises(OSError):
                    call(f"{server}/_control/changes?count=41&rate=0", "POST")
                client.terminate()

    def test_a_client_that_misses_pods_is_no_result(self):
        with self.assertRaisesRegex(SystemExit, "saw"):
            rounds.measure(Case(OURS, "list"), self.cluster.kubeconfig, {"pods": 41})


def figures(ours, theirs, transport):
    """Figures of all clients, each the same for all measures."""
    keys = results.COLUMNS.keys()
    values = {OURS: ours, CLIENT_GO: theirs, TRANSPORT: transport}
    of_case = {case.name: {key: {"least": values[case.client], "median": values[case.client]} for key in keys}
               for case in rounds.APISERVER_CASES}
    return {"apiserver": of_case, "replay": of_case}


class Results(unittest.TestCase):
    """Without any server."""

    PER_POD = {"kept bytes": 250, "protobuf instructions": 12_000, "json instructions": 150_000}

    def test_goals_are_kept_at_their_limits(self):
        goals = results.judge(figures(1, 12, 1), self.PER_POD)
        self.assertTrue(goals.kept)

    def test_each_goal_can_be_missed(self):
        goals = results.judge(figures(18, 18, 10), {key: value + 1 for key, value in self.PER_POD.items()})
        self.assertEqual([row["what"] for row in goals.rows if row["kept"]], [])

    def test_the_best_setting_of_a_client_counts(self):
        some = figures(1, 20, 1)["apiserver"]
        some[f"{CLIENT_GO}, stream, protobuf"] = {"sync_cpu_s": {"least": 3, "median": 30}}
        self.assertEqual(results.best(some, CLIENT_GO, "protobuf", "sync_cpu_s"), ("stream", 3))

    def test_rounds_are_summed_up(self):
        raw = {"a": [{"sync_s": 3}, {"sync_s": 1}, {"sync_s": 2}]}
        self.assertEqual(rounds.summary(raw), {"a": {"sync_s": {"least": 1, "median": 2}}})

    def test_bars_are_as_long_as_their_values(self):
        svg = plot.bars("title", "seconds", {"one": 1, "two": 2})
        self.assertIn('width="168.0"', svg)  # of 420 for the top of the scale, 2.5
        self.assertIn('width="336.0"', svg)


if __name__ == "__main__":
    unittest.main()
