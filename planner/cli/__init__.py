"""Commands for the terminal and for scripts, and the entry point to the screen."""

from planner.cli.run import main, run

__all__ = ["main", "run"]
