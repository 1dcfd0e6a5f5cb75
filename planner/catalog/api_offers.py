"""Offers in the genai-prices package, and the offer that a name refers to. Import late: loading takes 0.15 s."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import genai_prices
from genai_prices.data_snapshot import find_provider_by_id, get_snapshot
from genai_prices.types import ModelInfo, ModelPrice, Provider, StartDateConstraint

from planner.catalog import model_names, sellers
from planner.errors import Problem, ScenarioError
from planner.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

STANDARD = "standard"
HUB = "huggingface_"
DATA_DATES = {
    "0.2.3": date(2026, 11, 9)
}  # the newest price change in the release, not counting announced ones
VERSION = genai_prices.__version__


@dataclass(frozen=True)
class Offer:
    """One model as sold by one provider."""

    provider: Provider
    model: ModelInfo
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The model's name in a plan."""
        return f"{self.provider.id}:{self.model.id}"

    @property
    def is_own(self) -> bool:
        """Whether the provider itself lists the price (tiers of another provider don't carry over)."""
        return any(self.model is own for own in self.provider.models)


def offers() -> Iterator[Offer]:
    """Yield every model of every provider."""
    for provider in get_snapshot().providers:
        for model in provider.models:
            yield Offer(provider, model)


def find_offer(reference: str, seller: str = "") -> Offer:
    """Return the model for a name as written in a log, a gateway or a plan; `seller` is a further hint, if any.

    Raises ScenarioError: not on the list, sold by several, or not an API with list prices.
    """
    found = look_up(reference, seller)
    if isinstance(found, Offer):
        return found
    hint = found.hint or _close(reference)
    raise ScenarioError([Problem("model", found.what, hint)])


@dataclass(frozen=True)
class NotListed:
    """Why a name has no list price, and a hint."""

    what: str
    hint: str = ""


def look_up(reference: str, seller: str = "") -> Offer | NotListed:
    """Return the result of `find_offer`, or why the name has no list price."""
    exact = _exact(reference.strip())
    if exact is not None:
        return exact
    read = model_names.readings(reference, seller)
    first = read[0]
    own = "Give its prices in the plan."
    if first.seller.kind == sellers.OWN:
        return NotListed(
            f"{_short(reference)} runs on own servers ({first.seller.name}): no API, no list price.", own
        )
    if first.opaque:
        return NotListed(f"{_short(reference)}: {first.opaque}.", own)
    several = [] if seller.strip() else _weights_of_several(reference)
    for reading in () if several else read:
        offer = _sold(reading, tuned=model_names.is_tuned(reference))
        if offer is not None:
            return offer
    titled = _by_title(reference, first.seller.name) if first.seller.kind == sellers.TOLD else None
    if titled is not None:
        return titled
    if first.seller.kind == sellers.NOT_TOLD:
        several = several or _same_id(reference)
    if len(several) == 1:
        return several[0]
    if several:
        names = ", ".join(offer.name for offer in several)
        return NotListed(f"{_short(reference)} is sold by several providers.", f"Name one: {names}.")
    of = f" of {first.seller.name}" if first.seller.kind != sellers.NOT_TOLD else ""
    version = f"genai-prices {VERSION}"
    return NotListed(
        f"{_short(reference)} is not on the price list{of} ({version}, which doesn't cover every model on sale)."
    )


def _exact(name: str) -> Offer | None:
    """Return the model with exactly this plan name."""
    provider_id, _, model_id = name.partition(":")
    for provider in get_snapshot().providers if model_id else ():
        if provider.id == provider_id:
            return next((Offer(provider, model) for model in provider.models if model.id == model_id), None)
    return None


def _short(name: str) -> str:
    return repr(name.strip()[:120])


def _by_title(reference: str, provider: str) -> Offer | None:
    """Return the provider's only model with this display name."""
    plain = _letters(reference)
    same = [
        offer
        for offer in offers()
        if offer.provider.id == provider and _letters(offer.model.name or "") == plain
    ]
    return same[0] if plain and len(same) == 1 else None


def _letters(words: str) -> str:
    return re.sub(r"[^a-z0-9]", "", words.lower())


def _same_id(reference: str) -> list[Offer]:
    lowered = reference.strip().lower()
    same = [offer for offer in offers() if offer.model.id.lower() == lowered]
    resold = {
        maker for provider in get_snapshot().providers for maker in provider.fallback_model_providers or ()
    }
    return [offer for offer in same if offer.provider.id in resold] or same


def _weights_of_several(reference: str) -> list[Offer]:
    """Return the sellers of open weights with this name, where the prefix is the maker and not a seller."""
    if "/" not in reference:
        return []
    same = _same_id(reference)
    routed = any(offer.provider.id.startswith(HUB) for offer in same)
    return same if routed and len(same) > 1 else []


def _sold(reading: model_names.Reading, *, tuned: bool) -> Offer | None:
    """Return the listed offer for one reading, from the named seller or else from the maker."""
    providers = get_snapshot().providers
    if reading.seller.kind == sellers.TOLD:
        chosen = [one for one in providers if one.id == reading.seller.name]
    elif reading.seller.kind == sellers.UNLISTED:
        chosen = [
            one
            for one in (_by_address(reading.seller.name), find_provider_by_id(providers, reading.seller.name))
            if one
        ]
    else:
        made = reading.model.lower().removeprefix("ft:")
        chosen = [one for one in providers if one.model_match and one.model_match.is_match(made)]
    for provider in chosen:
        told = reading.seller.kind != sellers.NOT_TOLD
        model = provider.find_model(reading.model, all_providers=providers if told else None)
        if model is None or not model_names.may_be(reading.model, model.id, tuned=tuned):
            continue
        offer = Offer(provider, model)
        notes = [] if offer.is_own else [f"priced by its maker's list: {model.id}"]
        notes += [f"the list has no separate price for the region {reading.region}"] if reading.region else []
        return replace(offer, notes=tuple(notes))
    return None


def _by_address(address: str) -> Provider | None:
    if not sellers.is_address(address):
        return None
    url = address if "://" in address else f"https://{address}"
    return next((one for one in get_snapshot().providers if re.match(one.api_pattern, url)), None)


def _close(reference: str) -> str:
    """Return a hint with the listed names closest to one that isn't listed."""
    wanted = reference.strip().lower()[: model_names.LONGEST_NAME]
    names = {offer.name.lower(): offer.name for offer in offers()}
    close = difflib.get_close_matches(wanted, names, n=3, cutoff=0.6)
    if ":" not in wanted:
        bare = {offer.model.id.lower(): offer.name for offer in offers()}
        close_bare = difflib.get_close_matches(wanted, bare, n=3, cutoff=0.6)
        names, close = (bare, close_bare) if close_bare else (names, close)
    listed = ", ".join(dict.fromkeys(names[name] for name in close))
    return f"Close: {listed}." if listed else "`planner prices QUERY` searches the list."


def processing_tiers(offer: Offer, on: date | None = None) -> dict[str, dict[str, str]]:
    """Return a model's processing tiers, each with the request context that selects its price.

    With `on`, only tiers with a price on that day.
    """
    tiers: dict[str, dict[str, str]] = {STANDARD: {}}
    if not offer.is_own:
        return tiers
    for variant in offer.model.price_variants or ():
        if variant.when.get("service_tier") == "default":
            continue  # the vendor's own word for standard
        start = getattr(variant.constraint, "start_date", None)
        if on is None or start is None or start <= on:
            tiers.setdefault(" ".join(variant.when.values()), variant.when)
    return tiers


def change_dates(offer: Offer, processing: str) -> list[date]:
    """Return the days on which prices change, including announced changes."""
    listed = [] if isinstance(offer.model.prices, ModelPrice) else offer.model.prices
    constraints = [price.constraint for price in listed]
    when = processing_tiers(offer).get(processing)
    if when:
        constraints += [v.constraint for v in offer.model.price_variants or () if v.when == when]
    return sorted({one.start_date for one in constraints if isinstance(one, StartDateConstraint)})


def no_such_processing(offer: Offer, processing: str, on: date | None) -> ScenarioError:
    """Return the error for a processing tier that the vendor has no price for."""
    tiers = ", ".join(processing_tiers(offer, on))
    starts = change_dates(offer, processing) if processing in processing_tiers(offer) else []
    if on is not None and starts:
        what = f"{processing!r} has no known price for {offer.name} on {on}; the first is from {min(starts)}."
    else:
        what = f"{processing!r} has no price for {offer.name} on the price list, which doesn't cover everything on sale."
    return ScenarioError([Problem("processing", what, f"Tiers with a price: {tiers}.")])


def data_date() -> date:
    """Return the day up to which the package's prices are known."""
    known = DATA_DATES.get(VERSION)
    if known is not None:
        return known
    installed = datetime.fromtimestamp(Path(genai_prices.__file__).stat().st_mtime, tz=UTC).date()
    starts = [day for offer in offers() for day in change_dates(offer, STANDARD) if day <= installed]
    return max(starts, default=installed)


def first_day(offer: Offer, context: dict[str, str]) -> date | None:
    """Return the first day of a tier's prices; None if they have no start."""
    same = [one for one in offer.model.price_variants or () if one.when == context]
    days = [one.constraint.start_date for one in same if isinstance(one.constraint, StartDateConstraint)]
    return min(days) if days and len(days) == len(same) else None
