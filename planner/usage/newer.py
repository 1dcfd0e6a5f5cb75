"""Newer prices than the catalog's: out of a file in the catalog's form, or out of another genai-prices package."""

import json
import math
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from datetime import date
from pathlib import Path
from typing import Any

from planner.catalog.api_prices import ApiRates, Timeline, Timelines, read_timeline, timeline, user_rates
from planner.catalog.rents import KINDS, Rent, offers_of
from planner.errors import Problem, ScenarioError
from planner.files import inert
from planner.files.bounds import parse, read_text
from planner.files.os_errors import unusable
from planner.records import dataclass

Asked = tuple[str, str]  # model and processing

PACKAGE = "genai_prices"
SECONDS_TO_LOAD = 60.0
HIGHEST_USD = 1e9
RENT_KEYS = frozenset({"provider", "usd", "as_of", "dated", "region", "instance", "source", "note"})
API_PRICES = (
    "input_usd_per_mtok",
    "output_usd_per_mtok",
    "cache_read_usd_per_mtok",
    "cache_write_usd_per_mtok",
    "cache_write_1h_usd_per_mtok",
)
API_KEYS = frozenset({*API_PRICES, "usd_per_request", "from", "as_of", "source", "processing"})

# runs with the other package first on the path; prints the timelines of the models that are asked for
_PRINT_TIMELINES = """
import json, sys
folder, planner, asked = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
sys.path[:0] = [folder, planner]
from planner.catalog import api_offers, api_prices, price_package
from planner.errors import ScenarioError
out = {}
for model, processing in asked:
    try:
        steps = tuple(price_package.timeline(api_offers.find_offer(model), processing))
    except ScenarioError:
        continue
    out[model + " " + processing] = api_prices.written_timeline(steps)
print(json.dumps({"version": api_offers.VERSION, "timelines": out}))
"""


@dataclass(frozen=True)
class Newer:
    """Prices that may take the place of the catalog's: `name` says in words where they are from."""

    name: str
    timelines: Timelines = field(default_factory=dict)
    rents: tuple[Rent, ...] = ()


def read_newer(source: Path, asked: Iterable[Asked]) -> Newer:
    """Return the prices in a file of TOML, or those of `asked` in a folder that holds a genai-prices package.

    Raises ScenarioError in words, with every problem of a file.
    """
    if source.is_dir():
        return _of_package(source, sorted(set(asked)))
    return _of_file(source)


def _of_package(folder: Path, asked: list[Asked]) -> Newer:
    if not (folder / PACKAGE / "__init__.py").is_file():
        what = "holds no genai-prices package."
        raise unusable(folder, what, "Name a folder such as the site-packages it is installed in.")
    planner = str(Path(__file__).parents[2])
    command = [
        sys.executable,
        "-P",
        "-c",
        _PRINT_TIMELINES,
        str(folder.resolve()),
        planner,
        json.dumps(asked),
    ]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS_TO_LOAD, check=True)  # noqa: S603 - our own interpreter with our own code
        told = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError):
        raise unusable(folder, "holds a genai-prices package that this planner can't read.") from None
    found = {
        (model, processing): steps
        for model, processing in asked
        if (steps := read_timeline(told["timelines"].get(f"{model} {processing}")))
    }
    return Newer(f"genai-prices {inert(str(told['version']))}", found)


def _of_file(path: Path) -> Newer:
    table = parse(read_text(path), source=str(path))
    problems = [
        Problem(inert(key)[:80], "is not a section.", "Known are sources, rents and api.")
        for key in table
        if key not in ("sources", "rents", "api")
    ]
    offers = _rents(table, problems)
    timelines = _timelines(table, problems)
    if not problems and not offers and not timelines:
        problems.append(Problem("the file", "states no rent and no price."))
    if problems:
        raise ScenarioError(problems, source=inert(str(path)))
    return Newer(inert(path.name), timelines, offers)


def _rents(table: Mapping[str, Any], problems: list[Problem]) -> tuple[Rent, ...]:
    sources = table.get("sources", {})
    before = len(problems)
    if not isinstance(sources, dict) or not all(isinstance(words, str) for words in sources.values()):
        problems.append(Problem("sources", "must name each source in words."))
        return ()
    for where, kind, row in _rows(table.get("rents", {}), "rents", problems):
        if kind not in KINDS:
            problems.append(Problem(where, f"is not a kind of rent: one of {', '.join(KINDS)}."))
        _check(where, row, RENT_KEYS, ("usd", "provider", "as_of", "source"), problems)
        if isinstance(row.get("source"), str) and row["source"] not in sources:
            problems.append(Problem(f"{where}.source", "is not among the sources of the file."))
    if len(problems) > before:
        return ()
    return offers_of({"sources": sources, "rents": table.get("rents", {})})


def _rows(section: Any, where: str, problems: list[Problem]) -> list[tuple[str, str, dict[str, Any]]]:
    """Return (where, kind, row) of a section of names, kinds and lists of rows."""
    out = []
    for name, kinds in section.items() if isinstance(section, dict) else [("", None)]:
        for kind, rows in kinds.items() if isinstance(kinds, dict) else [("", None)]:
            place = f"{where}.{inert(str(name))}.{inert(str(kind))}"[:200]
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                problems.append(Problem(place.rstrip("."), "must be a list of tables."))
                continue
            out += [(f"{place}.{index}", str(kind), row) for index, row in enumerate(rows)]
    return out


def _check(
    where: str, row: Mapping[str, Any], known: frozenset[str], needed: tuple[str, ...], problems: list[Problem]
) -> None:  # fmt: skip
    problems += [Problem(f"{where}.{inert(key)[:60]}", "is not a field.") for key in row if key not in known]
    problems += [Problem(f"{where}.{key}", "is missing.") for key in needed if key not in row]
    for key, value in row.items():
        if (key == "usd" or "usd_per" in key) and not _is_price(value):
            problems.append(Problem(f"{where}.{key}", "must be a price in USD, 0 or more."))
        elif key in ("as_of", "from") and type(value) is not date:
            problems.append(Problem(f"{where}.{key}", "must be a date such as 2026-11-20."))
        elif key in known - {"as_of", "from"} and "usd" not in key and not isinstance(value, str):
            problems.append(Problem(f"{where}.{key}", "must be text."))


def _is_price(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value) and 0 <= value <= HIGHEST_USD


def _timelines(table: Mapping[str, Any], problems: list[Problem]) -> Timelines:
    section = table.get("api", {})
    out: dict[Asked, tuple[tuple[date, ApiRates | None], ...]] = {}
    if not isinstance(section, dict):
        problems.append(Problem("api", "must be a table of models."))
        return {}
    for where, model, row in _rows({"": section}, "api", problems):
        place = where.replace("api..", "api.")
        before = len(problems)
        _check(place, row, API_KEYS, (*API_PRICES[:2], "as_of", "source"), problems)
        if len(problems) == before:
            asked = model, row.get("processing", "standard")
            earlier = out.get(asked) or _listed(*asked)
            start = row.get("from", date.min)
            kept = tuple(step for step in earlier if step[0] < start)
            out[asked] = (*kept, (start, _with_the_rest(_rates(model, row), earlier)))
    return out


def _with_the_rest(rates: ApiRates, earlier: Timeline) -> ApiRates:
    """Return newer prices of tokens with what the list says of the model besides: its meters and its limits."""
    known = [step for _, step in earlier if step is not None]
    if not known:
        return rates
    last = known[-1]
    return replace(
        rates, meters=last.meters, context_tokens=last.context_tokens, answer_tokens=last.answer_tokens,
        appeared=last.appeared, retired=last.retired,
    )  # fmt: skip


def _listed(model: str, processing: str) -> tuple[tuple[date, ApiRates | None], ...]:
    try:
        return timeline(model, processing)
    except ScenarioError:
        return ()


def _rates(model: str, row: Mapping[str, Any]) -> ApiRates:
    provider, _, name = model.rpartition(":")
    return user_rates(
        model=name, provider=provider, input_usd_per_mtok=float(row["input_usd_per_mtok"]),
        output_usd_per_mtok=float(row["output_usd_per_mtok"]), as_of=row["as_of"], source=inert(row["source"]),
        cache_read_usd_per_mtok=row.get("cache_read_usd_per_mtok"),
        cache_write_usd_per_mtok=row.get("cache_write_usd_per_mtok"),
        cache_write_1h_usd_per_mtok=row.get("cache_write_1h_usd_per_mtok"),
        usd_per_request=float(row.get("usd_per_request", 0.0)), processing=row.get("processing", "standard"),
    )  # fmt: skip
