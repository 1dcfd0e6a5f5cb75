"""What is wrong with an input, in the user's words: all of it at once."""

from collections.abc import Iterable
from dataclasses import dataclass

MOST_SHOWN = 100  # problems of one input, in its words


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that can't be used: where it stands, what it is, and the rule it breaks."""

    where: str
    what: str
    hint: str = ""

    def __str__(self) -> str:
        text = f"{self.where} {self.what}" + (f" {self.hint}" if self.hint else "")
        # what a terminal would obey, what turns the direction of reading and what can't be seen: names may hold it
        return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


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
