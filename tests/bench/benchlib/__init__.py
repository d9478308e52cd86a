"""Shared parts of the benchmarks: paths, instruction counts, plots, and the report in docs/."""
