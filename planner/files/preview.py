"""Preview the changes to a file before it is written."""

import difflib

from planner.files.safe_text import inert


def changed_lines(before: str, after: str, name: str, *, with_what: str, around: int = 1) -> list[str]:
    r"""Return the lines of a unified diff between two texts of the file `name`; empty if they are the same.

    `with_what` describes the second text ("with the log"); `around` lines of context surround each change.

    >>> changed_lines("a = 1\nb = 2\n", "a = 1\nb = 3\n", "p.toml", with_what="edited", around=0)
    ['--- p.toml', '+++ p.toml edited', '@@ -2 +2 @@', '-b = 2', '+b = 3']
    """
    shown = inert(name)
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), shown, f"{shown} {with_what}", n=around, lineterm=""
    )
    return [inert(line) for line in lines]
