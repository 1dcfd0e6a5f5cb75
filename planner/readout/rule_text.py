"""Rules on results, as a file states them, in words."""

import re

from planner.readout.metrics import METRICS, label

_NAME = re.compile(r"\b[a-z]\w*(?:\.\w+)*")


def rule_text(rule: str) -> str:
    """Return a rule with headline numbers called as elsewhere; its limits stand as they are typed.

    >>> rule_text("success_share >= 90%"), rule_text("P(runway_months < 12) <= 0.1")
    ('success >= 90%', 'P(runway < 12) <= 0.1')
    >>> rule_text("p95(usd_per_outcome) <= 2"), rule_text("workloads.chat.success_share >= 0.7")
    ('p95(cost per outcome) <= 2', 'workloads.chat.success_share >= 0.7')
    """

    def called(name: re.Match[str]) -> str:
        if name[0] not in METRICS:
            return name[0]
        words = label(name[0])
        return words if words[1:2].isupper() else f"{words[:1].lower()}{words[1:]}"

    return _NAME.sub(called, rule)
