"""Text for whole parts of a plan: a raise, a hire, a payment, a deployment, a workload, or a list of them."""

from typing import Any

from pydantic import BaseModel

from planner.readout.field_values import value_text
from planner.schema import declared
from planner.schema.company import CompanyOneOff, CostStep, Funding, OneOff
from planner.schema.deployment import ApiDeployment, HostedDeployment
from planner.schema.steps import path_of, steps_of
from planner.schema.workload import Workload

_LISTS = {
    "funding": "Raises",
    "hiring": "Hires",
    "one_off": "One-off payments",
    "change": "Changes",
    "rag": "RAG",
}


def part_title(path: str) -> str:
    """Return the title of a section or list in the file.

    >>> part_title("company.one_off"), part_title("workloads.chat"), part_title("workloads.chat.rag")
    ('One-off payments', 'workload chat', 'chat: RAG')
    >>> part_title("demand"), part_title("cash.credits"), part_title("company.hiring.0")
    ('Demand', 'Credits', 'Hire 1')
    """
    steps = list(steps_of(path))
    if steps[-1].isdigit() and len(steps) > 1:
        return f"{part_title(path_of(steps[:-1])).removesuffix('s')} {int(steps[-1]) + 1}"
    last = _LISTS.get(steps[-1], steps[-1].replace("_", " ").capitalize())
    if steps[0] not in ("workloads", "deployments", "segments") or len(steps) == 1:
        return last
    return f"{steps[0].removesuffix('s')} {steps[1]}" if steps[2:] == [] else f"{steps[1]}: {last}"


def part_words(value: Any) -> str:
    """Return a part of a plan, or each part in a list, as text.

    >>> part_words((Funding(month=10, amount_usd=2e6), Funding(month=20, amount_usd=5e6, closed=True)))
    'a planned raise of $2.00M in month 10; a raise of $5.00M in month 20'
    >>> part_words(CostStep(month=4, usd_per_month=9_000, label="support")), part_words(())
    ('support, $9,000/month from month 4', 'none')
    """
    if isinstance(value, tuple):
        return "; ".join(part_words(each) for each in value) or "none"
    if isinstance(value, dict):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, Funding):
        kind = "raise" if value.closed else "planned raise"
        return f"a {kind} of {_of(value, 'amount_usd')} in month {_of(value, 'month')}"
    if isinstance(value, CostStep):
        usd, month = _of(value, "usd_per_month"), _of(value, "month")
        return f"{value.label or 'a hire'}, {usd}/month from month {month}"
    if isinstance(value, CompanyOneOff | OneOff):
        return f"{value.label or 'a payment'}, {_of(value, 'amount_usd')} in month {_of(value, 'month')}"
    if isinstance(value, ApiDeployment):
        return value.model
    if isinstance(value, HostedDeployment):
        return f"{value.model} on {value.gpu}"
    if isinstance(value, Workload):
        return f"answered by {', '.join(value.routing.tiers) or 'no model'}"
    return "there" if isinstance(value, BaseModel) else str(value)


def _of(part: BaseModel, name: str) -> str:
    """Return a number of a part as text."""
    spec = declared(type(part), name)
    assert spec is not None
    return value_text(getattr(part, name), spec)
