"""The way into the screen: without a terminal it says so and ends; a theme that can't be used stops nothing."""

import os
import subprocess
import sys

import pytest
from screen import opened

from planner.files import load
from planner.tui.state import Plan
from planner.tui.terminal.screen_text import screen_text


@pytest.mark.parametrize("plan", [["support-copilot"], []])
def test_without_a_terminal_it_says_so_and_ends(plan):
    command = [sys.executable, "-m", "planner", *plan]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert "needs a terminal" in done.stderr
    assert "stdin" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("lost", ["stdin", "stdout"])
def test_one_stream_that_is_no_terminal_is_named(lost):
    other, here = os.openpty()
    streams = dict.fromkeys(("stdin", "stdout"), here) | {lost: subprocess.DEVNULL}
    done = subprocess.run(
        [sys.executable, "-m", "planner", "support-copilot"],
        stderr=subprocess.PIPE,
        **streams,
        timeout=60,
        check=False,
    )
    os.close(other)
    os.close(here)
    assert done.returncode == 2
    assert lost.encode() in done.stderr


@pytest.mark.parametrize("name", ["mine", "dark"])
async def test_a_theme_that_can_not_be_used_gives_way_to_the_usual_one(name, file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "themes").mkdir()
    (tmp_path / "themes" / f"{name}.toml").write_text("dark = [")
    async with opened(Plan.opened(load(file)), theme=name, size=(120, 40)) as (app, _):
        assert app.theme == "dark"
        assert f"Theme {name}" in screen_text(app)
