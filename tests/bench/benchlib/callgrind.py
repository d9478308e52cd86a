"""Counts instructions. The counts do not depend on the machine or its load."""

import json
import pathlib
import re
import subprocess
import tempfile

# Counting starts later, on request.
SWITCHABLE = ["valgrind", "--quiet", "--tool=callgrind", "--instr-atstart=no"]
# The program says itself which of its parts count.
VALGRIND = [*SWITCHABLE, "--collect-atstart=no"]


# The lines with the inclusive cost of a call.
_CALL = re.compile(r"^cfn=\((\d+)\)(?: .*)?\n(?:c?f[ile]+=.*\n)*calls=.*\n\S+ (\d+)", re.MULTILINE)
_NAME = re.compile(r"^c?fn=\((\d+)\) (.+)$", re.MULTILINE)


def cost_of(text, function):
    """The inclusive cost of all functions whose name starts with `function`; None if the dump has none of them."""
    ids = {number for number, name in _NAME.findall(text) if name.startswith(function)}
    if not ids:
        return None
    return sum(int(cost) for number, cost in _CALL.findall(text) if number in ids)


def _dumps(command):
    """Runs a program that labels its counts. Returns its JSON output and {label: text of the dump}."""
    with tempfile.TemporaryDirectory(prefix="knm-bench-") as folder:
        out = pathlib.Path(folder, "callgrind.out")
        result = subprocess.run(
            [*VALGRIND, f"--callgrind-out-file={out}", *map(str, command)],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        dumps = {}
        for dump in sorted(pathlib.Path(folder).iterdir()):
            text = dump.read_text(errors="replace")
            label = re.search(r"^desc: Trigger: Client Request: (\S+)$", text, re.MULTILINE)
            if label:
                dumps[label[1]] = text
        return json.loads(result.stdout), dumps


def switchable(out):
    """The command that runs a program so that switch() works; its counts are written to the file `out` at its end."""
    return [*SWITCHABLE, f"--callgrind-out-file={out}"]


def switch(pid, on):
    """Begins or ends counting in a running program."""
    subprocess.run(["vgdb", f"--pid={pid}", "instrumentation", "on" if on else "off"], check=True, timeout=60,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def total(text):
    """The instructions in a dump."""
    return int(re.search(r"^totals: (\d+)", text, re.MULTILINE)[1])


def count(command):
    """Runs a program that labels its counts. Returns its JSON output and {label: instructions}."""
    result, dumps = _dumps(command)
    return result, {label: total(text) for label, text in dumps.items()}


def count_twice(command, aside):
    """Like count(), with a second count that excludes the calls of the function whose name starts with `aside`."""
    result, dumps = _dumps(command)
    costs = {label: cost_of(text, aside) for label, text in dumps.items()}
    if all(cost is None for cost in costs.values()):
        raise SystemExit(f"no dump knows the function {aside}: it has another name, or was inlined")
    everything = {label: total(text) for label, text in dumps.items()}
    return result, everything, {label: total - (costs[label] or 0) for label, total in everything.items()}
