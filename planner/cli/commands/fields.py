"""`planner fields` and `planner schema`: everything a plan file can contain."""

import json
import math
import re
from collections.abc import Sequence
from typing import Any

import click

from planner.cli.io import json_output
from planner.cli.io.layout import wrapped
from planner.records import dataclass
from planner.schema import Field, Scenario, fields

FIELDS_COLUMNS = 44


@click.command(
    "fields",
    epilog="""\b
Examples:
  planner fields                 every field with unit, bounds and default
  planner fields routing         fields whose path, label or help matches
  planner fields --json""",
)
@click.argument("query", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def fields_command(query: tuple[str, ...], as_json: bool) -> None:
    """List the fields of a plan: unit, bounds, default, meaning and the evidence for the default."""
    found = declared(" ".join(query))
    if not found:
        raise click.UsageError(f"No field contains {' '.join(query)!r}.")
    click.echo(_listed_json(found) if as_json else as_text(found, whole=not query))


@click.command(
    "schema",
    epilog="""\b
Example:
  planner schema > planner.schema.json
With "#:schema ./planner.schema.json" as its first line, editors can
complete and check a plan.""",
)
def schema_command() -> None:
    """Print the JSON schema of a plan file."""
    click.echo(json_schema())


SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"

EVERY_SECTION: dict[str, Any] = {
    "company": {
        "funding": [{"month": 1, "amount_usd": 0}],
        "hiring": [{"month": 1, "usd_per_month": 0}],
        "one_off": [{}],
    },
    "deployments": {
        "NAME": {
            "kind": "api", "model": "openai:gpt-5.4",
            "price": {"input_usd_per_mtok": 0, "output_usd_per_mtok": 0}, "one_off": [{}],
        },
        "HOSTED": {"kind": "self-hosted", "model": "llama-3.1-8b", "gpu": "H100-SXM"},
        "LAST": {"kind": "api", "model": "openai:gpt-5.4"},
    },
    "workloads": {
        "NAME": {
            "routing": {"tiers": ["NAME", "HOSTED", "LAST"], "share_passed_on": [0]},
            "success": {"NAME": 0.8},
        }
    },
}  # fmt: skip
"""A plan that uses every section once, so that every field is listed."""

REQUIRED = ("deployments.*.kind", "deployments.*.model", "deployments.*.gpu", "workloads.*.routing.tiers")
BESIDES = (
    "Besides",
    '  schema = 2, and extends = "other.toml": a file beside this one; list only the differences',
    '  [deployments.NAME] kind: "api" or "self-hosted"; each kind has its own fields',
    "  [models.NAME], [gpus.NAME]: a model or GPU of your own; `planner model` writes the first",
    "  [[correlations]] a, b, rank: paths of two ranges that move together, rank from -0.99 to 0.99",
    '  [source] "PATH" = "text with a date", or "evidence: ID" from `planner show FILE --sources`',
    '  A number may be a range: "0.5 to 0.8" (5th to 95th percentile) or "triangular 1, 2, 5"',
)

WITHOUT_DEFAULT = ("[].month", "success.NAME", "share_passed_on[]")


@dataclass(frozen=True)
class Declared:
    """One field, as `planner fields` lists it. Bounds are null where there are none."""

    path: str
    label: str
    role: str
    unit: str
    rule: str
    lo: float | None
    hi: float | None
    step: float
    default: Any
    choices: tuple[str, ...]
    help: str
    evidence: str


def declared(query: str = "") -> list[Declared]:
    """Return the fields whose path, label or help contains every word of `query`; names are written NAME."""
    words = query.lower().split()
    found: dict[str, Declared] = {}
    for field in fields(Scenario.from_table(EVERY_SECTION)):
        one = _declared(field)
        text = f"{one.path} {one.label} {one.help}".lower()
        if all(word in text for word in words):
            found.setdefault(one.path, one)
    return list(found.values())


def _declared(field: Field) -> Declared:
    path = re.sub(r"\.\d+(?=\.|$)", "[]", re.sub("HOSTED|LAST", "NAME", field.path))
    spec = field.spec
    return Declared(
        path=path, label=spec.label, role=spec.role, unit=spec.unit, rule=spec.rule(),
        lo=spec.lo if spec.numeric and math.isfinite(spec.lo) else None,
        hi=spec.hi if spec.numeric and math.isfinite(spec.hi) else None,
        step=spec.step, default=_default(path, field.value), choices=spec.choices, help=spec.help,
        evidence=spec.evidence,
    )  # fmt: skip


def _default(path: str, value: Any) -> Any:
    if path.replace("NAME", "*") in REQUIRED or path.endswith(WITHOUT_DEFAULT):
        return None
    return list(value) if isinstance(value, tuple) else value


def as_text(found: Sequence[Declared], *, whole: bool = False) -> str:
    """Return the list as text, by section; the `whole` list also names the parts that aren't fields."""
    lines: list[str] = []
    section = None
    for each in found:
        here, _, name = each.path.rpartition(".")
        if here != section:
            lines += ["", f"[{here}]"] if here else []
            section = here
        default = "" if each.default in (None, "", []) else f", default {_plain(each.default)}"
        lines.append(f"  {name}: {each.rule}{default}")
        about = " ".join(filter(None, (f"{each.label}.", each.help)))
        rests = f" Based on {each.evidence.partition(': ')[2]}." if each.evidence else ""
        lines += wrapped(about + rests + (" (unknown)" if each.role == "unknown" else ""), indent=6, hang=6)
    return "\n".join([*lines, *(["", *BESIDES] if whole else [])]).lstrip("\n")


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:,.12g}" if isinstance(value, float) else str(value)


def _listed_json(found: Sequence[Declared]) -> str:
    """Return the list as JSON."""
    return json_output.as_json(list(found))


def json_schema() -> str:
    """Return the JSON schema of a plan file, including `extends`."""
    schema = Scenario.model_json_schema(by_alias=True, mode="validation")
    schema["properties"]["extends"] = {
        "title": "Extends",
        "type": "string",
        "description": "A plan file beside this one; this file lists only the differences.",
    }
    return json.dumps({"$schema": SCHEMA_DIALECT, **schema}, indent=2)
