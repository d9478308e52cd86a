"""An independent judge: what must be in the config API, by the words of docs/object-model.md, and
whether it is. It sees what kubectl sees and what a GET of the config API gives, and nothing else."""

from .cluster import Snapshot
from .judge import baseline, complaints
from .settings import Settings
from .wanted import Wanted

__all__ = ["Settings", "Snapshot", "Wanted", "baseline", "complaints"]
