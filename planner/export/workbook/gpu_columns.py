"""Month columns for GPUs: those that follow the load by hour, and owned ones."""

from collections.abc import Callable

from planner.export.workbook.book import number, total
from planner.export.workbook.inputs import Inputs
from planner.export.workbook.table import Table
from planner.schema import step_text
from planner.units import HOURS_PER_MONTH, MONTHS_PER_YEAR

HOURS = 24


def following(
    table: Table,
    tier: str,
    gpus_at: Callable[[str], str],
    *,
    mean: str,
    peak: str,
    reserved: str,
    start_s: str,
) -> str:
    """Return the mean of the GPUs beyond the reserved over the hours: see `planner.model.fleet.hours`."""
    safe = f"IF({mean}>0,{mean},1)"
    steep = table.add(f"{tier}: rise of the load over the hours", f"IF({mean}>0,MAX({peak}/{safe}-1,0),0)")
    middles = [f"{hour}.5/{HOURS}" for hour in range(HOURS)]
    shape = total(f"EXP(LN({middle})*{steep})" for middle in middles)
    scale = table.add(f"{tier}: scale of the hours", f"{mean}/MAX(({shape})/{HOURS},1E-300)")
    hours = [gpus_at(f"MIN(EXP(LN({middle})*{steep})*{scale},{peak})") for middle in middles]
    beyond = [f"MAX({here}-{reserved},0)" for here in hours]
    rise = table.add(f"{tier}: GPUs that start each day", f"{beyond[-1]}-{beyond[0]}")
    over = f"({total(beyond)})/{HOURS}+{start_s}/3600*{rise}/{HOURS}"
    return table.add(f"{tier}: GPUs beyond the reserved", over)


def owned(table: Table, of: Inputs, tier: str, gpus: str) -> tuple[str, str, str]:
    """Return the month's cost of owned GPUs, its depreciation part, and purchases minus sales."""
    at, month, first = f"deployments.{step_text(tier)}.owned", table.at("Month"), 2
    capex = f"{of[f'{at}.gpu_usd']}*(1+{of[f'{at}.network_share']})"
    life = f"({of[f'{at}.life_years']}*{number(MONTHS_PER_YEAR)})"
    whole_life = f"ROUNDUP({life}-0.000000001,0)"
    loss = f"{capex}*(1-{of[f'{at}.residual_share']})/{life}"
    power = f"{of[f'{at}.kw_per_gpu']}*{of[f'{at}.site_power_ratio']}*{number(HOURS_PER_MONTH)}"
    housing = f"{of[f'{at}.kw_per_gpu']}*{of[f'{at}.colocation_usd_per_kw_month']}"
    bought, sold, there = (f"{tier}: GPUs {what}" for what in ("bought", "sold", "owned"))

    def bought_before(months: str, last_row: str) -> str:
        span = f"{table.at(bought, str(first))}:{table.at(bought, last_row)}"
        return f"IF({month}-{months}>=1,INDEX({span},{month}-{months}),0)"

    left = f"({table.at(there, '{before}')}-{table.at(sold)})"
    table.add(sold, bought_before(whole_life, "{before}"), "0")
    table.add(bought, f"MAX({gpus}-{left},0)", gpus)
    table.add(there, f"{left}+{table.at(bought)}", gpus)
    ending = bought_before(f"({whole_life}-1)", "{row}")
    bearing = f"({table.at(there)}-({whole_life}-{life})*{ending})"
    depreciation = table.add(f"{tier}: depreciation", f"{bearing}*{loss}")
    running = f"{gpus}*{power}*{of[f'{at}.usd_per_kwh']}+{table.at(there)}*{housing}"
    usd = table.add(f"{tier}: cost of owning", f"{depreciation}+{running}")
    resold = f"{table.at(sold)}*{of[f'{at}.residual_share']}"
    return usd, depreciation, table.add(f"{tier}: purchases", f"({table.at(bought)}-{resold})*{capex}")
