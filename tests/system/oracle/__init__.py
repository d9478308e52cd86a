"""An independent oracle. It computes from docs/object-model.md and docs/events.md which config
objects and Events must exist, and compares. It reads only what kubectl and GET requests to the
config API show."""

from .chronicle import Chronicle
from .cluster import Snapshot
from .events import Events, counted
from .judge import Judgement, baseline, complaints
from .problems import by_reason
from .settings import Settings

__all__ = ["Chronicle", "Events", "Judgement", "Settings", "Snapshot", "baseline", "by_reason", "complaints", "counted"]
