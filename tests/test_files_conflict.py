"""Saving over a file that changed outside shows both sides and loses neither."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.errors import ScenarioError
from planner.files import Conflict, Loaded, load, load_text, merge, save, save_merged
from planner.files.conflict import three_way

PLAN = """\
schema = 1
title = "Plan"
[company]
cash_usd = 100   # bank
horizon_months = 12
[deployments.a]
kind = "api"
model = "openai:gpt-5.4"
[workloads.chat]
routing = { tiers = ["a"] }
"""


@pytest.fixture
def opened(tmp_path):
    (tmp_path / "a.toml").write_text(PLAN)
    return load(tmp_path / "a.toml")


def outside(loaded, old, new):
    loaded.path.write_text(loaded.path.read_text().replace(old, new))


def conflict_over(loaded, scenario):
    found = save(loaded, scenario)
    assert isinstance(found, Conflict)
    return found


def test_a_change_outside_is_shown_beside_ours_and_nothing_is_written(opened):
    outside(opened, "cash_usd = 100", "cash_usd = 300")
    conflict = conflict_over(opened, opened.scenario.with_value("company.cash_usd", 200))
    assert [(r.field, r.base, r.theirs, r.ours, r.clash) for r in conflict.rows] == [
        ("company.cash_usd", 100, 300, 200, True)
    ]
    assert "cash_usd = 300" in opened.path.read_text()


def test_changes_to_different_fields_both_stay(opened):
    outside(opened, "horizon_months = 12", "horizon_months = 24   # new plan")
    conflict = conflict_over(opened, opened.scenario.with_value("company.cash_usd", 200))
    assert conflict.clashes == ()
    assert isinstance(save_merged(conflict), Loaded)
    assert "cash_usd = 200   # bank\nhorizon_months = 24   # new plan" in opened.path.read_text()
    assert [found.name for found in opened.path.parent.iterdir()] == ["a.toml"]


@pytest.mark.parametrize(("prefer", "lost", "kept"), [("ours", "theirs", 200), ("theirs", "ours", 300)])
def test_a_side_that_loses_a_field_is_kept_beside(opened, prefer, lost, kept):
    outside(opened, "cash_usd = 100", "cash_usd = 300")
    ours = opened.scenario.with_value("company.cash_usd", 200).with_value("demand.customers", 7)
    save_merged(conflict_over(opened, ours), prefer=prefer)
    assert load(opened.path).scenario.value("company.cash_usd") == kept
    assert load(opened.path).scenario.value("demand.customers") == 7
    (copy,) = opened.path.parent.glob(f"a.{lost}-*.toml")
    assert load(copy).scenario.value("company.cash_usd") == 500 - kept


def test_each_field_may_take_its_own_side(opened):
    outside(opened, "cash_usd = 100   # bank\nhorizon_months = 12", "cash_usd = 300\nhorizon_months = 36")
    ours = opened.scenario.with_value("company.cash_usd", 200).with_value("company.horizon_months", 24)
    merged = merge(conflict_over(opened, ours), choices={"company.cash_usd": "theirs"})
    assert (merged.value("company.cash_usd"), merged.value("company.horizon_months")) == (300, 24)


def test_a_file_whose_comments_alone_changed_is_saved(opened):
    outside(opened, "# bank", "# the bank's statement")
    assert isinstance(save(opened, opened.scenario.with_value("company.cash_usd", 200)), Loaded)
    assert "cash_usd = 200   # the bank's statement" in opened.path.read_text()


def test_a_file_that_was_taken_away_is_written_anew(opened):
    opened.path.unlink()
    assert isinstance(save(opened, opened.scenario.with_value("company.cash_usd", 200)), Loaded)
    assert load(opened.path).scenario.value("company.cash_usd") == 200


def test_a_file_that_was_broken_outside_is_not_written_over(opened):
    opened.path.write_text("broken")
    with pytest.raises(ScenarioError, match="was changed by another program and is now invalid"):
        save(opened, opened.scenario.with_value("company.cash_usd", 200))
    assert opened.path.read_text() == "broken"


def test_a_deployment_taken_away_by_them_and_edited_by_us_is_one_clash(opened):
    text = PLAN.replace('[deployments.a]\nkind = "api"\nmodel = "openai:gpt-5.4"\n', "").replace('"a"', '"b"')
    text += '[deployments.b]\nkind = "api"\nmodel = "openai:gpt-5.4"\n'
    opened.path.write_text(text)
    ours = opened.scenario.with_value("deployments.a.success_share", 0.9)
    conflict = conflict_over(opened, ours)
    assert [row.field for row in conflict.clashes] == ["deployments.a"]
    assert set(merge(conflict).deployments) == {"a", "b"}
    assert set(merge(conflict, prefer="theirs").deployments) == {"b"}


FIELDS = ["company.cash_usd", "company.horizon_months", "demand.customers", "workloads.chat.output_tokens"]
EDITS = st.dictionaries(st.sampled_from(FIELDS), st.integers(1, 120))


@given(theirs=EDITS, ours=EDITS)
def test_a_merge_takes_each_change_of_one_side_and_the_chosen_of_two(theirs, ours):
    base = load_text(PLAN, path="a.toml")
    sides = []
    for edits in (theirs, ours):
        scenario = base.scenario
        for field, value in edits.items():
            scenario = scenario.with_value(field, value)
        sides.append(scenario)
    changed = Loaded(sides[0], base.path, base.text, "other")
    merged = merge(three_way(base, changed, sides[1]))
    for field in FIELDS:
        before, them, us = (side.value(field) for side in (base.scenario, *sides))
        assert merged.value(field) == (us if us != before else them)
