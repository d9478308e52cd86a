"""Plays the scenario files of tests/scenarios/rules on a real API server."""

from .files import Scenario, load
from .player import Player

__all__ = ["Player", "Scenario", "load"]
