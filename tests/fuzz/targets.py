"""What each parser promises of any input: words or a value, never a traceback, never a number that is none.

A target takes bytes and raises where the promise is broken. The fuzzer (run.py) feeds it without end, the test suite
feeds it the corpus.
"""

import contextlib
import functools
import math
import tempfile
import unicodedata
from pathlib import Path

import numpy as np

from planner.analysis.policy import read_policy
from planner.errors import ScenarioError
from planner.files import load_text
from planner.files.bounds import parse
from planner.model import evaluate
from planner.schema import Range, fields
from planner.schema.ranges import read_number, read_range

CORPUS = Path(__file__).parent / "corpus"
NOT_WORDS = ("Traceback", "pydantic", "validation error", "<class", "object at 0x")
LONGEST_MESSAGE = 200_000


@functools.cache
def library() -> Path:
    """Return a folder with one scenario that others may extend."""
    folder = Path(tempfile.mkdtemp(prefix="planner-fuzz-"))
    (folder / "base.toml").write_text((CORPUS / "scenario/chat.toml").read_text())
    (folder / "loop.toml").write_text('schema = 1\nextends = "loop.toml"\n')
    return folder


def in_words(error: ScenarioError) -> None:
    """Raise where an error would show a person anything but words."""
    text = str(error)
    assert error.problems, "an error without a problem"
    assert len(text) < LONGEST_MESSAGE, f"an error of {len(text)} characters"
    for part in NOT_WORDS:
        assert part not in text, f"{part!r} in {text[:500]!r}"
    for char in text.replace("\n", ""):
        assert unicodedata.category(char) not in ("Cc", "Cs"), f"{char!r} in {text[:500]!r}"


def scenario(data: bytes) -> None:
    """Load a scenario file, and compute what it leads to."""
    text = data.decode("utf-8", "replace")
    try:
        loaded = load_text(text, path=library() / "fuzzed.toml")
    except ScenarioError as error:
        in_words(error)
        return
    for field in fields(loaded.scenario):
        if field.spec.numeric and field.value is not None:
            assert np.all(np.isfinite(field.value)), field.path
    try:
        result = evaluate(loaded.scenario)
    except ScenarioError as error:
        in_words(error)
        return
    for name, value in result.metrics.items():
        assert not np.any(np.isinf(value)), f"{name} is infinite"
        assert name in result.reasons or not np.any(np.isnan(value)), f"{name} is no number, without a reason"


def number(data: bytes) -> None:
    """Read a number or a range as a person types it."""
    text = data.decode("utf-8", "replace")
    value = read_number(text)
    assert value is None or math.isfinite(value)
    parts = read_range(text)
    if parts is None:
        return
    low, mode, high = parts
    assert math.isfinite(low)
    assert math.isfinite(high)
    for family in ("normal", "lognormal", "logit-normal", "triangular"):
        with contextlib.suppress(ValueError):
            _draw(family, low, mode, high)


def _draw(family: str, low: float, mode: float, high: float) -> None:
    """Draw from the range as a field with this family would, through the field's own rules."""
    from planner.schema.spec import Spec  # noqa: PLC0415 - the target of the numbers needs little else

    kinds = {
        "normal": Spec("x", "real", lo=-1e12, hi=1e12),
        "lognormal": Spec("x", "positive", lo=0, hi=1e12),
        "logit-normal": Spec("x", "share", lo=0, hi=1),
        "triangular": Spec("x", "positive", lo=0, hi=1e12),
    }
    if (family == "triangular") == math.isnan(mode):
        return
    text = f"{low!r} to {high!r}" if math.isnan(mode) else f"triangular {low!r}, {mode!r}, {high!r}"
    value = kinds[family].read(text)
    if isinstance(value, Range):
        drawn = value.quantile(np.array([-6.0, -1.0, 0.0, 1.0, 6.0]))
        assert np.isfinite(drawn).all(), f"{family} {text} draws {drawn}"
        assert np.all(np.diff(drawn) >= -1e-9 * np.abs(drawn[1:])), f"{family} {text} draws {drawn}"


def policy(data: bytes) -> None:
    """Read the guardrails of a policy file."""
    try:
        rules = read_policy(parse(data.decode("utf-8", "replace"), source="policy.toml"))
    except ScenarioError as error:
        in_words(error)
        return
    for bound in rules.bounds:
        assert math.isfinite(bound.limit), bound
        assert bound.inside is None or bound.inside.state or math.isfinite(bound.inside.limit), bound
    for change in rules.changes:
        assert all(limit is None or math.isfinite(limit) for limit in (change.rise, change.fall)), change


def usage_log(data: bytes, path: Path | None = None) -> None:
    """Read a usage log, and what it leads to as a scenario."""
    from planner.usage import read_log  # noqa: PLC0415 - an extra

    path = path or library() / "fuzzed.log"
    path.write_bytes(data)
    try:
        found = read_log(path, columns={"requests_per_month": "1k"} if len(data) % 2 else None)
    except ScenarioError as error:
        in_words(error)
        return
    read = load_text(found.as_toml(), path=library() / "imported.toml").scenario
    for row in found.summary():
        told = f"{row['value']} {row['range']} {row['note']}"  # a model may be called nan
        assert not {"nan", "inf"} & set(told.split()), row
    for name, total in found.totals.items():
        assert not math.isinf(total), name
        assert name.endswith("usd") or math.isfinite(total), name
    for name, workload in read.workloads.items():
        assert np.isfinite([workload.prompt_tokens, workload.requests_per_month]).all(), name


TARGETS = {"scenario": scenario, "number": number, "policy": policy, "import": usage_log}


def inputs(name: str) -> list[Path]:
    """Return the corpus of a target."""
    return sorted(path for path in (CORPUS / name).iterdir() if path.is_file())
