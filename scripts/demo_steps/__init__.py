"""The demo, step by step: `scripts/demo` is its command line."""
