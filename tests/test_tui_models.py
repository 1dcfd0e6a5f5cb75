"""Choosing a model: found as people write it, with what it costs, and no success taken over in silence."""

from datetime import date

import pytest
from screen import find, opened, said

from planner.files import load
from planner.tui.dialogs.new_deployment import sold_options
from planner.tui.dialogs.picker import Choices, Option, score
from planner.tui.session.field_choices import api_models
from planner.tui.session.model_facts import MODEL_HEAD, ends, model_text, sold_model_text
from planner.tui.state import Plan
from planner.tui.widgets.status import Status


def best(query, names):
    """The names that fit a query, best first."""
    ranked = [(score(query, Option(name, name)), name) for name in names]
    return [name for rank, name in sorted(pair for pair in ranked if pair[0] is not None)]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("gpt 5 mini", "openai:gpt-5-mini"),
        ("gpt5mini", "openai:gpt-5-mini"),
        ("sonnet 4.5", "anthropic:claude-sonnet-4-5"),
        ("gemini 2.5 flash lite", "google:gemini-2.5-flash-lite"),
    ],
)
def test_a_model_is_found_as_people_write_it(query, name):
    assert name in best(query, api_models())[:4]


def test_the_newest_of_a_family_comes_first_and_what_is_gone_last():
    options = sold_options(api_models())
    ranked = [(rank, each.value) for each in options if (rank := score("haiku", each)) is not None]
    names = [name for _, name in sorted(ranked)]
    assert "haiku-5" in names[0]
    gone = [name for name in names if ends(name) == 2]
    assert gone
    assert names[-len(gone) :] == gone
    apart, words = (
        score("gpt 5 mini", Option("a", name)) for name in ("google:gemini-2.5-pro-tts", "x:mini-gpt-5")
    )
    assert apart > words


def test_a_model_is_told_with_its_price_its_context_and_its_day():
    text = sold_model_text("openai:gpt-5-mini", date(2026, 11, 28))
    assert text.split() == ["ends", "2026-12", "$0.25", "$2.00", "400k", "2025-11"]
    assert MODEL_HEAD.split() == ["in/Mtok", "out/Mtok", "window", "price", "of"]
    assert sold_model_text("nobody:knows-it", date(2026, 11, 28)).strip() == "no price listed"
    assert "B parameters" in model_text("llama-3.1-8b")


def test_a_long_list_says_how_many_fit_and_makes_only_what_is_seen():
    seen = []

    def late(value):
        seen.append(value)
        return value

    choices = Choices([Option(str(n), f"model {n}", late=late) for n in range(2330)], "")
    rows = choices.draw(60, 12)
    assert "2,330 of 2,330" in rows[-1][0].text
    assert len(seen) == 11


async def test_another_model_keeps_its_success_only_with_a_word_about_it(root):
    plan = Plan.opened(load(root / "saved" / "support-copilot.toml"))
    async with opened(plan) as (app, pilot):
        await find(pilot, *"frontier model")
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press(*"gpt 5 mini", "enter")
        await pilot.pause()
        assert app.plan.scenario.deployments["frontier"].model == "openai:gpt-5-mini"
        assert "in $0.25 (was $2.50)" in said(app)
        assert "window 400k" in said(app)
        assert "success 80%, latency, reasoning tokens" in app.front.query_one(Status).notice.more
        await pilot.press("u")
        assert app.plan.scenario.deployments["frontier"].model == "openai:gpt-5.4"
