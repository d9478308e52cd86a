"""An independent judge: what must be in the config API, by the words of docs/object-model.md, and
whether it is. It sees what kubectl sees and what a GET of the config API gives, and nothing else."""

from .cluster import Snapshot  # noqa: F401  (what tests use)
from .judge import baseline, complaints  # noqa: F401
from .settings import Settings  # noqa: F401
from .wanted import Wanted  # noqa: F401

__all__ = ["Settings", "Snapshot", "Wanted", "baseline", "complaints"]
