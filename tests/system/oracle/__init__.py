"""An independent judge: what must be in the config API and be said in Events, by the words of docs/object-model.md and
docs/events.md, and whether it is. It sees what kubectl sees and what a GET of the config API gives, and nothing else."""

from .chronicle import Chronicle
from .cluster import Snapshot
from .events import Events, counted
from .judge import Judgement, baseline, complaints
from .problems import by_reason
from .settings import Settings

__all__ = ["Chronicle", "Events", "Judgement", "Settings", "Snapshot", "baseline", "by_reason", "complaints", "counted"]
