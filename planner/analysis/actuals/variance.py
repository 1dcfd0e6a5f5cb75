"""Why a month differs from plan: volume, price, mix, quality and rest. The parts sum to the difference.

Equations, for products with planned quantity Qb and price Pb, and actual ones Qa and Pa:
price = sum (Pa - Pb) Qa; volume = sum (sum Qa - sum Qb) (Qb / sum Qb) Pb; mix = sum (Qa - sum Qa Qb / sum Qb) Pb.
Their sum is sum Pa Qa - sum Pb Qb, exactly.
Source: price-volume-mix analysis of management accounting, as in freemathhelp.com, thread on price, volume and mix variance
with two products (4.0, 20.4, -0.4 of 24.0), read 2026-11-28; also CPA exam notes, cpaexamsmastery.com.

A month's products are the requests of all its workloads, and its customers for flat fees. Quality is taken out
of price: the effect of requests succeeding more or less often than planned, at the plan's prices. Lines without a
quantity, or without a measured one, are the rest.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from planner.analysis.actuals.planned import is_cost
from planner.model.company.month_lines import PlannedMonths
from planner.records import dataclass
from planner.schema import Array

CUSTOMERS = "customers"


@dataclass(frozen=True)
class Effects:
    """The effects behind a difference in USD, for one line or all together."""

    volume: float = 0.0
    price: float = 0.0
    mix: float = 0.0
    quality: float = 0.0
    rest: float = 0.0

    @property
    def total(self) -> float:
        """The difference that the effects explain."""
        return self.volume + self.price + self.mix + self.quality + self.rest

    def plus(self, other: "Effects", *, times: float = 1.0) -> "Effects":
        """Return the sum of both, with the other one multiplied by a factor."""
        return Effects(
            self.volume + times * other.volume, self.price + times * other.price, self.mix + times * other.mix,
            self.quality + times * other.quality, self.rest + times * other.rest,
        )  # fmt: skip


def price_volume_mix(
    planned_quantity: Array, planned_price: Array, actual_quantity: Array, actual_price: Array
) -> dict[str, Array]:
    """Return the price, volume and mix effect of each product, shape (products,); see the equations above.

    >>> found = price_volume_mix(np.array([50.0, 40.0]), np.array([1.2, 0.8]), np.array([60.0, 50.0]), np.array([1.1, 1.0]))
    >>> {name: round(float(each.sum()), 4) for name, each in found.items()}
    {'price': 4.0, 'volume': 20.4444, 'mix': -0.4444}
    """
    growth = _growth(planned_quantity, actual_quantity)
    volume, mix = _volume_and_mix(planned_quantity, planned_price, actual_quantity, growth)
    return {"price": (actual_price - planned_price) * actual_quantity, "volume": volume, "mix": mix}


def _growth(planned_quantity: Array, actual_quantity: Array) -> float:
    """Return total quantity over planned; 1 if none was planned, so that everything is mix."""
    whole = float(planned_quantity.sum())
    return float(actual_quantity.sum()) / whole if whole > 0 else 1.0


def _volume_and_mix(
    planned_quantity: Array, planned_price: Array, actual_quantity: Array, growth: float
) -> tuple[Array, Array]:
    """Return both effects of each product, given the growth of all products together."""
    volume = planned_quantity * (growth - 1.0) * planned_price
    mix = (actual_quantity - planned_quantity * growth) * planned_price
    return volume, mix


@dataclass(frozen=True)
class PlannedMonth:
    """One month of one plan, with numbers instead of arrays; the fields are those of `PlannedMonths`."""

    lines: Mapping[str, float]
    seats_usd: float
    use_usd: Mapping[str, float]
    cost_usd: Mapping[tuple[str, str], float]
    lost_usd: Mapping[tuple[str, str], float]


def month_of(plan: PlannedMonths, place: int) -> PlannedMonth:
    """Return one month of a plan, counted from 0."""

    def at(value: Array) -> float:
        return float(np.ravel(value[..., place])[0])

    return PlannedMonth(
        lines={name: at(each) for name, each in plan.lines.items()},
        seats_usd=at(plan.seats_usd),
        use_usd={name: at(each) for name, each in plan.use_usd.items()},
        cost_usd={name: at(each) for name, each in plan.cost_usd.items()},
        lost_usd={name: at(each) for name, each in plan.lost_usd.items()},
    )


def effects(plan: PlannedMonth, actual: Mapping[str, float]) -> dict[str, Effects]:
    """Return why each money line in `actual` differs from plan, in USD. Lines that the plan lacks are rest."""
    found = {}
    for line, usd in actual.items():
        if line == "revenue_usd" or is_cost(line):
            found[line] = _of_line(plan, actual, line, usd - plan.lines.get(line, 0.0))
    return found


def of_net_burn(by_line: Mapping[str, Effects]) -> Effects:
    """Return why net burn (costs minus revenue) differs, in USD; above 0 burns more."""
    total = Effects()
    for line, each in by_line.items():
        total = total.plus(each, times=-1.0 if line == "revenue_usd" else 1.0)
    return total


def _of_line(plan: PlannedMonth, actual: Mapping[str, float], line: str, difference: float) -> Effects:
    """Return the effects on one line: those of its quantities, and price as the remainder."""
    of_use = plan.use_usd if line == "revenue_usd" else _cost_of(plan, line)
    use = {name: usd for name, usd in of_use.items() if usd}
    seats = plan.seats_usd if line == "revenue_usd" else 0.0
    needed = [f"requests.{name}" for name in use] + ([CUSTOMERS] if seats else [])
    if not needed or any(name not in actual or plan.lines[name] <= 0 for name in needed):
        return Effects(rest=difference)
    volume, mix = 0.0, 0.0
    if use:
        volume, mix = _of_requests(plan, actual, use)
    if seats:
        volume += seats * (actual[CUSTOMERS] / plan.lines[CUSTOMERS] - 1.0)
    quality = _quality(plan, actual, line, list(use))
    return Effects(volume, difference - volume - mix - quality, mix, quality)


def _cost_of(plan: PlannedMonth, line: str) -> dict[str, float]:
    return {name: usd for (of, name), usd in plan.cost_usd.items() if of == line}


def _of_requests(
    plan: PlannedMonth, actual: Mapping[str, float], use: Mapping[str, float]
) -> tuple[float, float]:
    """Return volume and mix effects of an amount that scales with some workloads' requests, among all measured."""
    measured = [name for name in plan.lines if name.startswith("requests.") and name in actual]
    growth = _growth(*(np.array([of[name] for name in measured]) for of in (plan.lines, actual)))
    before = np.array([plan.lines[f"requests.{name}"] for name in use])
    now = np.array([actual[f"requests.{name}"] for name in use])
    volume, mix = _volume_and_mix(before, np.array([*use.values()]) / before, now, growth)
    return float(volume.sum()), float(mix.sum())


def _quality(plan: PlannedMonth, actual: Mapping[str, float], line: str, names: Sequence[str]) -> float:
    """Return the effect of measured success on a line: revenue earned, or cost saved."""
    total = 0.0
    for name in names:
        success, each = f"success_share.{name}", plan.lost_usd.get((line, name), 0.0)
        if success in actual and each:
            gained = (actual[success] - plan.lines[success]) * actual[f"requests.{name}"] * each
            total += gained if line == "revenue_usd" else -gained
    return total
