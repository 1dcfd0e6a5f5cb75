"""Keys in their order: one that goes to an input or to another pane is dealt with before the next one is looked at."""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from rich.text import Text
from textual import events
from textual.app import App, ScreenError
from textual.css.query import QueryError
from textual.message import Message
from textual.widget import WidgetError

from planner.errors import DEBUG_VARIABLE, fault_words
from planner.tui.terminal.word_guard import WordGuardScreen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from rich.console import RenderableType
    from textual.driver import Driver
    from textual.events import Key
    from textual.message_pump import MessagePump
    from textual.widget import Widget


EDITS_ARE_KEPT = "Edits that were not saved are kept: the next start on the file offers them."


class AheadOfKeys(Message):
    """Something a screen says that its app hears before it looks at the next key."""


@runtime_checkable
class TellsUnknownKeys(Protocol):
    """A screen that says something of a key that does nothing."""

    def unknown_key(self, key: str) -> None:
        """Say that a key, by Textual's name of it, does nothing."""


_LONGEST_S = 0.2  # then the next key is looked at anyway


async def press(app: App[Any], event: Key, send: Callable[[Key], Awaitable[None]]) -> None:
    """Do what a key is bound to, or send it on; return when an input has dealt with it, or a pane has its focus."""
    before = app.focused
    typing = app.focused if app.focused and app.focused.check_consume_key("a", "a") else None
    letter = typing is not None and typing.check_consume_key(event.key, event.character)
    known = not letter and await _bound(app, event.key)
    if not known:
        await send(event)
    if not known and typing is None and event.is_printable and isinstance(app.screen, TellsUnknownKeys):
        app.screen.unknown_key(event.key)
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


class KeyByKeyApp(App[int]):
    """An app that deals with each key before the next one: keys that arrive in one piece do what they do one by one."""

    def __init__(self, driver_class: type[Driver] | None = None) -> None:
        super().__init__(driver_class=driver_class)
        self._told: deque[AheadOfKeys] = deque()
        self._ends = False

    def exit(
        self, result: int | None = None, return_code: int = 0, message: RenderableType | None = None
    ) -> None:
        """End, and look at no more keys."""
        self._ends = True
        super().exit(result, return_code, message)

    def heard(self) -> int:
        """Return how often something has come from the terminal, whether it was dealt with or not."""
        return getattr(self._driver, "reads", 0)

    def post_message(self, message: Message) -> bool:
        """Keep what a screen says for before the next key; queue anything else."""
        if not isinstance(message, AheadOfKeys):
            return super().post_message(message)
        self._told.append(message)
        self.call_next(self._hear)
        return True

    async def _hear(self) -> None:
        """Handle what screens said, in its order."""
        while self._told:
            await self._dispatch_message(self._told.popleft())

    async def on_event(self, event: events.Event) -> None:
        """Handle a key, and all that screens say about it, before the next one is looked at."""
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
            return
        if self._ends:
            return
        await self._hear()
        await self.before_key(event.key)
        if isinstance(self.screen, WordGuardScreen) and self.screen.goes_on(event):
            return
        await press(self, event, super().on_event)
        await self._hear()
        self.after_key()

    def _handle_exception(self, error: Exception) -> None:
        """Let what a last key did to a screen that is being taken down go: there is nothing left to do it to."""
        if not (self._ends and isinstance(error, QueryError | ScreenError | WidgetError)):
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Say in a sentence that the screen fell over; the whole story is for who asks for it."""
        if self._exception is None or os.environ.get(DEBUG_VARIABLE):
            super()._fatal_error()
        else:
            self.panic(Text(f"{fault_words(self._exception)} {EDITS_ARE_KEPT}"))

    async def before_key(self, key: str) -> None:
        """Wait for what a key needs; nothing unless an app says so."""

    def after_key(self) -> None:
        """Follow up a key; nothing unless an app says so."""
