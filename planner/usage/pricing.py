"""What calls cost by the price list: each at its own moment, tier and length of prompt; what has no price is told."""

import math
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import TYPE_CHECKING

from planner.catalog.processing import STANDARD, processing_of
from planner.files import inert
from planner.records import dataclass
from planner.usage.call import Call

if TYPE_CHECKING:
    from planner.catalog.api_offers import Offer
    from planner.catalog.price_sheet import Bill

COSTS_NOTHING = frozenset({"cache_hit", "rate_limited", "refund"})
CLOCK_STEP_S = 1800  # no vendor's hours begin at another minute
CACHE_UNITS = ("cache_read", "cache_write", "cache_text", "cache_audio", "cache_image")
NO_MODEL = "no model is named"


@dataclass(frozen=True)
class Priced:
    """What a call costs by the price list, in USD; all nan where it has no price, and `reason` says why.

    `model` is "provider:model" as the price list has it, or the log's own word. `unpriced` names what of a priced call has no
    price, and is not in the sum; `marks` say what a reader of the price must know.
    """

    model: str
    processing: str = STANDARD
    input_usd: float = math.nan
    cache_usd: float = math.nan
    output_usd: float = math.nan
    meters_usd: float = math.nan
    reason: str = ""
    unpriced: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()

    @property
    def list_usd(self) -> float:
        """The whole call."""
        return self.input_usd + self.cache_usd + self.output_usd + self.meters_usd

    @property
    def known(self) -> bool:
        """Whether the price list has the model."""
        return not self.reason


def price(call: Call, *, today: date) -> Priced:
    """Return what a call, or the calls that it sums up, cost by the price list.

    The price is that of the call's own moment (to the half hour; of the day's mean where it sums up more than that), tier and prompt
    length; a sum of calls is priced at their mean length, and at least at `prompt_above`. A call without a time has the price
    of `today`. A refused call, a refund and an answer out of a gateway's cache cost nothing.
    """
    found = listed(call.model, call.seller)
    shown = inert(call.model)[:120] or "unnamed model"
    processing = processing_of(call.tier)
    if isinstance(found, str):
        return Priced(shown, processing, reason=found)
    from planner.catalog.price_sheet import price_sheet  # noqa: PLC0415 - loads the price package

    timeless = math.isnan(call.at_s)
    sheet = price_sheet(
        found, processing, _moment(call.at_s, today), whole_day=timeless or call.span_s > CLOCK_STEP_S
    )
    if isinstance(sheet, str):
        return Priced(found.name, processing, reason=sheet)
    if call.outcome in COSTS_NOTHING:
        return Priced(found.name, processing, 0.0, 0.0, 0.0, 0.0)
    length = max(
        call.prompt / max(call.count, 1.0),
        math.nextafter(call.prompt_above, math.inf) if call.prompt_above else 0.0,
    )
    return _priced(found.name, processing, sheet.bill(counted(call), prompt_tokens=length))


@lru_cache(maxsize=65_536)
def listed(model: str, seller: str) -> "Offer | str":
    """Return what the price list has for a name in a log, or in words why it has nothing."""
    if not model.strip():
        return NO_MODEL
    from planner.catalog.api_offers import NotListed, look_up  # noqa: PLC0415 - loads the price package

    found: Offer | NotListed = look_up(model, seller)
    return inert(f"{found.what} {found.hint}".strip()) if isinstance(found, NotListed) else found


def counted(call: Call) -> dict[str, float]:
    """Return the units that a call is billed for, by the price list's names; a unit that holds others counts them too."""
    return {
        "input_tokens": call.prompt,
        "cache_read_tokens": call.cache_read,
        "cache_write_tokens": call.cache_write_5m + call.cache_write_1h,
        "cache_write_1h_tokens": call.cache_write_1h,
        "output_tokens": call.output,
        "output_reasoning_tokens": call.reasoning,
        "input_audio_tokens": call.audio_in,
        "output_audio_tokens": call.audio_out,
        "input_image_tokens": call.image_in,
        "output_image_tokens": call.image_out,
        **call.meters,
        "requests": call.count,
    }


def price_steps(names: Iterable[tuple[str, str]]) -> list[int]:
    """Return the prompt lengths at which the price of one of the models (name, seller) changes, shortest first.

    Calls that are summed up before they are priced must not be summed across these.
    """
    from planner.catalog.price_sheet import steps  # noqa: PLC0415 - loads the price package

    found = [listed(*name) for name in names]
    return sorted({start for offer in found if not isinstance(offer, str) for start in steps(offer)})


def _moment(at_s: float, today: date) -> datetime:
    if math.isnan(at_s):
        return datetime.combine(today, time(12), tzinfo=UTC)
    return datetime.fromtimestamp(at_s // CLOCK_STEP_S * CLOCK_STEP_S, tz=UTC)


def _priced(name: str, processing: str, bill: "Bill") -> Priced:
    usd = {"input": 0.0, "cache": 0.0, "output": 0.0, "meters": 0.0}
    for unit, amount in bill.usd.items():
        usd[_line(unit)] += float(amount)
    return Priced(
        name,
        processing,
        usd["input"],
        usd["cache"],
        usd["output"],
        usd["meters"],
        unpriced=bill.unpriced,
        marks=bill.marks,
    )


def _line(unit: str) -> str:
    """Return the line of a bill that a unit stands on."""
    if unit.endswith("_tokens"):
        return "cache" if unit.startswith("cache_") else unit.partition("_")[0]
    return "meters"
