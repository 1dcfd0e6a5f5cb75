"""Read files of measurements: tables of serving measurements, and the output of load clients."""

from pathlib import Path

from planner.files.bounds import read_text

LARGEST_BYTES = 50_000_000


def measurements(path: Path) -> str:
    """Return the text of a file of measurements; raise ScenarioError if it can't be read."""
    return read_text(path, noun="a table", most_bytes=LARGEST_BYTES).removeprefix("\ufeff")
