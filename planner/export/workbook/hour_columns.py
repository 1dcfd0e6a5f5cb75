"""Month columns for fleets whose load is known by hour: one per kind of hour of the week."""

from collections.abc import Callable, Mapping, Sequence

from planner.export.workbook.book import number, total
from planner.export.workbook.inputs import Inputs, over_mean_key, share_key
from planner.export.workbook.table import Table
from planner.model.week_hours import WeekHours


def busy(
    table: Table, of: Inputs, tier: str, week: WeekHours, loads: Mapping[str, str]
) -> tuple[list[str], str]:
    """Return the busy places in each kind of hour and in the busiest; `loads` are mean loads by workload."""
    means = [
        table.add(f"{tier}: places busy, load {place + 1}", total(loads[name] for name in each.names))
        for place, each in enumerate(week.known)
    ]
    hours = [
        table.add(
            f"{tier}: places busy in hours {kind + 1}",
            total(f"{mean}*{of[over_mean_key(tier, kind, place)]}" for place, mean in enumerate(means)),
        )
        for kind in range(len(week.shares))
    ]
    return hours, table.add(f"{tier}: places busy at the peak", f"MAX({','.join(hours)})")


def beyond_reserved(
    table: Table, of: Inputs, tier: str, week: WeekHours, hours: Sequence[str], *,
    gpus_at: Callable[[str], str], reserved: str, start_s: str,
) -> str:  # fmt: skip
    """Return the mean GPUs beyond the reserved ones over the hours, including those starting for the next hour."""
    each = [
        table.add(
            f"{tier}: GPUs beyond the reserved in hours {kind + 1}", f"MAX({gpus_at(load)}-{reserved},0)"
        )
        for kind, load in enumerate(hours)
    ]
    mean = total(f"{gpus}*{of[share_key(tier, kind)]}" for kind, gpus in enumerate(each))
    rises = total(
        f"{number(often)}*MAX({each[after]}-{each[here]},0)"
        for (here, after), often in week.steps.items()
        if here != after
    )
    return table.add(f"{tier}: GPUs beyond the reserved", f"{mean}+{start_s}/3600*({rises})")
