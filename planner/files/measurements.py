"""Files of measurements: the table of serving measurements, and what load clients write."""

from pathlib import Path

from planner.files.bounds import read_text

LARGEST_BYTES = 50_000_000


def measurements(path: Path) -> str:
    """Return the text of a file of measurements; raise ScenarioError in words where it can't be read."""
    return read_text(path, noun="a table", most_bytes=LARGEST_BYTES).removeprefix("\ufeff")
