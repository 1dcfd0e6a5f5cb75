"""What a file that is to be read into a plan is, told by what it holds: a benchmark, a ledger, a bill, else a usage log."""

from pathlib import Path

from planner.analysis.serving_fit.benchmarks import read_benchmark
from planner.errors import ScenarioError
from planner.files.bounds import read_text
from planner.usage.booked import LEDGER, booked_form
from planner.usage.containers import PARQUET, LogFile, head, sources

BENCHMARK, BOOKED_LEDGER, BILL, LOG = "benchmark", "ledger", "bill", "log"
LARGEST_WHOLE_BYTES = 20_000_000  # read whole in a fraction of a second; larger is a log, or has lines


def kind_of(path: Path) -> str:
    """Return BENCHMARK, BOOKED_LEDGER, BILL or LOG; of a folder or an archive, what its first file is.

    Whatever is none of the others may be a log: reading it tells. Raises ScenarioError in words where there is nothing
    that could be read.
    """
    first, *_ = sources([path])
    if head(first).startswith(PARQUET):
        return LOG
    if form := booked_form(first):
        return BOOKED_LEDGER if form == LEDGER else BILL
    return BENCHMARK if _is_benchmark(first) else LOG


def _is_benchmark(source: LogFile) -> bool:
    """Whether the first lines of a file, or all of one that is not in lines, are in the shape of a benchmark."""
    if source.plain is None:
        return False
    sample = head(source).decode("utf-8", "replace").lstrip("\ufeff")
    whole_lines, _, _ = sample.rpartition("\n")
    if len(sample.encode()) >= source.size or _reads(whole_lines):
        return _reads(sample)
    if not sample.startswith(("{", "[")) or source.size > LARGEST_WHOLE_BYTES:
        return False
    return _reads(read_text(source.plain, most_bytes=LARGEST_WHOLE_BYTES))


def _reads(text: str) -> bool:
    try:
        read_benchmark(text)
    except ScenarioError:
        return False
    return True
