"""What is wrong with an input, in the user's words: all of it at once."""

from collections.abc import Iterable
from dataclasses import dataclass

MOST_SHOWN = 100  # problems of one input, in its words
LONGEST_FAULT = 300
DEBUG_VARIABLE = "PLANNER_DEBUG"


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that can't be used: where it stands, what it is, and the rule it breaks."""

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
    """Return what to say where the planner itself failed."""
    from planner import __version__  # noqa: PLC0415 - only a fault asks for it

    what = _printable(f"{type(error).__name__}: {error}")[:LONGEST_FAULT]
    return (
        f"planner {__version__} failed: {what}. This is a fault of the planner, not of your file; please "
        f"report it to the project's issues with the command and what {DEBUG_VARIABLE}=1 adds."
    )


def _printable(text: str) -> str:
    """Return a text without what a terminal would obey, what turns the direction of reading and what can't be seen."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
