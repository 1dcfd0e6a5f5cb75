"""Keys, colours and density as the user wants them."""

import pytest
from screen import opened, said

from planner.tui.config.keymap import key_of, keymap, starter
from planner.tui.config.keys import KEYS
from planner.tui.config.settings import Settings, read_settings, write_settings
from planner.tui.dialogs.ask import AskText
from planner.tui.screens.problem_list import ProblemScreen
from planner.tui.state import Plan
from planner.tui.terminal.ascii import needs_ascii
from planner.tui.terminal.screen_text import screen_text

GREEN = """
dark = true
[colours]
primary = "#00ff00"
foreground = "#ffffff"
background = "#000000"
"""


@pytest.fixture
def plan(chat):
    return Plan.of(chat)


def read(tmp_path, text):
    (tmp_path / "keys.toml").write_text(text)
    keys, problems = keymap(tmp_path / "keys.toml")
    return keys, [str(problem) for problem in problems]


def keys_of(keys, name):
    return {each for key in keys if key.name == name for each in key.keys}


def test_keys_may_be_written_as_people_write_them(tmp_path):
    keys, problems = read(
        tmp_path, 'undo = "u ^y"\nhelp = ["?", "f5"]\nredraw = "pgdn"\npage_down = "ctrl+d"'
    )
    assert problems == []
    assert keys_of(keys, "undo") == {"u", "ctrl+y"}
    assert keys_of(keys, "help") == {"question_mark", "f5"}
    assert keys_of(keys, "redraw") == {"pagedown"}


def test_everything_wrong_with_a_keymap_is_told_at_once(tmp_path):
    _, problems = read(tmp_path, 'undo = "u ctl+z"\nlast = "5"\nquitt = "x"\nsave = "u"\nhelp = 3\n')
    told = "\n".join(problems)
    for words in (
        '"ctl+z" is no key',
        "digits are counts",
        "Did you mean quit?",
        "must be keys",
        "both want",
    ):
        assert words in told, told


def test_a_keymap_that_is_not_toml_leaves_the_keys_as_they_are(tmp_path):
    keys, problems = read(tmp_path, "undo = ")
    assert keys == KEYS
    assert len(problems) == 1


def test_a_hostile_name_in_a_keymap_is_shown_inert(tmp_path):
    _, problems = read(tmp_path, '"a\\u001b[31m" = "x"\nundo = "\\u001b"')
    assert problems
    assert "\x1b" not in "".join(problems)


def test_the_starter_names_every_action_and_changes_none(tmp_path):
    keys, problems = read(tmp_path, starter())
    assert (keys, problems) == (KEYS, [])
    uncommented = "".join(
        line.removeprefix("# ") + "\n"
        for line in starter().splitlines()
        if " = " in line and "such as" not in line
    )
    keys, problems = read(tmp_path, uncommented)
    assert not [each for each in problems if "no key" in each or "not an action" in each]
    for key in KEYS:
        assert f"\n# {key.name} = " in starter()


@pytest.mark.parametrize("word", ["f99", "ctrl+", "hyper+x", "5", ""])
def test_what_is_no_key_is_known_as_such(word):
    assert key_of(word) is None


def test_a_line_without_any_key_changes_nothing(tmp_path):
    keys, problems = read(tmp_path, 'undo = "ctl+z"')
    assert keys_of(keys, "undo") == {"u"}
    assert len(problems) == 1


def test_an_empty_line_takes_an_action_off_the_keys(tmp_path):
    keys, problems = read(tmp_path, 'undo = ""')
    assert keys_of(keys, "undo") == set()
    assert problems == []


async def test_a_changed_key_works_at_once_and_the_old_one_no_more(plan, tmp_path):
    keys, _ = read(tmp_path, 'higher = "w"')
    async with opened(plan) as (app, pilot):
        app.use_keys(keys, [])
        before = app.plan
        await pilot.press("l")
        assert app.plan is before
        await pilot.press("w")
        assert app.plan.scenario.value("workloads.chat.context_tokens") == 4250
        await pilot.press("3", "w")
        assert app.plan.scenario.value("workloads.chat.context_tokens") == 5000


async def test_faults_of_a_keymap_are_shown_when_the_screen_opens(plan, tmp_path):
    keys, _ = read(tmp_path, "")
    _, problems = keymap(tmp_path / "keys.toml")
    assert problems == []
    (tmp_path / "keys.toml").write_text('quitt = "x"')
    keys, problems = keymap(tmp_path / "keys.toml")
    async with opened(plan) as (app, pilot):
        app.use_keys(keys, problems)
        await pilot.pause()
        assert isinstance(app.screen, ProblemScreen)
        assert "Did you mean quit?" in screen_text(app)
        await pilot.press("escape")
        assert app.screen is app.plan_screen


async def test_a_theme_shows_as_the_cursor_comes_to_it_and_goes_when_left(plan, tmp_path):
    async with opened(plan, settings=tmp_path / "screen.toml") as (app, pilot):
        before = app.theme
        await pilot.press("t", "down")
        assert app.theme != before
        await pilot.press("escape")
        assert app.theme == before
        assert not (tmp_path / "screen.toml").exists()


async def test_a_theme_and_a_density_that_were_chosen_are_there_at_the_next_start(plan, tmp_path):
    async with opened(plan, settings=tmp_path / "screen.toml") as (app, pilot):
        await pilot.press("t", *"paper", "enter")
        await pilot.press("v")
        assert app.has_class("-roomy")
    async with opened(plan, settings=tmp_path / "screen.toml") as (app, pilot):
        assert app.theme == "paper"
        assert app.has_class("-roomy")
        await pilot.press("v")
        assert not app.has_class("-roomy")


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 40), (200, 50)])
async def test_roomy_hides_nothing_that_compact_shows(plan, tmp_path, size):
    async with opened(plan, size=size, settings=tmp_path / "screen.toml") as (app, pilot):
        await pilot.press("v")
        await pilot.pause()
        shown = screen_text(app)
        for words in ("Runway", "Context", "help"):
            assert words in shown


async def test_a_theme_of_the_user_is_read_again_when_its_file_changes(plan, tmp_path):
    (tmp_path / "themes").mkdir()
    file = tmp_path / "themes" / "own.toml"
    file.write_text(GREEN)
    async with opened(plan, library=tmp_path, theme="own") as (app, pilot):
        assert app.current_theme.primary == "#00ff00"
        file.write_text(GREEN.replace("#00ff00", "#ff0000"))
        app.looks._follow()
        await pilot.pause()
        assert app.current_theme.primary == "#ff0000"
        file.write_text("primary =")
        app.looks._follow()
        await pilot.pause()
        assert "own" in said(app)
        assert app.current_theme.primary == "#ff0000"


def test_settings_are_read_as_they_were_written(tmp_path):
    path = tmp_path / "deep" / "screen.toml"
    write_settings(path, Settings("paper", "roomy"))
    assert read_settings(path) == (Settings("paper", "roomy"), [])


def test_settings_that_can_not_be_used_are_left_out_in_words(tmp_path):
    path = tmp_path / "screen.toml"
    path.write_text('theme = "../x"\ndensity = "huge"\ncolour = 1')
    settings, problems = read_settings(path)
    assert settings == Settings()
    assert [problem.where for problem in problems] == ["colour", "theme", "density"]


async def test_a_question_answered_twice_or_below_another_goes_away_once(plan):
    async with opened(plan) as (app, pilot):
        below, above = AskText("below"), AskText("above")
        app.push_screen(below)
        await app.push_screen(above)
        below.answer("late")
        assert app.screen is above
        above.answer("one")
        above.answer("two")
        await pilot.pause()
        assert app.screen is below
        await pilot.press("escape")
        assert app.screen is app.plan_screen


@pytest.mark.parametrize(
    ("environ", "needed"),
    [
        ({"TERM": "xterm-256color", "LANG": "de_DE.UTF-8"}, False),
        ({"TERM": "xterm-256color", "LANG": "C.utf8"}, False),
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "xterm-256color", "LANG": "de_DE.UTF-8", "LC_ALL": "C"}, True),
        ({"TERM": "xterm-256color", "LANG": "C", "LC_CTYPE": "de_DE.UTF-8"}, False),
        ({"TERM": "xterm-256color", "LANG": "de_DE.ISO-8859-1", "LC_CTYPE": "C.UTF-8"}, True),
        ({"TERM": "linux", "LANG": "C.UTF-8"}, True),
        ({"TERM": "dumb", "LANG": "C.UTF-8"}, True),
        ({"TERM": "dumb", "TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver"}, False),
    ],
)
def test_ascii_alone_is_for_terminals_and_locales_that_have_nothing_else(environ, needed):
    assert needs_ascii(environ) is needed


@pytest.mark.parametrize(
    "keys", ["", "tab", "L d", "x tab", "x tab tab", "o", "e", "question_mark", "t", "C", "q"]
)
async def test_with_ascii_alone_no_screen_shows_anything_else(chat, keys, tmp_path):
    chat = chat.with_value("title", "Caf\u00e9 \u6f22\u5b57")
    write_settings(tmp_path / "screen.toml", Settings(ascii_only=True))
    async with opened(Plan.of(chat), size=(120, 40), settings=tmp_path / "screen.toml") as (app, pilot):
        await app.settling.settled.wait()
        await pilot.press(*keys.split())
        await pilot.pause(0.5)
        shown = screen_text(app)
        assert shown.isascii(), {each for each in shown if not each.isascii()}


async def test_in_ascii_the_charts_keep_their_axes_and_tell_line_and_band_apart(plan, tmp_path):
    write_settings(tmp_path / "screen.toml", Settings(ascii_only=True))
    async with opened(plan, size=(120, 40), settings=tmp_path / "screen.toml") as (app, pilot):
        await app.settling.settled.wait()
        await pilot.pause()
        shown = screen_text(app)
        for words in ("* cash, median   . 5th to 95th percentile", "month", "$0 +", "####", "at its low end"):
            assert words in shown


async def test_the_palette_changes_to_ascii_and_back_and_the_next_start_knows(plan, tmp_path):
    async with opened(plan, settings=tmp_path / "screen.toml") as (app, pilot):
        assert not screen_text(app).isascii()
        await pilot.press("colon", *"ascii", "enter")
        await pilot.pause()
        assert screen_text(app).isascii()
    assert read_settings(tmp_path / "screen.toml")[0].ascii_only is True
    async with opened(plan, settings=tmp_path / "screen.toml") as (app, pilot):
        assert screen_text(app).isascii()
        await pilot.press("colon", *"ascii", "enter")
        await pilot.pause()
        assert not screen_text(app).isascii()


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 40)])
async def test_the_terminals_own_cursor_is_where_the_focus_is(plan, size):
    async with opened(plan, size=size) as (app, pilot):
        await app.settling.settled.wait()
        for keys in ("j", "j", "J", "tab", "j", "j", "j", "j", "tab", "L", "d", "j", "escape", "f1", "j"):
            await pilot.press(keys)
            await pilot.pause(0.1)
            view, x, y = app.front.cursor_at()
            assert app.cursor_position == view.region.offset + (x, y)  # noqa: RUF005 - an offset
            assert view.region.width


async def test_the_cursor_stands_on_the_row_that_it_is_about(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("j", "j")
        await pilot.pause()
        row = screen_text(app).splitlines()[app.cursor_position.y]
        assert app.plan_screen.inputs.line.label in row
