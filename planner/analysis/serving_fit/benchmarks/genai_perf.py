"""genai-perf: its profile_export_genai_perf.json."""

from planner.analysis.serving_fit.benchmarks.json_values import Table
from planner.analysis.serving_fit.benchmarks.run import Run
from planner.analysis.serving_fit.benchmarks.unit_metrics import measured, metrics_of

NAME = "genai-perf"


def reads(table: Table) -> bool:
    """Say whether a table is from this client: metrics with units, and the run's settings."""
    return bool(metrics_of(table))


def runs(table: Table) -> list[Run]:
    """Return the one run of a table."""
    return [measured(table)]
