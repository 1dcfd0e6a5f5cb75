"""An option with a fixed set of words, accepting common alternatives for each."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from planner.formats import meant

if TYPE_CHECKING:
    Choice = click.Choice[str]
else:
    Choice = click.Choice  # not generic before click 8.2


class WordChoice(Choice):
    """A choice that also accepts other words for its choices."""

    def __init__(self, choices: Sequence[str], words: Mapping[str, str]) -> None:
        super().__init__(choices)
        self.words = words

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the choice for a word."""
        known = [str(choice) for choice in self.choices]
        return super().convert(meant(str(value), known=known, words=self.words), param, ctx)
