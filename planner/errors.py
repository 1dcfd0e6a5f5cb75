"""Problems with an input in plain words, all reported at once."""

from collections.abc import Iterable
from dataclasses import dataclass

MOST_SHOWN = 100  # problems listed per input
LONGEST_FAULT = 300
DEBUG_VARIABLE = "PLANNER_DEBUG"


@dataclass(frozen=True, order=True)
class Problem:
    """One problem: its place, what is wrong, and a hint."""

    where: str
    what: str
    hint: str = ""

    def __str__(self) -> str:
        return _printable(f"{self.where} {self.what}" + (f" {self.hint}" if self.hint else ""))


class ScenarioError(Exception):
    """Input that can't be used. Holds every problem found, never only the first.

    >>> print(ScenarioError([Problem("company.cash_usd", "is -5; it must be 0 or more.")], source="a.toml"))
    a.toml can't be used:
      company.cash_usd is -5; it must be 0 or more.
    """

    def __init__(self, problems: Iterable[Problem], *, source: str = "") -> None:
        self.problems = tuple(problems)
        self.source = source
        super().__init__(*self.problems)

    def __str__(self) -> str:
        head = f"{self.source} can't be used:" if self.source else "This can't be used:"
        lines = [head, *(f"  {problem}" for problem in self.problems[:MOST_SHOWN])]
        if len(self.problems) > MOST_SHOWN:
            lines.append(f"  and {len(self.problems) - MOST_SHOWN:,} more problems.")
        return "\n".join(lines)


def fault_words(error: BaseException) -> str:
    """Return the message for a bug in the planner itself."""
    from planner import __version__  # noqa: PLC0415 - only a fault asks for it

    what = _printable(f"{type(error).__name__}: {error}")[:LONGEST_FAULT]
    return (
        f"planner {__version__} failed: {what}. This is a fault of the planner, not of your file; please "
        f"report it to the project's issues with the command and what {DEBUG_VARIABLE}=1 adds."
    )


def _printable(text: str) -> str:
    """Return a text without control, bidirectional and invisible characters."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
