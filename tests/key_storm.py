"""Random keys on the screen: what is pressed, where, and what must hold whatever happened."""

import asyncio
import random
import re
import shutil
import time
import unicodedata
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from textual import events
from textual.keys import REPLACED_KEYS, _character_to_key, _get_unicode_name_from_key
from textual.widgets import Input

from planner.files import load
from planner.tui.app import PlannerApp
from planner.tui.config.keys import KEYS
from planner.tui.screens.page import Page
from planner.tui.state import Plan
from planner.tui.terminal.screen_text import screen_text
from planner.tui.widgets.value_input import Typing

ROOT = Path(__file__).parents[1]
LEAVING = {"q", "ctrl+c"}
BOUND = sorted({each for key in KEYS for each in key.keys} - LEAVING)
TYPED = [*"0123456789.%kMe-,", "space", *"to", *"abc", "backspace", "left", "delete"]
MOVES = [
    *"hlhlLH",
    "j",
    "k",
    "h",
    "l",
    "L",
    "H",
    "J",
    "K",
    "tab",
    "enter",
    "escape",
    "space",
    "u",
    "ctrl+r",
    "full_stop",
]
ANSWERS = ["y", "n", "s", "escape", "enter", "down", "up"]
SIZES = [(80, 24), (120, 40), (40, 12), (200, 50), (20, 5)]
NO_NUMBER = re.compile(r"(?<![\w-])(?:nan|inf|None|NaN)(?![\w-])")
MOST_ESCAPES, MOST_AT_ONCE, MOST_WAITS, LONGEST_S = 60, 20, 200, 60.0


@dataclass
class Storm:
    """What a storm did."""

    keys: int = 0
    edits: int = 0
    starts: int = 0


def key(random_state):
    """Return the next key: mostly moves and edits, sometimes any key that means something, or text."""
    kind = random_state.random()
    known = MOVES if kind < 0.5 else BOUND if kind < 0.75 else TYPED if kind < 0.93 else ANSWERS
    return random_state.choice(known)


@asynccontextmanager
async def screen(folder, size):
    """Give the app with a plan of its own library open, every file in `folder`, and the pilot."""
    library = folder / "saved"
    if not library.exists():
        shutil.copytree(ROOT / "saved", library)
    files = sorted(library.glob("*.toml"))
    plan = Plan.opened(load(next((each for each in files if each.stem == "support-copilot"), files[0])))
    app = PlannerApp(
        plan, library=library, driver="plain", state=folder / "state", settings=folder / "screen.toml"
    )
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app, pilot


async def storm(folder, *, seed, keys, each_start=500):
    """Press `keys` random keys over some starts of the screen; raise AssertionError where something is wrong."""
    state, done = random.Random(seed), Storm()
    while done.keys < keys:
        size = state.choice(SIZES)
        done.starts += 1
        pressed = []
        try:
            async with screen(folder, size) as (app, pilot):
                left = min(each_start, keys - done.keys)
                while left > 0 and app.is_running:
                    burst = [key(state) for _ in range(min(left, state.randint(1, MOST_AT_ONCE)))]
                    pressed += burst
                    left -= len(burst)
                    done.keys += len(burst)
                    await press(app, burst)
                    if app.is_running:
                        check_numbers(app)
                if app.is_running:  # the list of all actions has one that leaves
                    await check_way_back(app, pilot)
                done.edits += len(app.plan.past) + len(app.plan.future)
        except BaseException:
            print(f"seed {seed}, size {size}, start {done.starts}: {' '.join(pressed)}")  # noqa: T201 - to repeat it
            raise
    return done


async def press(app, keys):
    """Send keys as fast as a paste does, and go on when all of them are dealt with."""
    for name in keys:
        name = _character_to_key(name) if len(name) == 1 else name  # noqa: PLW2901 - as Textual calls it
        character: str | None
        try:
            character = unicodedata.lookup(_get_unicode_name_from_key(REPLACED_KEYS.get(name, name)))
        except KeyError:
            character = name if len(name) == 1 else None
        event = events.Key(name, character)
        event.set_sender(app)
        app.post_message(event)
    for pump in (app, app.screen, app):  # a key goes through the app, then perhaps through what has the focus
        if pump.is_running:
            dealt_with = asyncio.Event()
            pump.call_later(dealt_with.set)
            await done_or_down(app, dealt_with)
    await asyncio.sleep(0)


async def done_or_down(app, dealt_with):
    """Wait for an event, but not for an app that fell over."""
    end_s = time.monotonic() + LONGEST_S
    while not dealt_with.is_set() and app._exception is None and app.is_running:
        assert time.monotonic() < end_s, "the screen hangs"
        await asyncio.sleep(0)


def check_numbers(app):
    """Nothing on the screen reads as a number that is none, but what was typed."""
    shown = screen_text(app)
    for each in app.screen.query(Input):
        shown = shown.replace(each.value, "") if each.value else shown
    found = NO_NUMBER.search(shown)
    assert not found, f"{found[0]!r} is on the screen:\n{screen_text(app)}"


async def check_way_back(app, pilot):
    """Leave whatever is open, then take back every edit: the plan is what was opened."""
    for _ in range(MOST_ESCAPES):
        if isinstance(app.screen, Page) and len(app.screen_stack) == 1 and not app.screen.query(Typing):
            break
        await press(app, ["escape"])
        await pilot.pause()
    await pilot.pause()
    assert len(app.screen_stack) == 1, f"escape does not lead out of {app.screen_stack}"
    first = app.plan.past[0].scenario if app.plan.past else app.plan.scenario
    while app.plan.past:
        before = len(app.plan.past)
        await press(app, ["u"])
        for _ in range(MOST_WAITS):  # what else is at work may come first
            if len(app.plan.past) < before:
                break
            await pilot.pause(0.05)
        assert len(app.plan.past) == before - 1, "undo does nothing"
    assert app.plan.scenario == first
    check_numbers(app)
