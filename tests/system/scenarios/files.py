"""Reads scenario files; tests/scenarios/scenario.hpp describes them."""

import dataclasses
import glob
import os
import shlex

_RULES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scenarios", "rules")
_EXPECTED = ("+ ", "- ", "cut for a while:", "writes:")


@dataclasses.dataclass
class Step:
    """The commands of a step, and the lines that it adds to the graph and removes from it."""

    title: str
    commands: list = dataclasses.field(default_factory=list)
    changes: list = dataclasses.field(default_factory=list)
    writes_nothing: bool = False

    def is_silent(self):
        """Whether neither the controller nor another client writes to the config API in this
        step."""
        return self.writes_nothing and not any(command.startswith("foreign ") for command in self.commands)


@dataclasses.dataclass
class Scenario:
    """One scenario file."""

    name: str
    config: list = dataclasses.field(default_factory=list)
    in_full: bool = False
    steps: list = dataclasses.field(default_factory=list)

    def graphs(self):
        """The expected graph after each step: object → text."""
        graph = {}
        for step in self.steps:
            for line in step.changes:
                key, _, text = line[2:].partition(": ")
                if line[0] == "-":
                    del graph[key]
                else:
                    graph[key] = text
            yield dict(graph)

    def has_two_families(self):
        """Whether Services have IPv4 and IPv6 addresses."""
        return any(line.startswith("service-cluster-ip-range: ") and "::" in line for line in self.config)

    def lies(self):
        """Whether a command makes lists or watches of Kubernetes show a false state."""
        return any(command.split()[0] in ("lie", "relist", "unseen") for step in self.steps for command in step.commands)

    def starts_the_controller(self):
        """Whether a command starts the controller. Otherwise it runs from the beginning, also if
        the first command stops it."""
        verbs = (command.split()[0] for step in self.steps for command in step.commands)
        return next((verb for verb in verbs if verb in ("start", "stop")), None) == "start"


def words_of(command):
    """Splits a command at blanks outside of '…'."""
    lexer = shlex.shlex(command, posix=True)
    lexer.whitespace_split, lexer.quotes, lexer.escape, lexer.commenters = True, "'", "", ""
    return list(lexer)


def read(path):
    """Reads one file."""
    out = Scenario(os.path.basename(path).removesuffix(".scenario"))
    with open(path, encoding="utf-8") as lines:
        for line in map(str.rstrip, lines):
            if line.startswith("step "):
                out.steps.append(Step(line.removeprefix("step ").removeprefix("in order ")))
            elif out.steps and line.strip():
                step, text = out.steps[-1], line.strip()
                if not text.startswith(_EXPECTED):
                    step.commands.append(text)
                elif text[0] in "+-":
                    step.changes.append(text)
                elif text == "writes: none":
                    step.writes_nothing = True
            elif line.startswith("config "):
                out.config.append(line.removeprefix("config "))
            elif line == "in full":
                out.in_full = True
    return out


def load():
    """All scenarios, by name."""
    return [read(path) for path in sorted(glob.glob(os.path.join(_RULES, "*.scenario")))]
