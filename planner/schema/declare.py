"""Short ways to declare fields, so that a section reads like a table."""

from collections.abc import Mapping

from planner.schema.spec import Role, Spec

ANY_USD = 1e12
ANY_TOKENS = 2e7


def usd(
    label: str, help: str = "", *, step: float, unit: str = "USD", role: Role = "lever",
    evidence: str = "", optional: bool = False, lo: float = 0.0,
) -> Spec:  # fmt: skip
    """Declare an amount of money, 0 or more."""
    return Spec(label, "positive", unit, role, lo, ANY_USD, step, help, evidence, optional=optional)


def share(
    label: str, help: str = "", *, role: Role = "lever", step: float = 0.05, evidence: str = "",
    optional: bool = False,
) -> Spec:  # fmt: skip
    """Declare a share from 0 to 1."""
    return Spec(label, "share", "share", role, 0.0, 1.0, step, help, evidence, optional=optional)


def tokens(label: str, help: str = "", *, step: float = 250, evidence: str = "") -> Spec:
    """Declare a count of tokens per request."""
    return Spec(label, "positive", "tokens", "lever", 0.0, ANY_TOKENS, step, help, evidence)


def ratio(
    label: str, help: str = "", *, unit: str = "x", role: Role = "unknown", lo: float = 0.0,
    hi: float = 1e6, step: float = 0.1, evidence: str = "", optional: bool = False,
) -> Spec:  # fmt: skip
    """Declare a ratio, a rate or another number that is never negative."""
    return Spec(label, "positive", unit, role, lo, hi, step, help, evidence, optional=optional)


def real(
    label: str, help: str = "", *, lo: float, hi: float, step: float, unit: str = "share",
    role: Role = "unknown", evidence: str = "",
) -> Spec:  # fmt: skip
    """Declare a number that may be negative, such as growth."""
    return Spec(label, "real", unit, role, lo, hi, step, help, evidence)


def count(
    label: str,
    help: str = "",
    *,
    lo: float = 0,
    hi: float = 1e6,
    step: float = 1,
    optional: bool = False,
    unit: str = "",
) -> Spec:
    """Declare a whole number."""
    return Spec(label, "count", unit, "lever", lo, hi, step, help, optional=optional)


def choice(
    label: str,
    *choices: str,
    help: str = "",
    evidence: str = "",
    words: Mapping[str, str] | None = None,
) -> Spec:
    """Declare a choice of names; with none listed, the catalog has them. `words` are alternative names."""
    return Spec(label, "choice", help=help, evidence=evidence, choices=choices, words=words or {})


def flag(label: str, help: str = "") -> Spec:
    """Declare a switch."""
    return Spec(label, "flag", help=help)


def names(label: str, help: str = "") -> Spec:
    """Declare a list of names."""
    return Spec(label, "names", help=help)


def text(label: str, help: str = "") -> Spec:
    """Declare free text."""
    return Spec(label, "text", help=help)


def month(label: str, help: str = "") -> Spec:
    """Declare a calendar month."""
    return Spec(label, "month", help=help)


def load_profile(label: str, *choices: str, help: str = "", evidence: str = "") -> Spec:
    """Declare the load by hour: the name of a shape, or a number for each hour."""
    return Spec(
        label,
        "profile",
        "",
        "unknown",
        0.0,
        1e9,
        help=help,
        evidence=evidence,
        choices=choices,
        optional=True,
    )
