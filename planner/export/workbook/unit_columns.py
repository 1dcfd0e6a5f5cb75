"""Columns of provisioned units: their number, their cost, and the share of a month's load they carry."""

from collections.abc import Mapping

from planner.export.workbook.book import number, total
from planner.export.workbook.inputs import Inputs
from planner.export.workbook.requests import RequestCells
from planner.export.workbook.table import Table
from planner.model.joining import Joined
from planner.schema import ApiDeployment, step_text
from planner.units import HOURS_PER_MONTH, SECONDS_PER_MONTH

LEAST = "0.000000000001"


def add_beside_calls(table: Table, of: Inputs, joined: Joined, requests: Mapping[str, RequestCells]) -> None:
    """Write the costs of each API deployment besides calls: units, storage, unspent commitment."""
    for tier in joined.business.api_terms:
        deployment = joined.scenario.deployments[tier]
        assert isinstance(deployment, ApiDeployment)
        at, fee = (
            f"deployments.{step_text(tier)}",
            f"(1+{of[f'deployments.{step_text(tier)}.surcharge.bill_share']})",
        )
        held = total(
            f"{of[f'{at}.held.{step_text(what)}']}*{of[f'{at}.held_usd_per_hour.{step_text(what)}']}"
            for what in deployment.held
        )
        table.add(f"{tier}: held at the vendor", f"({held})*{number(HOURS_PER_MONTH)}*{fee}")
    for tier in joined.business.api_terms:
        deployment = joined.scenario.deployments[tier]
        assert isinstance(deployment, ApiDeployment)
        counted = (tier, *deployment.committed.also_counts)
        spent = [table.at(f"{each}: {what}") for each in counted for what in ("units", "held at the vendor")]
        spent += [
            table.at(f"{each}: calls of {name}")
            for each in counted
            for name, cells in requests.items()
            if each in cells.calls
        ]
        agreed = of[f"deployments.{step_text(tier)}.committed.usd_per_month"]
        missing = table.add(f"{tier}: committed, not spent", f"MAX({agreed}-({total(spent)}),0)")
        parts = [table.at(f"{tier}: {what}") for what in ("units", "held at the vendor")]
        table.add(f"{tier}: beside calls", total([*parts, missing]))


def add_units(table: Table, of: Inputs, joined: Joined, requests: Mapping[str, RequestCells]) -> None:
    """Write the columns of each called API deployment: `carried by units`, and `units` in USD per month."""
    for tier, terms in joined.business.api_terms.items():
        pools = range(len(terms.pools))
        users = {name: each for name, each in requests.items() if tier in each.calls}
        columns = [_pool(table, of, (tier, place), users) for place in pools]
        table.add(
            f"{tier}: carried by units", f"MIN({','.join(share for share, _ in columns)})" if columns else "0"
        )
        table.add(f"{tier}: units", total(usd for _, usd in columns) if columns else "0")


def _pool(
    table: Table, of: Inputs, pool: tuple[str, int], users: Mapping[str, RequestCells]
) -> tuple[str, str]:
    """Return the columns of one kind of units: the share of the load it carries, and its cost."""
    tier, place = pool
    key, name = f"units.{tier}.{place}", tier if place == 0 else f"{tier}, output"
    loads = {
        user: f"{table.at(f'Requests: {user}')}*{each.calls[tier]}*{each.unit_loads[pool]}/{number(SECONDS_PER_MONTH)}"
        for user, each in users.items()
    }
    peaks = (f"{load}*{of[f'workloads.{step_text(user)}.peak_to_mean']}" for user, load in loads.items())
    mean = table.add(f"{name}: taken a second", f"MAX({total(loads.values())},{LEAST})")
    peak = table.add(f"{name}: taken a second at the peak", f"MAX({total(peaks)},{LEAST})")
    at = f"deployments.{step_text(tier)}.provisioned"
    stated = of[f"{at}.units" if place == 0 else f"{at}.output_units"]
    by_peak = f"{peak}*{of[f'{at}.peak_share']}/{of[f'{key}.capacity_per_s']}"
    wanted = table.add(f"{name}: units wanted", f"IF({stated}>0,{stated},IF({peak}>{LEAST},{by_peak},0))")
    least, step = of[f"{key}.least"], of[f"{key}.step"]
    sold = f"ROUNDUP(MAX(MAX({wanted},{least})/{step}-0.000000001,0),0)*{step}"
    units = table.add(f"{name}: units there", f"IF({wanted}>0,{sold},0)")
    share = table.add(f"{name}: share carried", _carried(table, of, key, name, (units, mean, peak)))
    reserved = f"IF({of[f'{key}.reserved']}>=1E+12,{units},{of[f'{key}.reserved']})"
    beyond = f"MAX({units}-{reserved},0)*{of[f'{key}.usd_per_other_month']}"
    usd = table.add(f"{name}: cost of units", f"{reserved}*{of[f'{key}.usd_per_reserved_month']}+{beyond}")
    return share, usd


def _carried(table: Table, of: Inputs, key: str, name: str, load: tuple[str, str, str]) -> str:
    units, mean, peak = load
    covered = table.add(
        f"{name}: units over the peak", f"MIN({units}*{of[f'{key}.capacity_per_s']}/{peak},1)"
    )
    ratio = table.add(f"{name}: peak over mean", f"1+MAX({peak}/{mean}-1,0)")
    calmer = table.add(
        f"{name}: hours within units", f"EXP(LN(MAX({covered},1E-300))/MAX({ratio}-1,0.000000001))"
    )
    closed = f"MAX(1-{of[f'{key}.open_share']},0)"
    full = f"MAX({calmer},{closed})"
    part = f"{full}^{ratio}-{closed}^{ratio}+{covered}*{ratio}*(1-{full})"
    return f"IF({closed}>0,{part},{covered}*(1+({ratio}-1)*(1-{calmer})))"
