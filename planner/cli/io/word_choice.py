"""An option that takes one of a few words, by any of the names that are in use for it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from planner.formats import meant

if TYPE_CHECKING:
    Choice = click.Choice[str]
else:
    Choice = click.Choice  # which takes no type before click 8.2


class WordChoice(Choice):
    """A choice that also understands other words for its choices."""

    def __init__(self, choices: Sequence[str], words: Mapping[str, str]) -> None:
        super().__init__(choices)
        self.words = words

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the choice that a word means."""
        known = [str(choice) for choice in self.choices]
        return super().convert(meant(str(value), known=known, words=self.words), param, ctx)
