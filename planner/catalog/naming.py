"""Names near the one that was given."""

import difflib
from collections.abc import Iterable


def near(name: str, known: Iterable[str], *, shown: int = 40) -> str:
    """Return a hint that names what `name` may have meant, or what there is.

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
    return f"Known are: {', '.join(listed[:shown])}{more}."
