"""Labels and text for the lines of a past month, and for the reasons why it differs from plan."""

from planner.schema.actuals import ActualMonth
from planner.schema.paths import declared
from planner.units import show

PARTS = ("volume", "price", "mix", "quality", "rest")
PART_WORDS = {
    "volume": "more or fewer customers and requests than planned, at the planned mix",
    "price": "a customer or a request earns or costs more or less than planned",
    "mix": "requests are distributed differently over workloads than planned",
    "quality": "requests succeed more or less often than planned",
    "rest": "lines without a quantity of their own, such as fixed costs and acquisition",
}
ACCURACY_WORDS = (
    "WAPE: the sum of absolute errors over the sum of actuals (0%: an exact forecast). "
    "Bias above 0: planned too high. In p5 to p95: months within the plan's range."
)
LEAST_USD = 0.005  # smaller amounts count as zero
_OF_PART = {
    "requests": "Requests, {}", "success_share": "Success, {}", "deployment_usd": "Deployment {}",
    "unplanned_usd": "Unplanned: {}",
}  # fmt: skip


def line_label(line: str) -> str:
    """Return the label of a month's line.

    >>> line_label("deployment_usd.sonnet"), line_label("acquisition_usd"), line_label("requests.notes")
    ('Deployment sonnet', 'New customers', 'Requests, notes')
    """
    head, _, name = line.partition(".")
    if name:
        return _OF_PART[head].format(name)
    spec = declared(ActualMonth, head)
    return spec.label if spec is not None else line


def line_text(line: str, value: float) -> str:
    """Return a line's number as text; the first part of its name gives the unit."""
    return show(value, line.partition(".")[0])


def signed_text(line: str, value: float) -> str:
    """Return a line's difference with its sign; for success, in points.

    >>> signed_text("revenue_usd", -1250.0), signed_text("success_share.chat", -0.058)
    ('-$1,250', '-5.8 points')
    """
    if line.startswith("success_share"):
        return f"{value * 100:+z.1f} points"
    if "usd" in line and abs(value) < LEAST_USD:
        value = 0.0
    return ("-" if value < 0 else "+") + line_text(line, abs(value))
