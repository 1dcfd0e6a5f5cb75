"""llama-bench: one object per test; the serving model doesn't cover llama.cpp."""

from planner.analysis.serving_fit.benchmarks.json_values import Table
from planner.analysis.serving_fit.benchmarks.run import Run

NAME = "llama-bench"


def reads(table: Table) -> bool:
    """Say whether a table is a test of this client."""
    return {"n_prompt", "n_gen", "avg_ts"} <= table.keys()


def runs(table: Table) -> list[Run]:
    """Return the test, which has no equivalent in the serving table."""
    return [
        Run(unlike=f"{table.get('model_filename') or 'it'} ran in llama.cpp, which is no engine of the model")
    ]
