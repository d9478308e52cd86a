"""What decoding and storing the Pods of a list takes: instructions by callgrind, and the bytes that a Pod keeps.
The Pod in data/ is written by client-go/fill --sample."""

import pathlib

from benchlib import callgrind, paths

PODS = 500


def measure():
    """{figure: value for one Pod}."""
    command = [paths.program("bench-decoding"), pathlib.Path(__file__).with_name("data"), PODS]
    result, instructions = callgrind.count(command)
    return {**{f"{label} instructions": count // PODS for label, count in sorted(instructions.items())},
            "kept bytes": result["kept_bytes"] // PODS}
