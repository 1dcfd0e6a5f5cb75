"""A word typed where nothing is typed: its letters are not taken for commands once one of them was none."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual.screen import Screen

if TYPE_CHECKING:
    from textual.events import Key

_WORD_S = 0.5  # between two letters of a word that somebody types


class WordGuardScreen(Screen[None]):
    """A screen that may tell a word from commands: it says what a stray letter does not do, and drops the rest."""

    def __init__(self) -> None:
        super().__init__()
        self._word_until_s = 0.0

    @property
    def guards_words(self) -> bool:
        """Whether it does; not unless a screen says so."""
        return False

    def goes_on(self, key: Key) -> bool:
        """Return whether a key goes on with a word that began with a letter which does nothing here."""
        now_s = time.monotonic()
        if not key.is_printable or now_s > self._word_until_s:
            self._word_until_s = 0.0
            return False
        self._word_until_s = now_s + _WORD_S
        return True

    def on_key(self, event: Key) -> None:
        """Say that a key does nothing here; only keys that nothing is bound to come so far."""
        if self.guards_words and event.is_printable and event.character and self.app.screen is self:
            if not event.character.isdigit():
                self._word_until_s = time.monotonic() + _WORD_S
            self.say_stray(event.character)

    def say_stray(self, character: str) -> None:
        """Say that a key does nothing here, and what does something; every screen does it its own way."""
