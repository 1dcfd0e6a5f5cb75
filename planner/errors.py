"""What is wrong with an input, in the user's words: all of it at once."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

MOST_SHOWN = 100  # problems of one input, in its words

# what a terminal would obey, or what turns the direction of reading: names in a file may hold it
_OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that can't be used: where it stands, what it is, and the rule it breaks."""

    where: str
    what: str
    hint: str = ""

    def __str__(self) -> str:
        text = f"{self.where} {self.what}" + (f" {self.hint}" if self.hint else "")
        return _OBEYED.sub("\N{REPLACEMENT CHARACTER}", text)


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
