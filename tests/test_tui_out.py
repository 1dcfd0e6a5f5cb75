"""What leaves the screen: copies, pictures, reports, months; nothing is written over unasked."""

import shutil

import pytest
from screen import comes, opened, said
from textual.widgets import Input

from planner.files import load
from planner.tui.dialogs.ask import AskText
from planner.tui.screens.sweep import SweepScreen
from planner.tui.session.exports import KINDS, suggested_file
from planner.tui.state import Plan
from planner.tui.terminal.screen_text import screen_text


@pytest.fixture
def plan(tmp_path, root, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "saved"
    folder.mkdir()
    shutil.copy(root / "saved" / "support-copilot.toml", folder / "mine.toml")
    return Plan.opened(load(folder / "mine.toml"))


async def write(pilot, letters, *then):
    await pilot.press("E", *letters, "enter")
    await pilot.pause()
    await pilot.press(*then)
    await pilot.pause()


async def test_a_field_and_a_number_are_copied_with_what_they_are_called(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("y")
        assert app.clipboard == "workloads.chat.context_tokens = 16000"
        await pilot.press("tab", "j", "y")
        assert app.clipboard == "Runway\t13.5 months"


async def test_a_table_is_copied_with_tabs_between_its_columns(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("Y")
        target = plan.scenario.value("workloads.chat.latency_target_s")
        assert f"Latency target\t{target:g}" in app.clipboard.splitlines()
        await pilot.press("tab", "Y")
        rows = [line.split("\t") for line in app.clipboard.splitlines()]
        assert rows[0] == ["Net burn, month 1", "$212k"]
        assert "fixed costs" in [row[0] for row in rows]
        assert {len(row) for row in rows} == {2}


async def test_a_sweep_is_copied_as_a_grid(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("x", "tab")
        await comes(pilot, lambda: isinstance(app.screen, SweepScreen) and app.screen.map.swept)
        await pilot.press("Y")
        rows = [line.split("\t") for line in app.clipboard.splitlines()]
        assert len({len(row) for row in rows}) == 1
        assert len(rows) > 2


async def test_what_is_too_long_for_a_clipboard_is_not_copied_in_part(plan, monkeypatch):
    async with opened(plan) as (app, pilot):
        monkeypatch.setattr(app.front, "copied", lambda: "x" * 100_000)
        await pilot.press("y")
        assert "too long" in said(app)
        assert app.clipboard == ""


async def test_the_months_are_written_as_csv(plan, tmp_path):
    async with opened(plan) as (app, pilot):
        await write(pilot, "csv", "enter")
        lines = (tmp_path / "mine-months.csv").read_text().splitlines()
        assert lines[0].startswith("month,customers")
        assert len(lines) == 37
        assert f"Written to {tmp_path / 'mine-months.csv'}" in said(app)


@pytest.mark.parametrize(
    ("letters", "name", "holds"),
    [
        ("svg", "mine-screen.svg", "<svg"),
        ("text", "mine-screen.txt", "Gross margin"),
        ("markdown", "mine-report.md", "| Runway"),
        ("html", "mine-report.html", "<!doctype html>"),
    ],
)
async def test_each_kind_is_written_whole(plan, tmp_path, letters, name, holds):
    async with opened(plan) as (_, pilot):
        await write(pilot, letters, "enter")
        text = (tmp_path / name).read_text()
        assert holds in text
        assert "Write into a file" not in text  # the question is not in the picture


async def test_a_workbook_is_written_as_bytes(plan, tmp_path):
    async with opened(plan) as (app, pilot):
        await write(pilot, "workbook", "enter")
        assert (tmp_path / "mine-plan.xlsx").read_bytes().startswith(b"PK")
        assert f"Written to {tmp_path / 'mine-plan.xlsx'}" in said(app)


async def test_in_a_browser_what_is_written_is_a_download(plan, tmp_path, monkeypatch):
    async with opened(plan) as (app, pilot):
        given = {}

        def deliver(file, *, save_filename, open_method):
            given[save_filename] = (file.read(), open_method)

        monkeypatch.setattr(type(app), "is_web", True)
        monkeypatch.setattr(app, "deliver_binary", deliver)
        await write(pilot, "csv")
        content, method = given["mine-months.csv"]
        assert content.startswith(b"month,customers")
        assert method == "download"
        assert not (tmp_path / "mine-months.csv").exists()
        assert "downloads" in said(app)


async def test_a_picture_loads_nothing_from_elsewhere(plan, tmp_path):
    async with opened(plan) as (_, pilot):
        await write(pilot, "svg", "enter")
    svg = (tmp_path / "mine-screen.svg").read_text()
    assert "url(http" not in svg
    assert "@font-face" not in svg


async def test_a_file_that_is_there_is_written_over_only_when_told_so(plan, tmp_path):
    (tmp_path / "kept.csv").write_text("mine")
    async with opened(plan) as (app, pilot):
        await write(pilot, "csv")
        app.screen.query_one(Input).value = "kept.csv"
        await pilot.press("enter")
        await pilot.pause()
        assert "there already" in screen_text(app)
        await pilot.press("escape")
        assert (tmp_path / "kept.csv").read_text() == "mine"
        await write(pilot, "csv")
        app.screen.query_one(Input).value = "kept.csv"
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("n")
        await pilot.pause()
        assert isinstance(app.screen, AskText)
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("y")
        await pilot.pause()
        assert (tmp_path / "kept.csv").read_text().startswith("month,")


async def test_the_name_offered_is_free(plan, tmp_path):
    (tmp_path / "mine-months.csv").write_text("mine")
    async with opened(plan) as (app, _):
        assert suggested_file(app.plan, KINDS["months"]).name == "mine-months-2.csv"


@pytest.mark.parametrize(("name", "words"), [("nowhere/a.csv", "doesn't exist"), ("saved", "is a folder")])
async def test_a_place_that_can_not_be_written_is_said_in_words(plan, name, words):
    async with opened(plan) as (app, pilot):
        await write(pilot, "csv")
        app.screen.query_one(Input).value = name
        await pilot.press("enter")
        await pilot.pause()
        assert words in said(app)


async def test_a_title_with_escapes_is_harmless_in_every_file(plan, tmp_path):
    hostile = plan.scenario.model_copy(update={"title": "a\x1b[31m<script>=1+1"})
    async with opened(plan.became(hostile)) as (_, pilot):
        for letters in ("svg", "text", "markdown", "html"):
            await write(pilot, letters, "enter")
    for path in tmp_path.glob("mine-*"):
        text = path.read_text()
        assert "\x1b" not in text
        assert "<script>" not in text or path.suffix == ".txt"
