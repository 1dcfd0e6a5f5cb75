"""The state that one epoch hands to the next: customers, and usage and prices relative to month 1."""

from collections.abc import Mapping
from dataclasses import field

from planner.model.company.segments import Begun
from planner.records import dataclass
from planner.schema import Number


@dataclass(frozen=True)
class Carried:
    """The state at the start of an epoch. `month` counts from 0; `customers` None means those stated in the plan."""

    month: int = 0
    customers: Number | None = None
    usage: Number = 1.0
    api_price: Number = 1.0
    rent: Number = 1.0
    seat_price: Number = 1.0
    segments: Mapping[str, Begun] = field(default_factory=dict)
