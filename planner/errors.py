"""What is wrong with an input, in the user's words: all of it at once."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that can't be used: where it stands, what it is, and the rule it breaks."""

    where: str
    what: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.where} {self.what}" + (f" {self.hint}" if self.hint else "")


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
        return "\n".join([head, *(f"  {problem}" for problem in self.problems)])
