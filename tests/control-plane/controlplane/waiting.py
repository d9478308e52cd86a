"""Waiting for a condition, up to a deadline."""

import time


def wait_for(condition, seconds, what):
    """Polls `condition()` until it is true and returns its value. After `seconds` it raises
    TimeoutError with `what` and the last value."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise TimeoutError(f"waited {seconds} s for {what}; last seen: {value!r}")
        time.sleep(0.05)
