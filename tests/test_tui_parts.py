"""Anything can be added to a plan and taken out of it, by keys; the file can be edited in the user's editor."""

import os
import shutil
from pathlib import Path

import pytest
from emulator import Program
from screen import comes, opened, said

from planner.errors import ScenarioError
from planner.files import load, table_of
from planner.model import evaluate
from planner.schema import Scenario, fields
from planner.tui.session import plan_parts
from planner.tui.session.plan_parts import places
from planner.tui.state import Plan
from planner.tui.terminal.screen_text import screen_text


@pytest.fixture
def plan(chat):
    return Plan.of(chat)


async def press(pilot, *keys):
    for key in keys:
        await pilot.press(key)
        await pilot.pause()


async def test_a_raise_is_added_by_what_it_must_be_told_and_taken_back(plan):
    async with opened(plan) as (app, pilot):
        before = app.plan.scenario.company.funding
        await press(pilot, "A", *"raise", "enter", "ctrl+u", *"12", "enter", "ctrl+u", *"3M", "enter")
        added = app.plan.scenario.company.funding[-1]
        assert (added.month, added.amount_usd) == (12.0, 3e6)
        assert said(app) == "Added the raise."
        assert app.plan_screen.inputs.line.path == f"company.funding.{len(before)}.month"
        await press(pilot, "u")
        assert app.plan.scenario.company.funding == before


async def test_a_value_that_can_not_be_used_is_asked_again_with_its_rule(plan):
    async with opened(plan, size=(120, 40)) as (app, pilot):
        before = app.plan.scenario.company.hiring
        await press(pilot, "A", *"hire", "enter", "ctrl+u", *"soon", "enter")
        assert '"soon" is not a whole number from 1 to 120' in " ".join(screen_text(app).split())
        await press(pilot, "ctrl+u", *"6", "enter", "ctrl+u", *"40k", "enter")
        await press(pilot, *"an engineer", "enter")
        hire = app.plan.scenario.company.hiring[len(before)]
        assert (hire.usd_per_month, hire.label) == (40_000, "an engineer")


async def test_a_workload_is_added_and_answered_by_the_first_deployment(plan):
    async with opened(plan) as (app, pilot):
        await press(pilot, "A", *"workload", "enter", *"chat", "enter")
        assert "exists already" in screen_text(app)
        await press(pilot, "ctrl+u", *"mail", "enter", "enter")
        mail = app.plan.scenario.workloads["mail"]
        assert mail.routing.tiers == tuple(app.plan.scenario.deployments)[:1]
        assert app.plan_screen.inputs.line.path.startswith("workloads.mail.")
        assert "costs nothing until its requests are set" in said(app)
        assert [
            line.path for line in app.plan_screen.inputs.lines if "mail" in line.path and line.changed
        ] == ["workloads.mail.routing.tiers"]
        assert not any("2 promises" in each.words for each in app.plan_screen.health.findings)
        await press(pilot, "D")
        assert "Remove the workload mail?" in screen_text(app)
        await press(pilot, "escape")
        assert "mail" in app.plan.scenario.workloads
        await press(pilot, "D", "enter")
        assert "mail" not in app.plan.scenario.workloads
        assert said(app) == "Took out the workload mail."


async def test_a_workload_is_added_together_with_the_model_that_answers_it(plan):
    async with opened(plan) as (app, pilot):
        await press(pilot, "A", *"workload", "enter", *"mail", "enter", *"new model", "enter")
        await press(pilot, *"gpt-5.4-mini", "enter")
        (name,) = set(app.plan.scenario.deployments) - set(plan.scenario.deployments)
        assert app.plan.scenario.workloads["mail"].routing.tiers == (name,)
        assert said(app).startswith(f"Added the workload mail and the deployment {name}.")
        await press(pilot, "u")
        assert app.plan.scenario == plan.scenario


def test_what_other_parts_say_of_a_workload_or_a_segment_goes_with_it(root):
    freemium = load(root / "saved" / "freemium-assistant.toml").scenario
    held = {place.path: place for place in places(freemium)}
    for path in ("workloads", "segments"):
        for name in getattr(freemium, path):
            after = plan_parts.removed(freemium, held[path], name)
            assert evaluate(Scenario.from_table(table_of(after))).metrics.keys()
            assert not any(field.path.startswith(f"{path}.{name}.") for field in fields(after))
    after = plan_parts.removed(freemium, held["segments"], "plus")
    assert plan_parts.mentions_lost(freemium, after, "segments.plus") == 1
    assert "segments.free.becomes.plus" in freemium.source.keys() - after.source.keys()


async def test_a_part_is_taken_out_at_its_head_without_a_question(plan):
    async with opened(plan) as (app, pilot):
        await press(pilot, "A", *"workload", "enter", *"mail", "enter", "enter")
        head = [line.path for line in app.plan_screen.inputs.lines].index("workloads.mail")
        app.plan_screen.inputs.move(head - app.plan_screen.inputs.cursor)
        await press(pilot, "D")
        assert "mail" not in app.plan.scenario.workloads
        assert "u brings it back" in screen_text(app)


async def test_a_deployment_is_added_by_its_model(plan):
    async with opened(plan) as (app, pilot):
        before = set(app.plan.scenario.deployments)
        await press(pilot, "A", *"deployment", "enter", *"gpt-5.4-mini", "enter")
        (name,) = set(app.plan.scenario.deployments) - before
        assert name in said(app)
        assert app.plan_screen.inputs.line.path.startswith(f"deployments.{name}.")


async def test_a_deployment_that_answers_stays_and_says_what_it_answers(plan):
    async with opened(plan) as (app, pilot):
        name = plan.scenario.workloads["chat"].routing.tiers[0]
        app.plan_screen.go_to(f"deployments.{name}.model")
        await press(pilot, "D")
        assert name in app.plan.scenario.deployments
        assert "answers chat" in said(app)


async def test_a_change_is_added_with_its_field_value_and_month_and_is_in_the_file(file):
    async with opened(Plan.opened(load(file))) as (app, pilot):
        await press(pilot, "A", *"change", "enter", *"fixed costs", "enter", "ctrl+u", *"400k", "enter")
        await press(pilot, "ctrl+u", *"9", "enter")
        (change,) = app.plan.scenario.change
        assert change.month == 9
        assert change.set == {"company.fixed_costs_usd_per_month": 400_000}
        burn = app.outlook.result.months.fixed_costs_usd.reshape(-1)
        assert burn[8] - burn[7] == 90_000
        await press(pilot, "s")
        assert load(file).scenario == app.plan.scenario


async def test_a_payment_asks_for_month_and_amount_and_refuses_where_it_was_typed(plan):
    async with opened(plan, size=(120, 40)) as (app, pilot):
        await press(pilot, "4", "greater_than_sign", "A", *"payment of the company", "enter")
        assert app.screen.query_one("Input").value == "4"
        await press(pilot, *"110", "enter")
        assert "ends with month 36" in " ".join(screen_text(app).split())
        assert app.screen.query_one("Input").value == "110"
        await press(pilot, "ctrl+u", *"10", "enter", *"2M", "enter", "enter")
        paid = app.plan.scenario.company.one_off[-1]
        assert (paid.month, paid.amount_usd) == (10.0, 2e6)
        labels = [line.label for line in app.plan_screen.inputs.lines]
        assert "One-off payment 1, month" in labels
        await press(pilot, "u")
        assert said(app) == "Undone: the one-off payment 1 of the company is out again."


async def test_another_model_from_a_month_on_is_chosen_from_the_list(plan):
    async with opened(plan, size=(120, 40)) as (app, pilot):
        deployments = plan.scenario.deployments
        name = next(name for name, each in deployments.items() if each.kind == "api")
        await press(
            pilot,
            "A",
            *"change",
            "enter",
            *f"deployments {name} model",
            "enter",
            *"haiku 5.5",
            "enter",
            "9",
            "enter",
        )
        (change,) = app.plan.scenario.change
        assert (change.month, set(change.set)) == (9, {f"deployments.{name}.model"})
        assert change.set[f"deployments.{name}.model"] == "anthropic:claude-haiku-5-5"
        assert "Success stays as it is" in said(app)


async def test_what_is_no_part_stays(plan):
    async with opened(plan) as (app, pilot):
        app.plan_screen.go_to("company.cash_usd")
        await press(pilot, "D")
        assert app.plan.scenario is plan.scenario
        assert "This stays" in said(app)


def test_every_list_and_table_of_the_schema_can_grow_and_shrink(chat):
    for place in places(chat):
        kind = place.kinds[0]
        values = {name: first for name, _, first in plan_parts.asked(place)}
        if place.path == "deployments":
            values["model"] = "openai:gpt-5.4"
        grown = plan_parts.added(chat, place, kind, values, name="fresh")
        assert grown != chat, place.path
        evaluate(grown)
        at = "fresh" if place.named else str(len(plan_parts.parts_held(chat, place.path)))
        assert plan_parts.removed(grown, place, at) == chat, place.path


def test_the_sources_of_later_parts_move_up(chat):
    place = next(each for each in places(chat) if each.path == "company.funding")
    for month in (3, 5, 7):
        chat = plan_parts.added(chat, place, place.kinds[0], {"month": month, "amount_usd": 1e6})
    first = len(chat.company.funding) - 3
    source = {f"company.funding.{first + at}.amount_usd": f"letter {at}" for at in range(3)}
    less = plan_parts.removed(chat.model_copy(update={"source": source}), place, str(first + 1))
    assert less.source == {
        f"company.funding.{first}.amount_usd": "letter 0", f"company.funding.{first + 1}.amount_usd": "letter 2"
    }  # fmt: skip


def test_a_deployment_in_use_is_a_problem_in_words(chat):
    place = next(each for each in places(chat) if each.path == "deployments")
    with pytest.raises(ScenarioError, match="answers chat"):
        plan_parts.removed(chat, place, chat.workloads["chat"].routing.tiers[0])


@pytest.fixture
def screen(tmp_path, root):
    """Give a function that opens a plan with an editor of its own, in an emulated terminal."""
    file = tmp_path / "mine.toml"
    shutil.copy(root / "saved" / "support-copilot.toml", file)
    started = []

    def start(script):
        (tmp_path / "editor").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "editor").chmod(0o755)
        folders = {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("STATE", "CONFIG", "DATA")}
        program = Program(
            "-m", "planner", str(file), size=(100, 30), EDITOR=str(tmp_path / "editor"), VISUAL="", **folders
        )
        started.append(program)
        program.wait_for("$212k", 30)
        return program, file

    yield start
    for program in started:
        try:
            program.close()
        except (ProcessLookupError, ChildProcessError):
            os.close(program.fd)


def test_what_the_editor_writes_is_taken_back(screen):
    program, file = screen('sed -i "s/310_000/210_000/" "$1"')
    program.type("\x05")
    program.wait_for("is read again", 30)
    program.wait_for("$112k", 30)
    assert load(file).scenario.company.fixed_costs_usd_per_month == 210_000


def test_what_can_not_be_used_is_shown_and_the_plan_stays(screen):
    program, _ = screen('sed -i "s/310_000/\\"lots\\"/" "$1"')
    program.type("\x05")
    program.wait_for("can't be used as it is written", 30)
    program.wait_for("fixed_costs_usd_per_month")
    program.type("\x1b")
    program.wait_for("$212k", 30)


def test_an_editor_that_is_not_there_is_told(screen):
    program, _ = screen("exit 3")
    program.type("\x05")
    program.wait_for("ended with 3", 30)


async def test_a_segment_without_overage_is_given_one():
    path = Path(__file__).parents[1] / "saved" / "freemium-assistant.toml"
    async with opened(Plan.opened(load(path)), size=(120, 40)) as (app, pilot):
        app.plan_screen.go_to("segments.plus.customers")
        await pilot.press("A", *"overage deep plus", "enter")
        await pilot.pause()
        await pilot.press(*"0.05", "enter")
        await comes(pilot, lambda: app.plan.scenario.segments["plus"].overage_usd == {"deep": 0.05})
        assert app.plan_screen.inputs.line.path == "segments.plus.overage_usd.deep"
        assert "each one is billed" in said(app)


async def test_undo_says_what_comes_back_and_goes_there(plan):
    async with opened(plan) as (app, pilot):
        before = app.plan.scenario
        await press(pilot, "A", *"workload", "enter", *"mail", "enter", "enter")
        await press(pilot, "D", "enter", "u")
        assert said(app) == "Undone: the workload mail is back."
        assert app.plan_screen.inputs.line.path.startswith("workloads.mail")
        assert not app.plan_screen.inputs.everything
        await press(pilot, "u")
        assert said(app) == "Undone: the workload mail is out again."
        assert app.plan.scenario == before
