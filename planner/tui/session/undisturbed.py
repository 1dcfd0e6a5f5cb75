"""Work that a key comes before: given up in the middle, it goes on from there once the user rests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from planner.model.shared import Shared

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class GivenUpError(Exception):
    """Something else is wanted first."""


class Undisturbed:
    """The parts of a plan, worked out while nothing else is wanted: what is kept is there at the next try.

    `kept` may hold those of an earlier plan.
    """

    def __init__(self, wanted: Callable[[], bool], kept: Shared | None = None) -> None:
        self._wanted, self._kept = wanted, kept or Shared()

    def look(self) -> None:
        """Raise GivenUpError where something else is wanted."""
        if self._wanted():
            raise GivenUpError

    def found(self, what: str, given: tuple[Any, ...], compute: Callable[[], T]) -> T:
        """Return a part as `Shared.found` does, where nothing else is wanted."""
        self.look()
        return self._kept.found(what, given, compute)


def nothing_else() -> bool:
    """Say that nothing else is wanted."""
    return False
