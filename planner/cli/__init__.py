"""Headless commands, and the way into the screen."""

from planner.cli.run import main, run

__all__ = ["main", "run"]
