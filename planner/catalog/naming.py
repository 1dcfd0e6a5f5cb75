"""Find names close to a given one, and the listed name of a seller's model."""

import difflib
import re
from collections.abc import Iterable

_LABELS = re.compile(r"^(?:[a-z][a-z-]*\.)+(?=[a-z])")  # a cloud's prefix before the model: "us.anthropic."
_DATED = re.compile(r"(?:[-@](?:\d{4}-?\d{2}-?\d{2}|preview.*|latest|v\d+(?::\d+)?))*")
_VERSIONED = re.compile(r"-\d[\w.:@-]*")
_WORDED = re.compile(r"-[\w.:@-]+")


def near(name: str, known: Iterable[str], *, shown: int = 40) -> str:
    """Return a hint with the names closest to `name`, or with those available.

    >>> near("H100 sxm", ["H100-SXM", "MI300X"])
    'Did you mean H100-SXM?'
    """
    by_lower = {one.lower(): one for one in known}
    lower = name.lower()
    found = [by_lower[one] for one in difflib.get_close_matches(lower, by_lower, n=3, cutoff=0.5)]
    found += [one for key, one in by_lower.items() if lower and lower in key and one not in found][:3]
    if found:
        return f"Did you mean {' or '.join(found)}?"
    listed = [*by_lower.values()]
    more = f" and {len(listed) - shown} more" if len(listed) > shown else ""
    return f"Known: {', '.join(listed[:shown])}{more}."


def listed_as(model: str, names: Iterable[str], *, families: bool = False) -> str | None:
    """Return the longest of `names` that a model ("azure:gpt-4.1-2025-04-14") extends by a version or date.

    A name that ends in a word is a family of versions ("claude-opus" of claude-opus-4-8), one that ends in a number is one
    model. With `families` a word may follow that word too ("gemini" of gemini-3-flash).

    >>> listed_as("azure:gpt-4.1-2025-04-14", ["gpt-4.1", "gpt-4"]), listed_as("azure:gpt-5-pro", ["gpt-5"])
    ('gpt-4.1', None)
    """
    name = _LABELS.sub("", (model.partition(":")[2] or model).rpartition("/")[2].lower())
    for known in sorted(names, key=lambda each: -len(each)):
        rest = name.removeprefix(known)
        if rest == name:
            continue
        later = (_WORDED if families else _VERSIONED) if known[-1].isalpha() else _DATED
        if _DATED.fullmatch(rest) or later.fullmatch(rest):
            return known
    return None
