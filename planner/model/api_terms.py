"""Vendor agreements as numbers: capacity units by published rules, meters priced by quantity, storage held."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from planner.catalog.api_rates import ApiRates, TokenPrice, UnitPrice
from planner.catalog.meters import unit_of
from planner.catalog.rate_limits import INPUT_TOKENS, OUTPUT_TOKENS, REQUESTS, TOKENS, USD, tier_limits
from planner.catalog.unit_offers import HOUR, LIST_PRICE, UnitOffer, unit_offer
from planner.errors import Problem, ScenarioError
from planner.model.handed_on import ApiTerms, MeterPrice, UnitPool, UnitWeights
from planner.records import dataclass
from planner.schema import ApiDeployment, Number, some
from planner.schema.commitment import TERMS, Provisioned, Surcharge
from planner.units import HOURS_PER_MONTH

SECONDS_PER_MINUTE = 60.0
PLAIN_TOKENS_PER_S, PLAIN_USD_PER_HOUR = (
    40.0,
    1.0,
)  # defaults of a unit that neither the file nor an offer describes further
TOKEN_KINDS = ("input", "cache_read", "cache_write", "cache_write_1h", "output")


def api_terms(deployment: ApiDeployment, rates: ApiRates) -> ApiTerms:
    """Return the agreements of a deployment that charges `rates`; raise ScenarioError for an unlisted offer."""
    fee_x = 1.0 + deployment.surcharge.bill_share
    held = _held_usd_per_hour(deployment)
    return ApiTerms(
        pools=_pools(deployment),
        refuses=np.asarray(deployment.provisioned.beyond) == "refused",
        meters={
            unit: _meter_price(deployment, rates, meter)
            for unit, meter in _by_quantity(deployment, rates).items()
        },
        held_usd_per_month=held * HOURS_PER_MONTH * fee_x,
        **_limits(deployment),
    )


def _limits(deployment: ApiDeployment) -> dict[str, Any]:
    """Return the vendor's limits: those in the file, else those of the tier."""
    said = deployment.limits
    tier = tier_limits(said.tier, str(deployment.model)) if said.tier else None
    stated = {
        REQUESTS: said.requests_per_minute, TOKENS: said.tokens_per_minute,
        INPUT_TOKENS: said.input_tokens_per_minute, OUTPUT_TOKENS: said.output_tokens_per_minute,
        USD: said.usd_per_month,
    }  # fmt: skip
    words = np.asarray(said.cached_tokens)
    published = True if tier is None else tier.cached_counts
    return {
        "limits": {
            **(tier.limits if tier else {}),
            **{kind: each for kind, each in stated.items() if each is not None},
        },
        "limits_of": said.tier,
        "cached_counts": np.where(words == "as-published", published, words == "count"),
    }


def _held_usd_per_hour(deployment: ApiDeployment) -> Number:
    unpriced = [what for what in deployment.held if what not in deployment.held_usd_per_hour]
    if unpriced:
        hint = "State one: held_usd_per_hour = { " + unpriced[0] + " = ... }"
        raise ScenarioError([Problem(f"held.{what}", "has no price.", hint) for what in unpriced])
    return sum(
        (count * deployment.held_usd_per_hour[what] for what, count in deployment.held.items()), start=0.0
    )


def term_notes(deployment: ApiDeployment) -> tuple[str, ...]:
    """Return the sources of a deployment's agreements that come from the catalog."""
    found = []
    said = deployment.provisioned
    if said.offer and (some(said.units) or some(said.peak_share)):
        offer = unit_offer(said.offer, str(deployment.model))
        found.append(f"units: {offer.name}, {offer.source}, {offer.as_of}")
    if deployment.limits.tier:
        tier = tier_limits(deployment.limits.tier, str(deployment.model))
        found.append(f"limits: {tier.tier}, {tier.source}")
    return tuple(found)


def agreed_rates(deployment: ApiDeployment, rates: ApiRates) -> ApiRates:
    """Return the rates charged per request: list rates plus surcharges, without meters priced by monthly quantity."""
    found = _with_surcharge(rates, deployment.surcharge)
    by_quantity = {unit: UnitPrice(0.0) for unit in _by_quantity(deployment, rates)}
    return replace(found, meters={**found.meters, **by_quantity}) if by_quantity else found


def _by_quantity(deployment: ApiDeployment, rates: ApiRates) -> dict[str, str]:
    """Return the meters priced by monthly quantity, by unit: those with a price in their bands or on the list."""
    units = {unit_of(meter): meter for meter in deployment.meter_bands}
    return {
        unit: meter
        for unit, meter in units.items()
        if deployment.meter_bands[meter].prices_usd or unit in rates.meters
    }


def _with_surcharge(rates: ApiRates, on_top: Surcharge) -> ApiRates:
    if not on_top.model_fields_set:
        return rates
    fee_x = 1.0 + on_top.bill_share

    def of_tokens(usd: Number, per: float = 1e6) -> Number:
        return (usd * on_top.tokens_x + on_top.usd_per_mtok * (per / 1e6)) * fee_x

    def of_meter(unit: str, price: UnitPrice) -> UnitPrice:
        tokens = unit.endswith("_tokens")

        def dearer(usd: Number) -> Number:
            return of_tokens(usd, price.per) if tokens else usd * fee_x

        steps = tuple((start, dearer(usd)) for start, usd in price.tiers)
        return UnitPrice(dearer(price.usd), price.per, steps)

    kinds: Any = {
        kind: TokenPrice(
            of_tokens(price.usd_per_mtok), tuple((start, of_tokens(usd)) for start, usd in price.tiers)
        )
        for kind in TOKEN_KINDS
        for price in (getattr(rates, kind),)
    }
    return replace(
        rates, **kinds, meters={unit: of_meter(unit, price) for unit, price in rates.meters.items()},
        usd_per_request=(rates.usd_per_request + on_top.usd_per_call) * fee_x,
        notes=(*rates.notes, "with the surcharge of the file"),
    )  # fmt: skip


def _meter_price(deployment: ApiDeployment, rates: ApiRates, meter: str) -> MeterPrice:
    """Return a meter's price by quantity; without band prices, the list price applies beyond the free amount."""
    bands, unit = deployment.meter_bands[meter], unit_of(meter)
    prices = bands.prices_usd
    if not prices:
        prices = (rates.meters[unit].at(0.0),)
    return MeterPrice(
        rule=bands.rule, free=bands.free, up_to=bands.up_to, prices_usd=prices, fees_usd=bands.fees_usd,
        package=bands.package, usd_x=1.0 + deployment.surcharge.bill_share,
    )  # fmt: skip


def _pools(deployment: ApiDeployment) -> tuple[UnitPool, ...]:
    said = deployment.provisioned
    offer = unit_offer(said.offer, str(deployment.model)) if said.offer else None
    if not (some(said.units) or some(said.peak_share) or some(said.output_units)):
        return ()
    apart = said.output_tokens_per_s_per_unit
    if apart is None and offer is not None and offer.output_tokens_per_minute:
        apart = offer.output_tokens_per_minute / SECONDS_PER_MINUTE
    weights = _weights(said, offer)
    if apart is None:
        return (_pool(said, offer, weights),)
    of_prompts = replace(weights, output=0.0 * weights.output, long_output=0.0)
    of_answers = UnitWeights(
        input=0.0, output=1.0, cache_read=0.0, cache_write=0.0, cache_write_1h=0.0, meters={}, long_output=1.0
    )
    return _pool(said, offer, of_prompts), _output_pool(said, offer, apart, of_answers)


def _weights(said: Provisioned, offer: UnitOffer | None) -> UnitWeights:
    def weight(stated: Number | None, listed: Callable[[UnitOffer], float]) -> Number:
        return (1.0 if offer is None else listed(offer)) if stated is None else stated

    of_meters: Mapping[str, Number] = {} if offer is None else offer.meter_weights
    stated = {unit_of(meter): each for meter, each in said.meter_weights.items()}
    long = {}
    if offer is not None and said.output_weight is None:
        long = {
            "long_from_tokens": offer.long_from_tokens,
            "long_input": offer.long_input,
            "long_output": offer.long_output,
        }
    return UnitWeights(
        input=1.0,
        output=weight(said.output_weight, lambda each: each.output_weight),
        cache_read=weight(said.cache_read_weight, lambda each: each.cache_read_weight),
        cache_write=weight(said.cache_write_weight, lambda each: each.cache_write_weight),
        cache_write_1h=weight(said.cache_write_weight, lambda each: each.cache_write_1h_weight),
        meters={**of_meters, **stated},
        **long,
    )


def _pool(said: Provisioned, offer: UnitOffer | None, weights: UnitWeights) -> UnitPool:
    capacity = said.tokens_per_s_per_unit
    if capacity is None:
        capacity = PLAIN_TOKENS_PER_S if offer is None else offer.tokens_per_minute / SECONDS_PER_MINUTE
    in_usd = offer is not None and offer.counts == LIST_PRICE
    least = said.least_units if said.least_units is not None else (0.0 if offer is None else offer.least)
    step = said.step_units if said.step_units is not None else (1.0 if offer is None else offer.step)
    plain = PLAIN_USD_PER_HOUR
    listed = _Listed(plain, dict.fromkeys(TERMS, plain * HOURS_PER_MONTH))
    if offer is not None:
        listed = _Listed(offer.usd_per_hour, offer.usd_per_month)
    return UnitPool(
        units=said.units, peak_share=said.peak_share, capacity_per_s=capacity, least=least, step=step,
        **_paid(said, said.usd_per_unit_hour, said.usd_per_unit_month, listed), weights=None if in_usd else weights,
    )  # fmt: skip


def _output_pool(
    said: Provisioned, offer: UnitOffer | None, capacity: Number, weights: UnitWeights
) -> UnitPool:
    listed = _Listed(None, {} if offer is None else offer.output_usd_per_month)
    if not listed.by_month and said.usd_per_output_unit_hour is None:
        what = "is missing: output units are sold apart."
        raise ScenarioError([Problem("provisioned.usd_per_output_unit_hour", what)])
    return UnitPool(
        units=said.output_units, peak_share=said.peak_share, capacity_per_s=capacity,
        least=0.0 if offer is None else offer.least_output, step=1.0,
        **_paid(said, said.usd_per_output_unit_hour, None, listed), weights=weights,
    )  # fmt: skip


@dataclass(frozen=True)
class _Listed:
    """A unit's listed prices: per hour, and per month for longer terms."""

    by_hour: float | None
    by_month: Mapping[str, float]


def _paid(said: Provisioned, hour: Number | None, month: Number | None, listed: _Listed) -> dict[str, Any]:
    """Return a unit's monthly cost at its term and by the hour, and how many are paid at the term's price.

    `hour` and `month` are from the file; the hourly price applies to any term without a price of its own.
    """
    by_hour = listed.by_hour if hour is None else hour
    opened = None if by_hour is None else by_hour * said.hours_per_month

    def at(term: str) -> Number | None:
        if term == HOUR:
            return opened
        if month is not None:
            return month
        return listed.by_month.get(term) if hour is None else hour * HOURS_PER_MONTH

    terms = np.asarray(said.term)
    at_term: Number = 0.0
    for term in sorted({str(each) for each in terms.ravel().tolist()}):
        usd = at(term)
        if usd is None:
            known = ", ".join(each for each in TERMS if at(each) is not None)
            what = f'is "{term}", for which no price is listed.'
            raise ScenarioError([Problem("provisioned.term", what, f"Listed: {known}. Or state a price.")])
        at_term = at_term + np.where(terms == term, usd, 0.0)
    if said.reserved_units is not None and opened is None:
        what = "leaves units to be paid by the hour, for which no price is listed."
        raise ScenarioError([Problem("provisioned.reserved_units", what, "State usd_per_unit_hour.")])
    hourly = terms == HOUR
    return {
        "reserved": np.where(hourly, 0.0, np.inf if said.reserved_units is None else said.reserved_units),
        "usd_per_reserved_month": at_term,
        "usd_per_other_month": at_term if opened is None else opened,
        "open_share": np.where(hourly, said.hours_per_month / HOURS_PER_MONTH, 1.0),
    }
