"""llama-bench: one object for each test; llama.cpp is an engine that the model does not know."""

from planner.analysis.serving_fit.benchmarks.json_values import Table
from planner.analysis.serving_fit.benchmarks.run import Run

NAME = "llama-bench"


def reads(table: Table) -> bool:
    """Say whether a table is a test of this client."""
    return {"n_prompt", "n_gen", "avg_ts"} <= table.keys()


def runs(table: Table) -> list[Run]:
    """Return the test, which is like no row of the serving table."""
    return [
        Run(unlike=f"{table.get('model_filename') or 'it'} ran in llama.cpp, which is no engine of the model")
    ]
