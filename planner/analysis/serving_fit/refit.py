"""Refits the serving constants: `python -m planner.analysis.serving_fit.refit TABLE.csv [--write] [--validate]`.

Reads a table in the columns of published measurements, fits the constants by robust least squares on the logarithm
of predicted over measured, prints them with their spread, and can cross-validate by leaving out whole models and GPUs.
"""

import csv
import datetime as dt
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import click
import numpy as np

from planner.analysis.serving_fit.blockwise import sent_in_blocks, without_blocks
from planner.analysis.serving_fit.rows import Rows, read_rows, some_rows
from planner.analysis.serving_fit.table import Errors, errors_by_kind, predict
from planner.catalog.fitted import Constants, constants_from_values, constants_table
from planner.records import dataclass

# What a row's error weighs: throughput and time per token are what plans rest on; a first token depends on the client.
WEIGHTS = {
    ("offline_max", "throughput"): 1.0, ("closed_loop", "tpot"): 0.8, ("closed_loop", "ttft"): 0.35,
    ("static_batch", "throughput"): 0.5, ("prefill_bs1", "ttft"): 0.5,
    ("open_loop_qps", "ttft"): 0.5, ("open_loop_qps", "tpot"): 0.3,
    ("mlperf_offline", "throughput"): 0.5, ("mlperf_server", "throughput"): 0.5,
    ("mlperf_interactive", "throughput"): 0.5,
}  # fmt: skip
# Constants that only MLPerf rows tell: fitted after the rest, on those rows, which take a search each.
LATE = ("compute_share.amd", "bandwidth_share.cdna3", "submission_tuning", "service_level_slack")
LATE_KINDS = ("mlperf_offline", "mlperf_server", "mlperf_interactive")
OPEN_KINDS = ("open_loop_qps",)
SOFT = 0.1  # relative error beyond which a row counts less and less
_WORST = 3.0  # the log error of a row that is predicted not to fit
_PRIOR = 0.02  # how strongly a constant is held near its old value: enough that none runs off unmeasured
_STEP = 1e-3

Table = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Fit:
    """Fitted constants: all values by name, and the relative standard error of those that were fitted."""

    values: dict[str, float]
    spread: dict[str, float]


def refit(*, rows: Rows, table: Table, rounds: int = 20) -> Fit:
    """Return the constants fitted on rows, starting from a table's values and inside its bounds.

    First tokens that came in blocks are no first tokens; they are left out here, not where errors are counted.
    """
    rows = without_blocks(rows)
    late = np.isin(rows.kind, LATE_KINDS)
    early = fit_names(rows=_keep(rows, ~late), table=table, names=free_names(table), rounds=rounds)
    if not late.any():
        return early
    table = {name: {**row, "value": early.values[name]} for name, row in table.items()}
    last = fit_names(rows=_keep(rows, late), table=table, names=LATE, rounds=min(rounds, 8))
    return Fit(last.values, early.spread | last.spread)


def free_names(table: Table) -> tuple[str, ...]:
    """Return the constants that the bulk of rows can tell."""
    return tuple(
        n for n, row in table.items() if "same_as" not in row and "fixed" not in row and n not in LATE
    )


def fit_names(*, rows: Rows, table: Table, names: Sequence[str], rounds: int) -> Fit:
    """Return the table's constants with those of `names` fitted on rows."""
    from scipy.optimize import least_squares  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415  heavy, for developers

    start = _to_free(table, names)
    old = {name: float(row["value"]) for name, row in table.items()}

    def values_at(free: np.ndarray) -> dict[str, float]:
        values = old | _from_free(table, names, free)
        return values | {n: values[row["same_as"]] for n, row in table.items() if "same_as" in row}

    def misses(free: np.ndarray) -> np.ndarray:
        weighted = log_errors(rows, constants_from_values(values_at(free)))
        return np.concatenate([weighted, _PRIOR * (free - start)])

    found = least_squares(misses, start, loss="soft_l1", f_scale=SOFT, max_nfev=rounds, diff_step=_STEP)
    return Fit(
        values_at(found.x), _spreads(table, names, found.x, np.asarray(found.jac), np.asarray(found.fun))
    )


def log_errors(rows: Rows, constants: Constants) -> np.ndarray:
    """Return the weighted log errors of all measured metrics, shape (m,)."""
    found = predict(rows, constants=constants)
    parts = []
    for (kind, metric), weight in WEIGHTS.items():
        measured = rows.measured[metric]
        at = (rows.kind == kind) & (measured > 0)
        with np.errstate(invalid="ignore", divide="ignore"):
            error = np.log(found[metric][at] / measured[at])
        error = np.where(np.isfinite(error), error, -_WORST)
        parts.append(weight * np.clip(error, -_WORST, _WORST))
    return np.concatenate(parts)


def left_out(
    *, rows: Rows, table: Table, groups: np.ndarray, rounds: int, say: Callable[[str], None] = lambda _: None,
    disturb: float = 0.0,
) -> tuple[Errors, ...]:  # fmt: skip
    """Return the errors on each group (a model, a GPU) of a fit that never saw it.

    A fit starts near the table's values, which have seen the group: `disturb` them, and give the fit rounds enough,
    to know what it finds by itself.
    """
    rng = np.random.default_rng(0)
    early = free_names(table)
    single = without_blocks(rows)
    found = {metric: np.full(rows.kind.shape, np.nan) for metric in rows.measured}
    for group in dict.fromkeys(groups.tolist()):
        out = groups == group
        seen = _keep(single, ~out & ~np.isin(rows.kind, LATE_KINDS + OPEN_KINDS))
        start = disturbed(table, names=early, share=disturb, rng=rng)
        values = fit_names(rows=seen, table=start, names=early, rounds=rounds).values
        part = _keep(rows, out)
        guessed = predict(part, constants=constants_from_values(values))
        for metric, column in found.items():
            column[out] = guessed[metric]
        for error in errors_by_kind(part, guessed):
            say(f"  {group:20s} {describe(error)}")
    return errors_by_kind(rows, found)


def disturbed(table: Table, *, names: Sequence[str], share: float, rng: np.random.Generator) -> Table:
    """Return a table whose constants `names` are moved at random inside their bounds, by about `share`."""
    moved = {name: dict(row) for name, row in table.items()}
    for name, factor in zip(names, np.exp(share * rng.standard_normal(len(names))).tolist(), strict=True):
        row = table[name]
        moved[name]["value"] = min(max(float(row["value"]) * factor, float(row["low"])), float(row["high"]))
    return moved


def describe(error: Errors) -> str:
    """Return an error as a line of text, in percent."""
    return (
        f"{error.kind:18s} {error.metric:10s} {error.rows:5d} rows  median {100 * error.median:5.1f} %"
        f"  90th {100 * error.p90:6.1f} %  bias {100 * error.bias:+6.1f} %"
    )


def as_toml(*, table: Table, fit: Fit, date: str) -> str:
    """Return the table of constants as the catalog's TOML, with fitted values, spreads and the date."""
    lines = [
        "# What the serving model can't derive: efficiencies and overheads, fitted on public measurements.",
        "# Written by `python -m planner.analysis.serving_fit.refit TABLE.csv --write`; not edited by hand. `spread` is the relative",
        "# standard error of the fit. `same_as`: no measurement tells it apart. `fixed`: the reference of the others.",
        f'fitted_on = "{date}"',
    ]
    for name, row in table.items():
        lines += ["", f'[constant."{name}"]', f"value = {fit.values[name]:.5g}"]
        lines += [f"spread = {fit.spread[name]:.2g}"] if name in fit.spread else []
        lines += [f'{key} = "{row[key]}"' for key in ("unit", "meaning", "same_as") if key in row]
        lines += [f"{key} = {row[key]:g}" for key in ("low", "high")]
        lines += ["fixed = true"] if "fixed" in row else []
    return "\n".join(lines) + "\n"


def _keep(rows: Rows, mask: np.ndarray) -> Rows:
    return some_rows(rows, np.flatnonzero(mask))


def _to_free(table: Table, names: Sequence[str]) -> np.ndarray:
    """Return constants as numbers without bounds: the logit of where they lie, in logs where the low bound allows."""
    places = []
    for name in names:
        low, high, value = (float(table[name][key]) for key in ("low", "high", "value"))
        place = np.log(value / low) / np.log(high / low) if low > 0 else value / high
        places.append(np.clip(place, 1e-3, 1.0 - 1e-3))
    share = np.array(places)
    return np.log(share / (1.0 - share))


def _from_free(table: Table, names: Sequence[str], free: np.ndarray) -> dict[str, float]:
    values = {}
    for name, share in zip(names, (1.0 / (1.0 + np.exp(-free))).tolist(), strict=True):
        low, high = float(table[name]["low"]), float(table[name]["high"])
        values[name] = low * (high / low) ** share if low > 0 else high * share
    return values


def _spreads(
    table: Table, names: Sequence[str], free: np.ndarray, jacobian: np.ndarray, misses: np.ndarray
) -> dict[str, float]:
    """Return the relative standard errors, from the curvature of the fit at its optimum."""
    residual = float(np.mean(np.minimum(np.abs(misses), 2.0 * SOFT) ** 2))
    covariance = np.linalg.pinv(jacobian.T @ jacobian) * residual
    deviation = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    near, far = _from_free(table, names, free), _from_free(table, names, free + 1e-4)
    slope = {name: abs(far[name] - near[name]) / 1e-4 / max(abs(near[name]), 1e-12) for name in names}
    return {name: slope[name] * one for name, one in zip(names, deviation.tolist(), strict=True)}


@click.command(help=__doc__)
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option("--write", is_flag=True, help="Replace the shipped table of constants.")
@click.option("--validate", is_flag=True, help="Also leave out each model and each GPU in turn.")
@click.option("--rounds", default=20, show_default=True, help="The most steps of the fit.")
@click.option(
    "--disturb", default=0.0, help="Start each validating fit from constants moved at random by this share."
)
def main(path: Path, write: bool, validate: bool, rounds: int, disturb: float) -> None:
    """Refit, print, and write or validate as asked."""
    with path.open(newline="", encoding="utf-8") as file:
        good = [row for row in csv.DictReader(file) if row.get("quality", "ok") in ("ok", "")]
    rows, problems = read_rows(good)
    for problem in problems:
        click.echo(f"left out: {problem}", err=True)
    click.echo(f"{sent_in_blocks(rows).sum()} first tokens came in blocks: not fitted, but judged", err=True)
    table = constants_table()
    fit = refit(rows=rows, table=table, rounds=rounds)
    for name, value in fit.values.items():
        click.echo(
            f"{name:36s} {value:12.5g} {table[name]['unit']:30s} +-{100 * fit.spread.get(name, 0.0):.1f} %"
        )
    found = predict(rows, constants=constants_from_values(fit.values))
    for error in errors_by_kind(rows, found):
        click.echo(describe(error))
    if write:
        place = Path(str(files("planner.catalog").joinpath("serving_constants.toml")))
        date = dt.datetime.now(tz=dt.UTC).date().isoformat()
        place.write_text(as_toml(table=table, fit=fit, date=date), encoding="utf-8")
    if validate:
        for title, groups in (("models", rows.model), ("GPUs", rows.gpu_name)):
            click.echo(f"each of the {title} left out of the fit:")
            found_out = left_out(
                rows=rows, table=table, groups=groups, rounds=rounds, say=click.echo, disturb=disturb
            )
            for error in found_out:
                click.echo(describe(error))


if __name__ == "__main__":
    sys.exit(main())
