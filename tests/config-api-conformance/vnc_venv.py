#!/usr/bin/env python3
"""Makes the Python environment of the public client vnc_api, once. As a program it prints its
interpreter."""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "control-plane"))
from controlplane import environment  # noqa: E402  (needs the path above)

REQUIREMENTS = HERE / "vnc-requirements.txt"


def ensure():
    """Builds the environment if it is missing, and returns its interpreter."""
    return environment.ensure(REQUIREMENTS, "vnc-api") / "python"


if __name__ == "__main__":
    print(ensure())
