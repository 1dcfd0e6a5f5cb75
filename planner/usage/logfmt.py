"""Logs in lines of `key=value` (logfmt), as many services write them: a mapping for each line."""

import re
from collections.abc import Iterator
from typing import Any

from planner.usage.containers import LogFile, readable, text_of
from planner.usage.json_values import LONGEST_LINE, TIME
from planner.usage.names import meaning

_PAIR = re.compile(r'(?:^|\s)([A-Za-z_][\w.\-]{0,60})=(?:"((?:[^"\\]|\\.)*)"|(\S*))')
_LOOKED_AT = 50
_SIDES = ({"prompt", "fresh"}, {"output", "answer"})


def is_logfmt(text: str) -> bool:
    """Whether a text that begins like this has lines whose pairs count tokens.

    >>> is_logfmt("ts=1 model=a prompt_tokens=3 completion_tokens=4"), is_logfmt("max_tokens=100 n=1")
    (True, False)
    """
    for line in text.split("\n")[:_LOOKED_AT]:
        fields = {told.field for key in _pairs(line) if (told := meaning((key,)))}
        if all(fields & side for side in _SIDES):
            return True
    return False


def _pairs(line: str) -> dict[str, Any]:
    found = {key: quoted or bare for key, quoted, bare in _PAIR.findall(line[:LONGEST_LINE])}
    ahead = TIME.match(line)
    return found | ({"logged_at": ahead[0]} if ahead else {})


def values_of(source: LogFile, encoding: str) -> Iterator[Any]:
    """Yield the pairs of each line; a line without any is an empty mapping."""
    with text_of(source, encoding) as file, readable(source):
        while line := file.readline(LONGEST_LINE):
            if line.strip():
                yield _pairs(line)
