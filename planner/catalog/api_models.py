"""Facts about API models besides prices: date of the last price check, longest prompt and answer, retirement.

`tables/api_models.csv` holds, for each model of the price list, the day on which its price was last checked (genai-prices,
prices/providers at 47df840a of 2026-08-21, `prices_checked`; only where the installed list still has that price), the longest
prompt where the price list itself has none, the longest answer, and the day on which the vendor takes it off the market (the
model table of LiteLLM 1.110.2, read 2026-11-28: `max_input_tokens`, `max_output_tokens`, `deprecation_date`).
"""

import csv
import re
from datetime import date
from functools import lru_cache
from pathlib import Path

from planner.records import dataclass

TABLE = Path(__file__).parent / "tables" / "api_models.csv"
_DAY = re.compile(r"(?<!\d)(20[2-4]\d)-?([01]\d)-?([0-3]\d)(?!\d)")


@dataclass(frozen=True)
class ModelFacts:
    """Facts about one model; None where unknown."""

    checked: date | None = None
    context_tokens: int | None = None
    answer_tokens: int | None = None
    retired: date | None = None


UNKNOWN = ModelFacts()


def model_facts(name: str) -> ModelFacts:
    """Return the facts about a model ("openai:gpt-5.4") besides its prices.

    >>> model_facts("openai:gpt-5").answer_tokens
    128000
    """
    return _table().get(name, UNKNOWN)


@lru_cache(maxsize=1)
def _table() -> dict[str, ModelFacts]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {
            row["model"]: ModelFacts(
                _date(row["prices_checked"]),
                _count(row["context_tokens"]),
                _count(row["answer_tokens"]),
                _date(row["retired"]),
            )
            for row in csv.DictReader(file)
        }


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _count(text: str) -> int | None:
    return int(text) if text else None


def snapshot_day(name: str) -> date | None:
    """Return the date in a snapshot's name; the model didn't exist before it.

    >>> snapshot_day("claude-sonnet-4-5-20250929"), snapshot_day("gpt-4o")
    (datetime.date(2025, 9, 29), None)
    """
    found = _DAY.search(name)
    if not found:
        return None
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        return None
