"""Scenario files, as tests/scenarios/scenario.hpp describes them."""

import dataclasses
import glob
import os
import shlex

_RULES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scenarios", "rules")
_EXPECTED = ("+ ", "- ", "cut for a while:", "writes:")


@dataclasses.dataclass
class Step:
    """Commands, and the lines that come and go in the graph."""

    title: str
    commands: list = dataclasses.field(default_factory=list)
    changes: list = dataclasses.field(default_factory=list)
    writes_nothing: bool = False

    def is_silent(self):
        """Whether nobody writes to the config API."""
        return self.writes_nothing and not any(command.startswith("foreign ") for command in self.commands)


@dataclasses.dataclass
class Scenario:
    """One file."""

    name: str
    config: list = dataclasses.field(default_factory=list)
    in_full: bool = False
    steps: list = dataclasses.field(default_factory=list)

    def graphs(self):
        """The whole graph that is expected after each step: object → text."""
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
        """Whether Services have addresses of IPv4 and of IPv6."""
        return any(line.startswith("service-cluster-ip-range: ") and "::" in line for line in self.config)

    def lies(self):
        """Whether lists or watches of Kubernetes are to show what is not so."""
        return any(command.split()[0] in ("lie", "relist", "unseen") for step in self.steps for command in step.commands)

    def starts_the_controller(self):
        """Whether a command does; otherwise it runs from the beginning, also where it is stopped first."""
        verbs = (command.split()[0] for step in self.steps for command in step.commands)
        return next((verb for verb in verbs if verb in ("start", "stop")), None) == "start"


def words_of(command):
    """Split at blanks; '…' holds them together."""
    lexer = shlex.shlex(command, posix=True)
    lexer.whitespace_split, lexer.quotes, lexer.escape, lexer.commenters = True, "'", "", ""
    return list(lexer)


def read(path):
    """One of them."""
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
    """All, by name."""
    return [read(path) for path in sorted(glob.glob(os.path.join(_RULES, "*.scenario")))]
