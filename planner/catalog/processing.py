"""The processing tier of a call, from the words that logs and vendors use for it."""

import re

STANDARD = "standard"
CAPACITY = "capacity"  # paid by the hour or in advance, not by the token

_MEAN_STANDARD = (
    "default standard auto on_demand ondemand normal regular false 0 no none null online sync synchronous single realtime api "
    "interactive global globalstandard datazonestandard payg pay_as_you_go standard_only unspecified traffic_type_unspecified "
    "shared text chat streaming on_demand_standard"
)
_STANDARD_WORDS = frozenset(_MEAN_STANDARD.split())
_MEANS = (
    ("batch", re.compile(r"batch|\bdiscounted\b|^(true|1|yes)$|async")),
    ("flex", re.compile(r"flex|economy|\bslow\b")),
    (CAPACITY, re.compile(r"scale|provision|reserved|commit|\bptus?\b|capacity|dedicated")),
    ("priority", re.compile(r"priority")),
    ("fast", re.compile(r"\bfast|turbo")),
)


def processing_of(word: str) -> str:
    """Return the processing tier as named in a plan; unknown words are returned unchanged.

    >>> processing_of("Batch API"), processing_of("on_demand"), processing_of("PROVISIONED_THROUGHPUT"), processing_of("ultra")
    ('batch', 'standard', 'capacity', 'ultra')
    """
    plain = re.sub(r"[\s-]+", "_", word.strip().lower())
    if not plain or plain in _STANDARD_WORDS:
        return STANDARD
    spaced = plain.replace("_", " ")
    return next((tier for tier, pattern in _MEANS if pattern.search(spaced)), plain)
