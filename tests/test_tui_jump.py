"""Jump labels: every place in sight has letters, and typing them goes there."""

import pytest
from screen import CONTEXT, comes, opened

from planner.tui.dialogs.jump import JumpScreen
from planner.tui.screens.plan import PlanScreen
from planner.tui.state import Plan
from planner.tui.terminal.screen_text import screen_text
from planner.tui.widgets.charts import Span, plain
from planner.tui.widgets.jump_labels import LETTERS, Label, names, overlaid


@pytest.fixture
def plan(chat):
    return Plan.of(chat)


def letters_of(app, wanted):
    """Return the label of the place at which the row reads so."""
    for name, target in app.screen._targets.items():
        row = target.view.draw(*target.view.size)[target.y]
        if "".join(span.text for span in row)[target.x :].strip(" *▾▸").startswith(wanted):
            return name
    raise AssertionError(f"no label for {wanted}")


@pytest.mark.parametrize("count", [1, 26, 27, 60, 300, 676])
def test_no_label_is_the_beginning_of_another(count):
    found = names(count)
    assert len(set(found)) == count
    assert not [(one, two) for one in found for two in found if one != two and two.startswith(one)]
    assert {len(name) for name in found} <= {1, 2}


def test_a_label_over_half_a_wide_character_leaves_the_row_as_wide_as_it_was():
    assert plain(overlaid([[Span("a漢字b")]], [Label(2, 0, "xy")])) == "a xy b"


async def test_every_row_and_number_in_sight_has_a_label(plan):
    async with opened(plan, size=(120, 40)) as (app, pilot):
        await app.settling.settled.wait()
        await pilot.press("f")
        await pilot.pause()
        rows = [app.plan_screen.inputs.lines[at].label for _, at in app.plan_screen.inputs.targets()]
        assert len(rows) > 20
        for words in (*rows, "Net burn", "Runway", "Gross margin", "Cost per outcome", "fixed costs"):
            assert letters_of(app, words.partition(",")[0][:12])


async def test_typing_a_label_goes_to_its_row_and_the_labels_go(plan):
    async with opened(plan) as (app, pilot):
        await app.settling.settled.wait()
        await pilot.pause()
        before = screen_text(app)
        await pilot.press("f")
        await pilot.pause()
        label = letters_of(app, "Answer")
        assert label in screen_text(app)
        await pilot.press(*label)
        await pilot.pause()
        assert app.plan_screen.inputs.line.path == "workloads.chat.output_tokens"
        assert screen_text(app).splitlines()[:20] == before.splitlines()[:20]


async def test_a_label_goes_to_a_number_in_the_other_pane(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("f")
        await pilot.pause()
        await pilot.press(*letters_of(app, "Gross margin"))
        await pilot.pause()
        assert app.plan_screen.outputs.has_focus
        assert app.plan_screen.outputs.chosen == "gross_margin_share"
        await pilot.press("f")
        await pilot.pause()
        await pilot.press(*letters_of(app, "fixed costs"))
        await pilot.pause()
        assert app.plan_screen.outputs.chosen == "cost:fixed costs"


async def test_escape_leaves_everything_where_it_was(plan):
    async with opened(plan, size=(120, 40)) as (app, pilot):
        await pilot.press("f", LETTERS[-1], "backspace", "escape")
        await pilot.pause()
        assert isinstance(app.screen, PlanScreen)
        assert app.plan_screen.inputs.line.path == CONTEXT
        assert not app.plan_screen.inputs.labels


@pytest.mark.parametrize("keys", ["d", "e", "C", "o", "?", "x"])
async def test_every_screen_has_labels(plan, keys):
    async with opened(plan) as (app, pilot):
        await pilot.press("L", *keys.replace("?", "f1").split())
        await pilot.pause()
        if keys == "o":
            await pilot.press("n")
            await pilot.pause()
        await comes(pilot, lambda: len(app.front.targets()) > 1)
        await pilot.press("f")
        await pilot.pause()
        assert isinstance(app.screen, JumpScreen)
        await pilot.press("s")
        await pilot.pause()
        assert not isinstance(app.screen, JumpScreen)


async def test_a_label_moves_the_cursor_of_the_heat_map(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("x", "tab")
        await comes(pilot, lambda: len(app.front.targets()) > 1)
        await pilot.press("f", "a")
        await pilot.pause()
        assert app.screen.map.at == (0, 0)
