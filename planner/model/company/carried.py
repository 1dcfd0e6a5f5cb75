"""What one epoch of a plan hands to the next: customers as they are then, and usage and prices over those of month 1."""

from collections.abc import Mapping
from dataclasses import field

from planner.model.company.segments import Begun
from planner.records import dataclass
from planner.schema import Number


@dataclass(frozen=True)
class Carried:
    """Where an epoch begins. `month` counts from 0; `customers` None stands for those that the scenario states."""

    month: int = 0
    customers: Number | None = None
    usage: Number = 1.0
    api_price: Number = 1.0
    rent: Number = 1.0
    seat_price: Number = 1.0
    segments: Mapping[str, Begun] = field(default_factory=dict)
