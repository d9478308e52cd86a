"""Counting instructions: the same at every run on every machine, whatever else it does."""

import json
import pathlib
import re
import subprocess
import tempfile

VALGRIND = [
    "valgrind",
    "--quiet",
    "--tool=callgrind",
    # Nothing is counted until the program says so.
    "--instr-atstart=no",
    "--collect-atstart=no",
]


def count(command):
    """Runs a program that labels its counts. Returns its JSON output and {label: instructions}."""
    with tempfile.TemporaryDirectory(prefix="knm-bench-") as folder:
        out = pathlib.Path(folder, "callgrind.out")
        result = subprocess.run(
            [*VALGRIND, f"--callgrind-out-file={out}", *map(str, command)],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        counts = {}
        for dump in sorted(pathlib.Path(folder).iterdir()):
            text = dump.read_text(errors="replace")
            label = re.search(r"^desc: Trigger: Client Request: (\S+)$", text, re.MULTILINE)
            if label:
                counts[label[1]] = int(re.search(r"^totals: (\d+)", text, re.MULTILINE)[1])
        return json.loads(result.stdout), counts
