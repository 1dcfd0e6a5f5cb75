"""Keys in their order: one that goes to an input or to another pane is dealt with before the next one is looked at."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from textual.message import Message

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.app import App
    from textual.events import Key
    from textual.message_pump import MessagePump
    from textual.widget import Widget


class AheadOfKeys(Message):
    """Something a screen says that its app hears before it looks at the next key."""


_LONGEST_S = 0.2  # then the next key is looked at anyway


async def press(app: App[Any], event: Key, send: Callable[[Key], Awaitable[None]]) -> None:
    """Do what a key is bound to, or send it on; return when an input has dealt with it, or a pane has its focus."""
    before = app.focused
    typing = app.focused if app.focused and app.focused.check_consume_key("a", "a") else None
    letter = typing is not None and typing.check_consume_key(event.key, event.character)
    if letter or not await _bound(app, event.key):
        await send(event)
    if typing is not None:
        await _dealt_with(typing)
    elif app.focused is not None and app.focused is not before:
        await _emptied(app.focused, time.monotonic() + _LONGEST_S)


async def _bound(app: App[Any], key: str) -> bool:
    """Do what a key is bound to; return whether it is bound to anything."""
    check = app._check_bindings  # noqa: SLF001 - Textual looks only when the key has come back up to it
    return await check(key, priority=True) or await check(key)


async def _dealt_with(widget: Widget) -> None:
    """Return when an input has handled what it was sent, and the screen what the input says about it."""
    end_s = time.monotonic() + _LONGEST_S
    above = [node for node in widget.ancestors if node is not widget.app]
    # An input that keeps its text says so twice: to itself, then upwards.
    for pump in (widget, widget, *above):
        await _emptied(pump, end_s)


async def _emptied(pump: MessagePump, end_s: float) -> None:
    """Return when a widget has handled all that waits in its queue, or is gone."""
    done = asyncio.Event()
    if pump.call_later(done.set):
        while not done.is_set() and pump.is_running and time.monotonic() < end_s:  # noqa: ASYNC110 - see below
            await asyncio.sleep(0)  # one that is taken away never says that it is done
