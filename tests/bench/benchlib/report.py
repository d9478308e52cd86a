"""The results: a JSON file for each benchmark, plots, and tables between marks in docs/benchmarks.md."""

import json
import os
import platform
import re

from benchlib import paths


def machine():
    """The machine that the results come from."""
    model = "unknown processor"
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        for line in info:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return {"processor": model, "cores": os.cpu_count(), "kernel": platform.release()}


def write_json(name, result):
    """Writes a result to docs/benchmarks/NAME.json."""
    paths.RESULTS.mkdir(parents=True, exist_ok=True)
    text = json.dumps(result, indent=2, ensure_ascii=False)
    (paths.RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def write_plot(name, svg):
    """Writes a plot to docs/benchmarks/NAME.svg."""
    paths.RESULTS.mkdir(parents=True, exist_ok=True)
    (paths.RESULTS / f"{name}.svg").write_text(svg, encoding="utf-8")


def table(header, rows):
    """A Markdown table. Every column but the first is right-aligned."""
    lines = ["| " + " | ".join(header) + " |", "|---" + "|---:" * (len(header) - 1) + "|"]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join(lines)


def fill(mark, text):
    """Replaces the text between <!-- MARK --> and <!-- /MARK --> of docs/benchmarks.md."""
    page = paths.REPORT.read_text(encoding="utf-8")
    between = re.compile(rf"(<!-- {mark} -->\n).*?(<!-- /{mark} -->)", re.DOTALL)
    if not between.search(page):
        raise SystemExit(f"{paths.REPORT} has no place marked {mark}")
    page = between.sub(lambda found: f"{found[1]}{text}\n{found[2]}", page)
    paths.REPORT.write_text(page, encoding="utf-8")


class Goals:
    """Figures with limits, and whether each limit is met."""

    def __init__(self):
        self.rows = []

    def at_most(self, what, value, limit, unit=""):
        """Records and prints a figure that must not exceed its limit."""
        kept = value <= limit
        self.rows.append({"what": what, "value": value, "limit": limit, "unit": unit, "kept": kept})
        print(f"  {'ok    ' if kept else 'MISSED'} {what}: {value:,.4g}{unit} (at most {limit:,.4g}{unit})")

    @property
    def kept(self):
        """Whether all limits are met."""
        return all(row["kept"] for row in self.rows)

    def table(self):
        """The figures as a Markdown table."""
        rows = [
            (row["what"], f"{row['value']:,.4g}{row['unit']}", f"{row['limit']:,.4g}{row['unit']}",
             "yes" if row["kept"] else "**no**")
            for row in self.rows
        ]
        return table(("figure", "measured", "at most", "kept"), rows)
