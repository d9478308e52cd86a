"""Where the benchmarks find programs and leave their results."""

import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[3]
RESULTS = ROOT / "docs" / "benchmarks"
REPORT = ROOT / "docs" / "benchmarks.md"

# Another build tree than that of `make build`, for trying things out.
BUILD = pathlib.Path(os.environ.get("KNM_BENCH_BUILD", ROOT / "build" / "release"))


def program(name):
    """A program that the build made, in bin/ or, where it is only for tests, in tests/."""
    for folder in ("bin", "tests"):
        path = BUILD / folder / name
        if path.is_file():
            return path
    raise SystemExit(f"{name} is not built in {BUILD}: run scripts/build release {name}")
