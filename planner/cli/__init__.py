"""Headless commands, and the way into the screen."""

from planner.cli.running import main, run

__all__ = ["main", "run"]
