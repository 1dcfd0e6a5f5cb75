"""Convert a field's path to and from its names and numbers; a name that contains a dot is quoted."""

import json
import re
from collections.abc import Iterable
from functools import lru_cache

_STEP = re.compile(r'"((?:[^"\\]|\\.)*)"|([^."]*)')
_PLAIN_STEP = re.compile(r'[^."\\]+')


def step_text(name: str) -> str:
    """Return one name as written in a path.

    >>> step_text("chat"), step_text("gpt-5.4")
    ('chat', '"gpt-5.4"')
    """
    return name if _PLAIN_STEP.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def path_of(steps: Iterable[str]) -> str:
    """Return the path made of these names."""
    return ".".join(map(step_text, steps))


@lru_cache(maxsize=4_096)
def steps_of(path: str) -> tuple[str, ...]:
    """Return the names in a path; if its quoting is invalid, the parts between the dots.

    >>> steps_of('deployments."gpt-5.4".price')
    ('deployments', 'gpt-5.4', 'price')
    """
    if '"' not in path:
        return tuple(path.split("."))
    steps, at = [], 0
    while True:
        match = _STEP.match(path, at)
        assert match is not None  # the second way matches nothing at all
        try:
            steps.append(match[2] if match[1] is None else json.loads(match[0]))
        except ValueError:
            return tuple(path.split("."))
        at = match.end()
        if at == len(path):
            return tuple(steps)
        if path[at] != ".":
            return tuple(path.split("."))
        at += 1
