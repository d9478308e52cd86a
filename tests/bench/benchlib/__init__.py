"""What the benchmarks share: where things are, counting instructions, plots, and the report in docs/."""
