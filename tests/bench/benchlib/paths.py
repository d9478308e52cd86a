"""The paths of the programs and the results of the benchmarks."""

import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[3]
RESULTS = ROOT / "docs" / "benchmarks"
REPORT = ROOT / "docs" / "benchmarks.md"

# Selects another build tree than that of `make build`, for experiments.
BUILD = pathlib.Path(os.environ.get("KNM_BENCH_BUILD", ROOT / "build" / "release"))


def program(name):
    """The path of a built program, in bin/ or, for test programs, in tests/."""
    for folder in ("bin", "tests"):
        path = BUILD / folder / name
        if path.is_file():
            return path
    raise SystemExit(f"{name} is not built in {BUILD}: run scripts/build release {name}")
