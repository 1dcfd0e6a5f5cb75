"""Some thousand random keys: nothing falls over, nothing reads as a number that is none, undo leads back."""

import pytest
from key_storm import press, screen, storm
from textual.css.query import NoMatches

KEYS = 1_500


@pytest.mark.parametrize("seed", [1, 2])
async def test_random_keys_break_nothing_and_undo_leads_back(tmp_path, monkeypatch, seed):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    done = await storm(tmp_path, seed=seed, keys=KEYS, each_start=300)
    assert done.keys == KEYS
    assert done.edits > 0


async def test_keys_that_come_while_the_screen_ends_do_nothing_and_are_no_fault(tmp_path):
    async with screen(tmp_path, (80, 24)) as (app, _pilot):
        before = app.plan
        app.exit(0)
        await press(app, ["L", "enter", "question_mark"])
        app._handle_exception(NoMatches("a part of a screen that is gone"))
        assert app.plan is before
        assert app._exception is None
