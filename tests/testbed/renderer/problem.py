"""What the data plane cannot express."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """An object of the config API, and the part of it that packets will not follow."""

    object: str  # "floating-ip default-domain:shop:…"
    reason: str

    def __str__(self):
        return f"{self.object}: {self.reason}"


class Inexpressible(ValueError):
    """A value that cannot become a row; the text is the reason of a Problem."""
