"""Agreements with an API's vendor beyond its prices: capacity units, committed spend, limits, surcharges."""

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

from planner.arrays import Number
from planner.errors import Problem
from planner.schema.declare import choice, count, names, ratio, share, text, usd
from planner.schema.section import Section
from planner.schema.steps import step_text

if TYPE_CHECKING:
    from planner.schema.scenario import Scenario

TERMS = ("hour", "week", "month", "3 months", "6 months", "year")
PACKAGE = "package"


class Provisioned(Section):
    """Capacity bought by the unit and paid for whether used or not. A catalog offer fills in missing fields."""

    offer: Annotated[
        str, text("Offer", "Published units, such as azure-global or vertex-global. Empty: as given here.")
    ] = ""
    units: Annotated[Number, count("Units", "Rounded up to the step in which they are sold.")] = 0
    peak_share: Annotated[
        Number,
        ratio(
            "Units for the peak",
            "Instead of a number: enough each month to carry this share of its busiest hour.",
            unit="share",
            role="lever",
            hi=10,
        ),
    ] = 0.0
    term: Annotated[str, choice("Term", *TERMS, help="Which of the offer's prices applies.")] = "hour"
    reserved_units: Annotated[
        Number | None,
        count(
            "Units of the term",
            "Paid at the term's price, used or not; others by the hour. Empty: all.",
            optional=True,
        ),
    ] = None
    usd_per_unit_hour: Annotated[
        Number | None,
        usd(
            "Price of a unit",
            "Per hour; empty: the offer's, else $1.",
            step=0.1,
            unit="USD/hour",
            optional=True,
        ),
    ] = None
    usd_per_unit_month: Annotated[
        Number | None,
        usd(
            "Price for the term",
            "Per month; empty: the offer's.",
            step=10,
            unit="USD/month",
            optional=True,
        ),
    ] = None
    hours_per_month: Annotated[
        Number,
        ratio(
            "Hours deployed",
            "Per month, in the busiest hours; paid by the hour.",
            unit="h",
            hi=730,
            step=10,
            role="lever",
        ),
    ] = 730.0
    tokens_per_s_per_unit: Annotated[
        Number | None,
        ratio(
            "Capacity of a unit",
            "Load carried per unit in every hour. Empty: the offer's, else 40.",
            unit="tokens/s",
            step=10,
            role="lever",
            optional=True,
        ),
    ] = None
    output_weight: Annotated[
        Number | None,
        ratio(
            "Weight of an answer",
            "Input tokens that one output token counts as. Empty: the offer's, else 1.",
            hi=1000,
            optional=True,
        ),
    ] = None
    cache_read_weight: Annotated[
        Number | None,
        ratio("Weight of a cached token", "Empty: the offer's, else 1.", hi=1000, optional=True),
    ] = None
    cache_write_weight: Annotated[
        Number | None,
        ratio("Weight of a written token", "Empty: the offer's, else 1.", hi=1000, optional=True),
    ] = None
    meter_weights: dict[
        str, Annotated[Number, ratio("Weight of a meter", "Tokens that one unit of it counts as.", hi=1e9)]
    ] = {}
    least_units: Annotated[
        Number | None, count("Fewest units", "Empty: the offer's, else none.", optional=True)
    ] = None
    step_units: Annotated[
        Number | None, count("Sold in steps of", "Empty: the offer's, else 1.", lo=1, optional=True)
    ] = None
    output_units: Annotated[Number, count("Output units", "If sold separately.")] = 0
    output_tokens_per_s_per_unit: Annotated[
        Number | None,
        ratio(
            "Capacity of an output unit",
            "Empty: the offer's; without one, output uses the same units.",
            unit="tokens/s",
            step=10,
            role="lever",
            optional=True,
        ),
    ] = None
    usd_per_output_unit_hour: Annotated[
        Number | None,
        usd("Price of an output unit", "Empty: the offer's.", step=0.1, unit="USD/hour", optional=True),
    ] = None
    beyond: Annotated[
        str,
        choice(
            "What exceeds them",
            "by-token",
            "refused",
            help="Load beyond the units is billed by the token, or refused.",
        ),
    ] = "by-token"


class CommittedSpend(Section):
    """A monthly spend agreed in return for a discount; any shortfall is paid anyway."""

    usd_per_month: Annotated[Number, usd("Committed spend", step=1_000, unit="USD/month")] = 0.0
    discount_share: Annotated[Number, share("Discount for it", "On the whole bill.")] = 0.0
    also_counts: Annotated[
        tuple[str, ...],
        names("Also counts", "Other API deployments whose bills count towards it, at the same discount."),
    ] = ()


class RateLimits(Section):
    """A vendor's limits per minute and per month. Anything left out is not limited."""

    tier: Annotated[
        str, text("Tier", "A catalog tier, such as anthropic-build or openai-tier-3. Empty: as given here.")
    ] = ""
    requests_per_minute: Annotated[
        Number | None, ratio("Requests a minute", unit="/min", hi=1e9, optional=True)
    ] = None
    tokens_per_minute: Annotated[
        Number | None, ratio("Tokens a minute", "Prompts and answers.", unit="/min", hi=1e12, optional=True)
    ] = None
    input_tokens_per_minute: Annotated[
        Number | None, ratio("Input tokens a minute", unit="/min", hi=1e12, optional=True)
    ] = None
    output_tokens_per_minute: Annotated[
        Number | None, ratio("Output tokens a minute", unit="/min", hi=1e12, optional=True)
    ] = None
    usd_per_month: Annotated[
        Number | None,
        usd("Spend limit", "At list price, less discounts.", step=500, unit="USD/month", optional=True),
    ] = None
    cached_tokens: Annotated[
        str,
        choice(
            "Cached tokens",
            "as-published",
            "count",
            "free",
            help="Whether cache reads count; empty: as the tier says.",
        ),
    ] = "as-published"


class Surcharge(Section):
    """Charges on top of list prices: regions, residency, faster serving, resellers."""

    tokens_x: Annotated[
        Number,
        ratio(
            "On tokens",
            "Times list price: a region or residency 1.1, fast 2. Other meters aren't affected.",
            hi=100,
        ),
    ] = 1.0
    usd_per_mtok: Annotated[
        Number, usd("Fee on tokens", "On tokens of every kind.", step=0.05, unit="USD/Mtok")
    ] = 0.0
    usd_per_call: Annotated[Number, usd("Fee on calls", step=0.001)] = 0.0
    bill_share: Annotated[
        Number, share("Fee on the bill", "A reseller's share of the whole bill.", step=0.005)
    ] = 0.0


class MeterBands(Section):
    """How the price of a meter depends on its monthly use."""

    rule: Annotated[
        str,
        choice(
            "Rule",
            "graduated",
            "volume",
            PACKAGE,
            help="Each unit at its band's price, all at the price of the band reached, or whole packages.",
        ),
    ] = "graduated"
    free: Annotated[
        Number, ratio("Free", "Per month; bands start above it.", unit="", hi=1e15, role="lever")
    ] = 0.0
    up_to: tuple[Annotated[Number, ratio("Band up to", unit="", hi=1e15)], ...] = ()
    prices_usd: tuple[
        Annotated[Number, usd("Price in the band", "Per unit, or per package.", step=0.001)], ...
    ] = ()
    fees_usd: tuple[
        Annotated[Number, usd("Fee of the band", "Charged once the band is reached.", step=1)], ...
    ] = ()
    package: Annotated[Number, ratio("Size of a package", unit="", lo=1e-9, hi=1e15, role="lever")] = 1.0


def commitment_problems(scenario: "Scenario") -> list[Problem]:
    """Return every problem with vendor agreements."""
    apis = [name for name, each in scenario.deployments.items() if each.kind == "api"]
    problems: list[Problem] = []
    for name, each in scenario.deployments.items():
        if each.kind != "api":
            continue
        where = f"deployments.{step_text(name)}"
        problems += [
            Problem(
                f"{where}.committed.also_counts",
                f'names "{other}", which is not another API deployment.',
                f"Known: {', '.join(apis)}.",
            )
            for other in each.committed.also_counts
            if other == name or other not in apis
        ]
        for meter, bands in each.meter_bands.items():
            problems += band_problems(f"{where}.meter_bands.{step_text(meter)}", bands)
    return problems


def band_problems(where: str, bands: MeterBands) -> Iterator[Problem]:
    """Yield the problems with a price that depends on quantity."""
    prices, wanted = len(bands.prices_usd), len(bands.up_to) + 1
    if bands.rule == PACKAGE and prices != 1:
        yield Problem(f"{where}.prices_usd", f"has {prices} entries; a package has one price.")
    elif bands.rule != PACKAGE and prices not in (0, wanted):
        what = f"has {prices} entries; {wanted - 1} band limits need {wanted}."
        yield Problem(f"{where}.prices_usd", what, "The last one applies above the highest limit.")
    elif not prices and bands.up_to:
        yield Problem(f"{where}.prices_usd", "is missing.", "Give one price per band.")
    if len(bands.fees_usd) not in (0, wanted):
        yield Problem(f"{where}.fees_usd", f"has {len(bands.fees_usd)} entries; {wanted} bands need as many.")
    ends = [each for each in bands.up_to if isinstance(each, float)]
    if any(after <= before for before, after in pairwise(ends)):
        yield Problem(f"{where}.up_to", "must rise.", "List band limits from low to high.")
