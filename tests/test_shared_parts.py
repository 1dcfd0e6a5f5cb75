"""Parts of a plan that are not worked out again: by the epochs of a plan, and by an edit of it."""

import itertools
from dataclasses import is_dataclass

import numpy as np
import pytest
from big_plan import big
from plans import busy, chat, shipped

from planner.analysis.draws import draw
from planner.files import load
from planner.model import evaluate
from planner.model.joining import stages
from planner.model.shared import EachAnew, Shared
from planner.tui.session.outlook import Outlook, by_and_by

EDITS = {
    "company.cash_usd": 1.25e6,
    "demand.customers": 731,
    "demand.growth_share_per_month": 0.031,
    "revenue.usd_per_customer_per_month": 33,
    "company.horizon_months": 17,
}
SMALL = {"parts": 4, "segments": 2, "changes": 3, "months": 24}
LAZY = ("items", "missing", "kinds", "calls", "week", "others", "let_through", "flows", "scenario")


def numbers(value, name=""):
    """Yield every number and word of a result with its name."""
    if is_dataclass(value):
        for part, held in vars(value).items():
            if part not in LAZY:
                yield from numbers(held, f"{name}.{part}")
    elif isinstance(value, dict):
        for part, held in value.items():
            yield from numbers(held, f"{name}.{part}")
    elif isinstance(value, tuple | list):
        for place, held in enumerate(value):
            yield from numbers(held, f"{name}.{place}")
    else:
        yield name, value


def same(one, other):
    """Say whether two results hold the same, bit for bit."""
    parts = [
        dict(numbers((each, each.line_items, each.reasons, each.months.cash_usd))) for each in (one, other)
    ]
    return parts[0].keys() == parts[1].keys() and all(
        np.array_equal(parts[0][name], parts[1][name], equal_nan=not isinstance(parts[0][name], str))
        for name in parts[0]
    )


def edits_of(plan):
    """Return the plan with each of some fields changed, as far as it takes that."""
    own: dict[str, float] = {f"workloads.{name}.output_tokens": 77 for name in [*plan.workloads][:1]}
    own |= {f"deployments.{name}.success_share": 0.61 for name in [*plan.deployments][:1]}
    return [plan.with_value(path, value) for path, value in (EDITS | own).items()]


@pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)
def test_an_edit_leads_to_what_the_edited_plan_leads_to_alone(path):
    plan, parts, drawn = load(path).scenario, Shared(), Shared()
    evaluate(plan, parts=parts)
    evaluate(draw(plan, n=4, parts=drawn), parts=drawn)
    for edited in edits_of(plan):
        assert same(evaluate(edited, parts=parts.next_plan()), evaluate(edited))
        samples = draw(edited, n=4, parts=drawn.next_plan())
        assert same(evaluate(samples, parts=drawn), evaluate(draw(edited, n=4)))


@pytest.mark.parametrize("plan", [busy(), big(**SMALL)], ids=["busy", "big"])
def test_epochs_that_share_their_parts_lead_to_what_each_leads_to_by_itself(plan):
    for drawn in (plan, draw(plan, n=16)):
        horizon = int(plan.company.horizon_months)
        shared, anew = stages(drawn, horizon), stages(drawn, horizon, parts=EachAnew())
        for one, other in zip(shared, anew, strict=True):
            assert same_business(one.business, other.business)


def same_business(one, other):
    left, right = (dict(numbers((each.streams, each.segments, each.payments))) for each in (one, other))
    return left.keys() == right.keys() and all(np.array_equal(left[name], right[name]) for name in left)


def test_a_change_works_out_anew_only_the_workload_that_it_reaches():
    first, then = stages(big(parts=4, segments=0, changes=1, months=24), 24)
    anew = [name for name, each in then.requests.items() if each is not first.requests[name]]
    assert anew == ["w0"]


def test_samples_of_what_an_edit_does_not_reach_are_the_very_same():
    plan, parts = chat(), Shared()
    before = draw(plan, n=4, parts=parts)
    after = draw(plan.with_value("workloads.chat.output_tokens", 77), n=4, parts=parts.next_plan())
    assert after.deployments is before.deployments
    assert after.workloads["chat"] is not before.workloads["chat"]


def test_a_price_leaves_what_requests_cost_the_very_same():
    plan, parts = chat(), Shared()
    before = evaluate(draw(plan, n=4, parts=parts), parts=parts)
    dearer = plan.with_value("revenue.usd_per_customer_per_month", 77)
    after = evaluate(draw(dearer, n=4, parts=parts.next_plan()), parts=parts)
    assert after.workloads is before.workloads
    assert after.metrics["usd_per_outcome"] is before.metrics["usd_per_outcome"]
    assert np.all(after.metrics["net_burn_usd_per_month"] != before.metrics["net_burn_usd_per_month"])


def test_what_the_last_plan_did_not_use_is_forgotten():
    parts, made = Shared(), []

    def compute():
        made.append(1)
        return 2.0

    for _ in range(3):
        parts.found("part", (1.5,), compute)
        parts.next_plan()
    assert len(made) == 1
    parts.next_plan()
    parts.found("part", (1.5,), compute)
    assert len(made) == 2


def test_values_that_are_equal_but_for_their_kind_are_told_apart_by_what_is_asked():
    parts = Shared()
    assert parts.found("one", (chat(),), lambda: 1) == 1
    assert parts.found("one", (chat(),), lambda: 2) == 2


def test_ranges_that_keys_break_off_are_those_that_are_drawn_in_one_go():
    plan, looks = chat(), itertools.count()
    outlook = Outlook(plan, evaluate(plan))
    whole = list(by_and_by(outlook, samples=256))
    broken = list(by_and_by(outlook, samples=256, wanted=lambda: next(looks) in (0, 5, 12, 25)))
    assert len(broken) == len(whole) + 4
    assert str((broken[-1].spread, broken[-1].cash)) == str((whole[-1].spread, whole[-1].cash))
