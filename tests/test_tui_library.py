"""The library, by keys: new plans, copies, other names, deletions, and the way back from each."""

import pytest
from screen import opened, said

from planner.files import load
from planner.tui.dialogs.ask import AskText
from planner.tui.screens.claims import ClaimScreen, ClaimsScreen
from planner.tui.screens.compare import CompareScreen
from planner.tui.screens.plan import PlanScreen
from planner.tui.state import Plan
from planner.tui.terminal.screen_text import screen_text

NAME = ["ctrl+u"]


@pytest.fixture
def folder(tmp_path, root, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / "mine.toml").write_text((root / "saved" / "support-copilot.toml").read_text())
    return folder


def library(folder, **kwargs):
    return opened(Plan.blank, library=folder, from_library=True, **kwargs)


async def press(pilot, *keys):
    for key in keys:
        await pilot.press(key)
        await pilot.pause()


async def go_to(pilot, name):
    await press(pilot, "slash", *name, "enter")


async def test_n_makes_a_plan_from_the_starter_and_enter_opens_it(folder):
    async with library(folder) as (app, pilot):
        await press(pilot, "n", "enter", *NAME, *"first", "enter")
        assert said(app) == "Made first from the starter."
        assert load(folder / "first.toml").scenario.title == "First"
        await press(pilot, "enter")
        assert isinstance(app.screen, PlanScreen)
        assert app.plan.file.path == folder / "first.toml"


async def test_n_makes_a_plan_from_another_one(folder):
    async with library(folder) as (app, pilot):
        await press(pilot, "n", *"mine", "enter", "enter")
        first, second = (load(folder / f"{name}.toml") for name in ("mine", "mine-2"))
        assert second.scenario == first.scenario.model_copy(update={"title": "Mine 2"})
        assert len(second.text.splitlines()) == len(first.text.splitlines())
        await press(pilot, "u")
        assert not (folder / "mine-2.toml").exists()
        await press(pilot, "ctrl+r")
        assert (folder / "mine-2.toml").exists()
        assert said(app) == "Made mine-2 from mine."


@pytest.mark.parametrize("name", ["../out", "mine", "mine.toml", ".hidden", "x" * 120])
async def test_a_name_that_can_not_be_used_is_asked_again_in_words(folder, name):
    async with library(folder) as (app, pilot):
        await press(pilot, "n", "enter", *NAME)
        app.screen.query_one("Input").value = name
        await press(pilot, "enter")
        assert isinstance(app.screen, AskText)
        assert any(
            words in screen_text(app) for words in ("no folders", "exists already", "starts with", "at most")
        )
        await press(pilot, *NAME, *"good", "enter")
        assert (folder / "good.toml").exists()


async def test_a_copy_of_a_shipped_plan_that_extends_another_can_be_opened(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    async with opened(Plan.blank, from_library=True) as (app, pilot):
        await go_to(pilot, "support-copilot-rag-routing")
        before = load(app.screen._file.path).scenario
        await press(pilot, "c", "enter")
        copy = tmp_path / "data" / "planner" / "saved" / "support-copilot-rag-routing-2.toml"
        assert load(copy).scenario.workloads == before.workloads


async def test_another_name_can_be_taken_back_and_given_again(folder):
    text = (folder / "mine.toml").read_text()
    async with library(folder) as (app, pilot):
        await go_to(pilot, "mine")
        await press(pilot, "r", *NAME, *"yours", "enter")
        assert sorted(path.name for path in folder.iterdir()) == ["yours.toml"]
        await press(pilot, "u")
        assert (folder / "mine.toml").read_text() == text
        assert app.screen.sheet.chosen == "mine"
        await press(pilot, "ctrl+r")
        assert app.screen.sheet.chosen == "yours"


async def test_a_title_made_of_a_name_follows_it_and_another_one_stays(folder):
    async with library(folder) as (_, pilot):
        await press(pilot, "n", "enter", *"acme", "enter")
        await press(pilot, "r", *"beta", "enter")
        assert load(folder / "beta.toml").scenario.title == "Beta"
        await press(pilot, "u")
        assert load(folder / "acme.toml").scenario.title == "Acme"
        before = load(folder / "mine.toml").scenario.title
        await go_to(pilot, "mine")
        await press(pilot, "r", *"yours", "enter")
        assert load(folder / "yours.toml").scenario.title == before


async def test_a_deleted_plan_comes_back_from_the_trash_in_a_later_session(folder):
    (folder / "mine.toml").chmod(0o640)
    text = (folder / "mine.toml").read_text()
    async with library(folder) as (_, pilot):
        await go_to(pilot, "mine")
        await press(pilot, "D")
        assert not (folder / "mine.toml").exists()
    async with library(folder) as (app, pilot):
        await press(pilot, "T", *"mine", "enter")
        assert "is back" in said(app)
        assert app.screen.sheet.chosen == "mine"
    assert (folder / "mine.toml").read_text() == text
    assert (folder / "mine.toml").stat().st_mode & 0o777 == 0o640


async def test_a_deletion_can_be_taken_back_after_another_plan_was_open(folder):
    async with library(folder) as (app, pilot):
        await go_to(pilot, "mine")
        await press(pilot, "D")
        assert not (folder / "mine.toml").exists()
        await go_to(pilot, "legal")
        await press(pilot, "enter", "o")
        await press(pilot, "u")
        assert (folder / "mine.toml").exists()
        assert "deleted mine" in said(app)


async def test_a_file_that_changed_since_is_not_touched_by_undo(folder):
    async with library(folder) as (app, pilot):
        await press(pilot, "n", *"mine", "enter", "enter")
        copy = folder / "mine-2.toml"
        copy.write_text(copy.read_text() + "# mine\n")
        await press(pilot, "u")
        assert copy.exists()
        assert "changed" in said(app)


async def test_a_plan_that_is_no_text_can_be_deleted_and_comes_back_as_it_was(folder):
    broken = folder / "broken.toml"
    broken.write_bytes(b"\xff\xfe")
    async with library(folder) as (_, pilot):
        await go_to(pilot, "broken")
        await press(pilot, "c", "enter", "D")
        assert not broken.exists()
        await press(pilot, "u")
        assert broken.read_bytes() == b"\xff\xfe"


async def test_with_nothing_done_undo_says_so(folder):
    async with library(folder) as (app, pilot):
        await press(pilot, "u")
        assert said(app) == "There is nothing to take back."
        await press(pilot, "ctrl+r")
        assert said(app) == "There is nothing to do again."


async def test_the_open_plan_goes_with_its_file_to_another_name(folder):
    async with opened(Plan.opened(load(folder / "mine.toml")), library=folder) as (_, pilot):
        await press(pilot, "o", "slash", *"mine", "enter", "r", *NAME, *"yours", "enter", "escape", "L", "s")
        assert sorted(path.name for path in folder.iterdir()) == ["yours.toml"]
        assert "18_500" in (folder / "yours.toml").read_text()


async def test_after_undo_the_open_plan_has_its_first_name_again(folder):
    async with opened(Plan.opened(load(folder / "mine.toml")), library=folder) as (app, pilot):
        await press(pilot, "o", "slash", *"mine", "enter", "r", *NAME, *"yours", "enter", "u", "escape")
        assert app.plan.file.path == folder / "mine.toml"
        assert "mine.toml" in screen_text(app).splitlines()[0]


@pytest.mark.parametrize("keys", [["D"], ["r", *NAME, *"other", "enter"]])
async def test_a_plan_that_others_extend_does_not_go_without_a_word(folder, keys):
    (folder / "child.toml").write_text('schema = 1\nextends = "mine.toml"\n')
    async with library(folder) as (app, pilot):
        await go_to(pilot, "mine")
        await press(pilot, *keys)
        assert said(app).endswith("child extends it and can't be opened now.")
        await press(pilot, "u")
        assert load(folder / "child.toml").baseline_path == folder / "mine.toml"


async def test_claims_open_from_the_library_and_say_that_no_plan_is_open(folder):
    async with library(folder) as (app, pilot):
        await press(pilot, "C")
        assert isinstance(app.screen, ClaimsScreen)
        await press(pilot, "a")
        assert "No plan is open" in said(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, ClaimScreen)
        assert "In this plan" not in app.screen.copied_table()
        await press(pilot, "a", "escape", "escape")
        assert app.plan.scenario is Plan.blank.scenario


async def test_b_compares_the_open_plan_with_the_one_under_the_cursor(folder):
    old = (folder / "mine.toml").read_text()
    (folder / "dear.toml").write_text(
        old.replace("fixed_costs_usd_per_month = 310_000", "fixed_costs_usd_per_month = 400_000")
    )
    async with library(folder) as (app, pilot):
        await go_to(pilot, "mine")
        await press(pilot, "b")
        assert "No plan is open" in said(app)
        await press(pilot, "enter", "o")
        assert app.screen.sheet.chosen == "mine"
        await go_to(pilot, "dear")
        await press(pilot, "b")
        assert isinstance(app.screen, CompareScreen)
        assert "$400k" in app.screen.copied_table()
        assert app.plan.file.path == folder / "mine.toml"
        assert app.screen.names[0] == "dear"
        await press(pilot, "escape")
        assert isinstance(app.screen, PlanScreen)
        assert app.plan.baseline == load(folder / "mine.toml").scenario


async def test_b_over_an_open_plan_keeps_its_edits(folder):
    (folder / "old.toml").write_text((folder / "mine.toml").read_text())
    async with opened(Plan.opened(load(folder / "mine.toml")), library=folder) as (app, pilot):
        await press(pilot, "l", "s", "l", "b", "o", "n")
        assert app.screen.sheet.chosen == "mine"
        edited = app.plan.scenario
        await go_to(pilot, "old")
        await press(pilot, "b")
        assert isinstance(app.screen, CompareScreen)
        assert app.plan.scenario is edited
        assert "Context" in app.screen.copied_table()
