"""The hourly cost of a GPU: rented, reserved or owned."""

from planner.schema import Number
from planner.units import HOURS_PER_MONTH, MONTHS_PER_YEAR, SECONDS_PER_HOUR


def owned_capex_usd(*, gpu_usd: Number, network_share: Number) -> Number:
    """Return the purchase price of one GPU, including its share of server, network and spares."""
    return gpu_usd * (1.0 + network_share)


def depreciation_usd_per_month(*, capex_usd: Number, residual_share: Number, life_years: Number) -> Number:
    """Return the straight-line depreciation of one GPU."""
    return capex_usd * (1.0 - residual_share) / (life_years * MONTHS_PER_YEAR)


def power_usd_per_month(*, kw_per_gpu: Number, site_power_ratio: Number, usd_per_kwh: Number) -> Number:
    """Return the power cost of one owned GPU that is always on, including the cooling of its site.

    >>> round(power_usd_per_month(kw_per_gpu=1.0, site_power_ratio=1.3, usd_per_kwh=0.1), 6)
    94.9
    """
    return kw_per_gpu * site_power_ratio * HOURS_PER_MONTH * usd_per_kwh


def rented_usd_per_month(
    *,
    beyond_reserved: Number,
    reserved_gpus: Number,
    usd_per_gpu_hour: Number,
    reserved_usd_per_gpu_hour: Number,
) -> Number:
    """Return the rent of a fleet: reserved GPUs whether used or not, the mean number beyond them by the hour."""
    return HOURS_PER_MONTH * (reserved_gpus * reserved_usd_per_gpu_hour + beyond_reserved * usd_per_gpu_hour)


def up_share(*, per_hour: Number, lost_s: Number) -> Number:
    """Return the availability of a rented replica that is interrupted `per_hour` times per hour of work.

    Each interruption loses `lost_s`: interrupted work is redone, and a new replica starts, which is paid for. That is
    `1 / (1 + rate x lost time)`; to have N at work, N over this share are rented. Left out: many interruptions at once.

    Source: availability in the long run, mean time between failures over that and the mean time to repair; Barlow and
    Proschan, Mathematical Theory of Reliability, 1965.

    >>> float(up_share(per_hour=0.1, lost_s=3600.0))
    0.9090909090909091
    """
    return 1.0 / (1.0 + per_hour * lost_s / SECONDS_PER_HOUR)
